"""How many processes of a function start at a time, one, and their variables.

MiniStack starts a process for every request that finds none free. On AWS that costs the others nothing; here they share two
or four cores, so that a pause of a tenth of a second under load makes a dozen starts, which make the next pause longer,
until nothing answers any more. A request that finds no free process therefore waits for whichever comes first: one that is
done, or one that starts, of which there is one at a time. Where processes hang, also in their start, every request still
gets its own, one start after another.

A start itself takes half a second of a processor. On a machine that has none to spare it takes longer, and more processes
make nothing faster: they take from those that answer. After such a start there is a pause before the next one.
"""

import contextvars
import json
import os
import threading
import time

from ministack.core import lambda_runtime

# Seconds that a start takes on a machine that has a processor for it. The pause is PAUSE times the excess: starts then
# take about a quarter of a busy machine's time.
QUICK_START = 1.0
PAUSE = 3
LONGEST_PAUSE = 30
# Seconds after which a start is no longer waited for. Lambda ends an initialization after 10 s; a busy machine takes longer.
START_LIMIT = 20

acquire_worker, release_worker = lambda_runtime.acquire_worker, lambda_runtime.release_worker
starting = {}  # by key, when the process of a function that is starting began to, in time.monotonic's seconds
resting = {}  # by key, until when no further process of a function starts, in time.monotonic's seconds
changed = threading.Condition()  # guards starting and resting; notified of a start that ended and of a process that is free

# By region, what functions find in their environment. Taken out here: functions inherit this process's own.
regional = json.loads(os.environ.pop("FUNCTION_VARIABLES"))


def with_regional_variables(config):
    """Adds its region's variables to those of a function, which come first."""
    _, region = lambda_runtime._account_region_from_function_config(config)
    environment = config.get("Environment") or {}
    variables = regional.get(region, {}) | environment.get("Variables", {})
    return config | {"Environment": environment | {"Variables": variables}}


def acquire(name, config, code, qualifier="$LATEST", max_concurrency=None):
    """Leases a process of a function, which has started."""
    config = with_regional_variables(config)
    key = lambda_runtime._worker_key(name, config, qualifier)
    with changed:
        while True:
            wait = pause(key)
            if wait > 0 and waits(key):
                changed.wait(wait)
                continue
            worker, how = acquire_worker(name, config, code, qualifier=qualifier, max_concurrency=max_concurrency)
            if how != "spawn":
                return worker, how
            starting[key] = began = time.monotonic()
            threading.Thread(target=contextvars.copy_context().run, args=(start, key, worker, began), daemon=True).start()


def pause(key):
    """Returns for how many seconds no further process of a function starts, unless something changes; 0 or less: none."""
    until = starting[key] + START_LIMIT if key in starting else resting.get(key, 0)
    return until - time.monotonic()


def start(key, worker, began):
    """Starts a leased process and gives it to whoever waits."""
    try:
        lambda_runtime.ensure_spawned(worker)
    except Exception:  # noqa: BLE001
        pass  # The invocation starts it once more, and tells why it cannot.
    finally:
        took = time.monotonic() - began
        with changed:
            if starting.get(key) == began:  # none began after START_LIMIT
                del starting[key]
            resting[key] = time.monotonic() + min(LONGEST_PAUSE, PAUSE * max(0, took - QUICK_START))
            release_worker(worker)  # before a request can see that nothing starts any more
            changed.notify_all()


def waits(key):
    """Whether a function has processes, all of which are busy."""
    with lambda_runtime._lock:
        workers = lambda_runtime._workers.get(key, [])
        return bool(workers) and all(worker.in_use for worker in workers)


def end():
    """Ends all processes of functions. One that hangs in its start does not see that its input has ended."""
    with lambda_runtime._lock:
        workers = [worker for of in lambda_runtime._workers.values() for worker in of]
    lambda_runtime.kill_workers(workers)


def release(worker):
    release_worker(worker)
    with changed:
        changed.notify_all()
