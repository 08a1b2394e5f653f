"""How many executions at once Lambda grants an account in a region, what it does about more, and what it counts of them.

AWS Lambda Developer Guide, "Lambda quotas": the executions at once of all functions of a region. Asynchronous invocations wait
until there is one for them. That page has a rate of synchronous requests as well, ten a second for each execution, which is
not kept here.
"""

import collections
import contextvars
import json
import logging
import threading
import time

from ministack import app
from ministack.core import responses
from ministack.services import cloudwatch, eventbridge, lambda_svc

import regions

log = logging.getLogger("concurrency")

GRANTED = 1000
GRANTED_TO_NEW_ACCOUNTS = 10

# Seconds. AWS Lambda Developer Guide, "How Lambda handles errors and retries with asynchronous invocation": an event that there
# is no execution for is tried again after a second, and then after longer, up to five minutes, for six hours or as long as the
# function's MaximumEventAgeInSeconds says.
FIRST_PAUSE, LONGEST_PAUSE, LONGEST_AGE = 1, 300, 21600

# Seconds between two publications of a region's metrics. Lambda publishes each minute; a part of one has its data there
# when an alarm is evaluated.
PUBLISH_EVERY = 15

asynchronous = contextvars.ContextVar("asynchronous", default=False)  # whether the invocation waits for an execution
expired = contextvars.ContextVar("expired", default=None)  # the result of an event that has waited for too long
uncounted = contextvars.ContextVar("uncounted", default=False)  # whether MiniStack leaves the invocation out of its metrics


class Scope:
    """The executions of an account in a region."""

    def __init__(self):
        self.running = self.peak = 0


scopes = collections.defaultdict(Scope)  # by account and region
lock = threading.Lock()


def granted_in(region):
    return GRANTED_TO_NEW_ACCOUNTS if regions.suffers(region, "few-executions") else GRANTED


acquire_slot, release_slot = lambda_svc._acquire_execution_slot, lambda_svc._release_execution_slot


def acquire(func, config):
    """Takes an execution, or says that there is none left. MiniStack's own limits, for the sake of this machine, come after."""
    of = lambda_svc._account_region_from_function_config(config)
    with lock:
        scope = scopes[of]
        if scope.running >= granted_in(of[1]):
            return None, "account"
        scope.running += 1
        scope.peak = max(scope.peak, scope.running)
    slot, limit = acquire_slot(func, config)
    if slot is None:
        give_back(of)
        return None, limit
    return (slot, of), None


def give_back(of):
    with lock:
        scopes[of].running -= 1


def release(taken):
    if taken is None:
        return
    slot, of = taken
    release_slot(slot)
    give_back(of)


def execute(func, event):
    """Runs a function. An asynchronous invocation that there is no execution for waits, as long as its event may."""
    if expired.get() is not None:
        return expired.get()
    pause, began = FIRST_PAUSE, time.monotonic()
    started, result = began, regions.execute(func, event)
    name = (func.get("config") or func).get("FunctionName")
    while asynchronous.get() and result.get("throttle"):
        if time.monotonic() - began + pause > age_limit(func):
            log.warning("function %s: an event waited for an execution for as long as it may", name)
            expired.set(result | {"error": True})
            return expired.get()
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)
        started, result = time.monotonic(), regions.execute(func, event)
    if uncounted.get() and not regions.lost(responses.get_region()):
        milliseconds = (time.monotonic() - started) * 1000
        lambda_svc._emit_lambda_metrics(name, milliseconds, error=bool(result.get("error")), throttle=False)
    return result


def age_limit(func):
    configured = func.get("event_invoke_config") or (func.get("event_invoke_configs") or {}).get("$LATEST") or {}
    return configured.get("MaximumEventAgeInSeconds") or LONGEST_AGE


invoke_async = lambda_svc.invoke_async_with_retry


def invoke(func, event):
    """Invokes a function asynchronously, in a context of its own."""
    contextvars.copy_context().run(lambda: (asynchronous.set(True), invoke_async(func, event)))


def invoke_target(arn, payload):
    """Invokes the function of a rule or a schedule, asynchronously.

    Amazon EventBridge User Guide, "Event bus targets"; EventBridge Scheduler User Guide, "Using templated targets", Lambda.
    """
    try:
        event = json.loads(payload)
    except (ValueError, TypeError):
        event = {"body": payload}
    func, config, name = lambda_svc._get_func_record_for_ref(arn)
    if not func or not config:
        log.warning("target %s: there is no function %s", arn, name)
        return
    record = lambda_svc._execution_record_for_config(func, config)
    threading.Thread(target=run_asynchronously, args=(record, event), daemon=True).start()


def run_asynchronously(record, event):
    asynchronous.set(True)
    uncounted.set(True)
    lambda_svc._execute_function_with_config_scope(record, event)


def publish():
    """Publishes the most executions that were in use at once, of each region in which there were some.

    AWS Lambda Developer Guide, "Types of metrics for Lambda functions", concurrency metrics. None are reserved or provisioned,
    so that what is claimed is what is in use.
    """
    with lock:
        peaks = {of: scope.peak for of, scope in scopes.items() if scope.peak}
        for scope in scopes.values():
            scope.peak = scope.running
    for (account, region), peak in peaks.items():
        if regions.lost(region):
            continue
        responses.set_request_account_id(account)
        responses.set_request_region(region)
        for name in ("ConcurrentExecutions", "ClaimedAccountConcurrency", "UnreservedConcurrentExecutions"):
            cloudwatch.record_metric("AWS/Lambda", name, peak, "Count")


def keep_publishing():
    while True:
        time.sleep(PUBLISH_EVERY)
        if app._MAIN_LOOP:
            app._MAIN_LOOP.call_soon_threadsafe(publish, context=contextvars.copy_context())


def install():
    """Puts these in the place of MiniStack's own."""
    lambda_svc._acquire_execution_slot, lambda_svc._release_execution_slot = acquire, release
    lambda_svc._execute_function = execute
    lambda_svc.invoke_async_with_retry = invoke
    eventbridge._dispatch_to_lambda = invoke_target
    threading.Thread(target=keep_publishing, daemon=True).start()
