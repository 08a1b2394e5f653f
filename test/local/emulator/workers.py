"""How many processes of a function start at a time, one, and their variables.

MiniStack starts a process for every request that finds none free. On AWS that costs the others nothing; here they share two
or four cores, so that a pause of a tenth of a second under load makes a dozen starts, which make the next pause longer,
until nothing answers any more. A request that finds no free process therefore waits for whichever comes first: one that is
done, or one that starts, of which there is one at a time. Where processes hang, every request still gets its own, one
start after another.
"""

import contextvars
import json
import os
import threading

from ministack.core import lambda_runtime

acquire_worker, release_worker = lambda_runtime.acquire_worker, lambda_runtime.release_worker
starting = set()  # the keys of functions of which a process is starting
changed = threading.Condition()  # guards starting; told of a start that ended and of a process that is free
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
            if key in starting and not free(key):
                changed.wait()
                continue
            worker, how = acquire_worker(name, config, code, qualifier=qualifier, max_concurrency=max_concurrency)
            if how != "spawn":
                return worker, how
            starting.add(key)
            threading.Thread(target=contextvars.copy_context().run, args=(start, key, worker), daemon=True).start()


def start(key, worker):
    """Starts a leased process and gives it to whoever waits."""
    try:
        lambda_runtime.ensure_spawned(worker)
    except Exception:  # noqa: BLE001
        pass  # The invocation starts it once more, and tells why it cannot.
    finally:
        with changed:
            starting.discard(key)
        release(worker)


def free(key):
    with lambda_runtime._lock:
        return any(not worker.in_use for worker in lambda_runtime._workers.get(key, []))


def release(worker):
    release_worker(worker)
    with changed:
        changed.notify_all()
