"""What happens between regions, and in those that are lost: events that a rule forwards, and functions."""

import collections
import contextvars
import json
import logging
import os
import time

from ministack import app
from ministack.core import responses
from ministack.core.arn import ArnParseError, parse_arn
from ministack.services import eventbridge, lambda_svc, sqs

from files import STATE, content, read_json

log = logging.getLogger("regions")


def suffers(region, *kinds):
    """Says whether a region has a fault of one of these kinds."""
    return any(fault["region"] == region and fault["kind"] in kinds for fault in read_json(os.environ["FAULTS"]) or [])


def lost(region):
    """Says whether a region is unreachable."""
    return suffers(region, "unreachable")


def apart(region):
    """Says whether nothing passes between a region and the others: it is unreachable, split from them, or isolated."""
    return suffers(region, "unreachable", "split", "isolated")


execute_function = lambda_svc._execute_function


def execute(func, event):
    """Runs a function, unless its region is lost: there it may run, on AWS, and neither reaches nor answers anything."""
    _, function_region = lambda_svc._account_region_from_function_config(func.get("config") or func)
    if lost(function_region):
        return {
            "body": {"errorMessage": f"{function_region} is unreachable", "errorType": "Sandbox.Timedout"},
            "error": True,
            "log": "",
        }
    return execute_function(func, event)


RELAYED = "_WarmstandbyRelayed"  # marks an event that came from another region's bus
invoke_target = eventbridge._invoke_target


def forward(target, event, rule, view=None):
    """Delivers an event to a rule's target, also when that is the event bus of another region.

    The bus there gets the event as it is, the region of its origin included, so that a rule there can tell it from one of
    its own region. EventBridge User Guide, "Sending and receiving events between AWS Regions". Input and InputPath do not
    apply to such targets (API Reference, PutTargets). What came from another region goes to no further bus (User Guide,
    "Sending events between event buses in the same account and Region", note).
    """
    try:
        bus = parse_arn(target.get("Arn", ""))
    except ArnParseError:
        return invoke_target(target, event, rule, view)
    here = responses.get_region()
    if bus.service != "events" or not bus.resource.startswith("event-bus/") or not (event.get(RELAYED) or bus.region != here):
        return invoke_target(target, event, rule, view)
    if event.get(RELAYED):
        return dead_letter(target, event, rule, "THIRD_REGION_HOP_DETECTED", "The event came from another Region's event bus.")
    if bus.account_id != responses.get_account_id():
        return dead_letter(target, event, rule, "NO_PERMISSIONS", f"{bus} belongs to another account.")
    name = bus.resource.split("/", 1)[1]
    forwarded = {key: value for key, value in event.items() if key != "_DispatchPath"} | {"EventBusName": name, RELAYED: True}
    return deliver(
        {
            "region": here,
            "account": bus.account_id,
            "since": time.time(),
            "target": target,
            "event": forwarded,
            "rule": {"Arn": rule["Arn"]},
        }
    )


WAITING = "waiting-events.json"
RETRY_PAUSE = 1  # seconds; EventBridge waits longer from time to time, up to minutes
waiting = collections.deque(json.loads(content(os.path.join(STATE, WAITING)) or "[]"))


def deliver(delivery):
    """Puts an event on another region's bus, now or, when either region is lost, once it is back.

    EventBridge User Guide, "How EventBridge retries delivering events": for 24 hours unless the target's RetryPolicy says
    less; then the event is a dead letter.
    """
    target, event, rule, here = (delivery[key] for key in ("target", "event", "rule", "region"))
    bus = parse_arn(target["Arn"])
    if apart(here) or apart(bus.region):
        policy = target.get("RetryPolicy", {})
        patience = policy.get("MaximumEventAgeInSeconds", 86400) if policy.get("MaximumRetryAttempts", 185) else 0
        if time.time() - delivery["since"] < patience:
            waiting.append(delivery)
        else:
            dead_letter(target, event, rule, "CROSS_REGION_INGESTION_FAILED", f"{bus.region} cannot be reached from {here}.")
        return
    responses.set_request_region(bus.region)
    try:
        eventbridge._ensure_default_bus()
        known = event["EventBusName"] in eventbridge._event_buses
        if known:
            eventbridge._dispatch_event(event)
            eventbridge._archive_event(event)
    finally:
        responses.set_request_region(here)
    if not known:
        dead_letter(target, event, rule, "NO_RESOURCE", f"{bus} does not exist.")


def retry():
    for _ in range(len(waiting)):
        delivery = waiting.popleft()
        responses.set_request_account_id(delivery["account"])
        responses.set_request_region(delivery["region"])
        deliver(delivery)


def keep_retrying():
    while True:
        time.sleep(RETRY_PAUSE)
        if waiting and app._MAIN_LOOP:
            app._MAIN_LOOP.call_soon_threadsafe(retry, context=contextvars.copy_context())


def dead_letter(target, event, rule, code, message):
    """Puts an event that cannot be delivered in the target's dead-letter queue, with the attributes of EventBridge's.

    EventBridge User Guide, "Using dead-letter queues to process undelivered events". These errors are not retried.
    """
    arn = target.get("DeadLetterConfig", {}).get("Arn", "")
    queue = sqs._queue_by_arn(arn)
    if not queue:
        log.warning("rule %s: %s %s; the event is lost: %s", rule["Arn"], code, message, arn or "no dead-letter queue")
        return
    attributes = {"RULE_ARN": rule["Arn"], "TARGET_ARN": target["Arn"], "ERROR_CODE": code, "ERROR_MESSAGE": message}
    sqs._act_send_message(
        {
            "QueueUrl": queue["url"],
            "MessageBody": json.dumps(eventbridge._pattern_event_view(event).event_with_detail()),
            "MessageAttributes": {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()},
        },
        queue["url"],
    )
