"""Log lines, data of metrics and archived events, which grow with every request: what is kept of them, and when they are saved.

MiniStack keeps all lines and two weeks of data, and goes through all data in every call of CloudWatch. After half an hour of
ten requests a second it would answer after half a second, and write 50 MB to save a queue; the archives' events come to 9 MB by
then, and are all kept: they are there to be replayed.
"""

import hashlib
import json
import os
import time

from ministack.core import persistence, responses
from ministack.services import cloudwatch, cloudwatch_logs, eventbridge

from files import STATE, content

# Streams that a log group keeps, its newest: MiniStack gives each invocation of a function a stream of its own.
KEPT_STREAMS = 2000
# Lines that a log stream keeps, its newest. The application's audit log has a line for each request, in a stream for each
# instance of the function, which lives for hours.
KEPT_LINES = 20000
# Data that a metric keeps, its newest: a request a second for five hours.
KEPT_DATA = 20000
# Seconds for which lines, data and archived events need not be saved while no resource of their services is new.
SAVE_EVERY = 30

MODULES = {"cloudwatch": cloudwatch, "cloudwatch_logs": cloudwatch_logs, "eventbridge": eventbridge}
# Stores that have nothing but telemetry, and what else of a store's values is none of the resource's own.
TELEMETRY = {"_metrics", "_alarm_history", "_composite_triggers", "_log_records", "_queries", "_events_log"}
PARTS = {
    "_alarms": lambda name: name.startswith("State"),
    "_composite_alarms": lambda name: name.startswith("State"),
    "_log_groups": lambda name: name == "streams",
    "_archives": lambda name: name in ("Events", "EventCount"),
}

cloudwatch._evict_old_metrics = lambda: None  # trim does it


def trim():
    """Forgets the oldest data of metrics, streams and lines of log groups. It is part of each save: keep it quick."""
    oldest = time.time() - cloudwatch.TWO_WEEKS_SECONDS
    for metric, data in cloudwatch._metrics.all_items():
        del data[:-KEPT_DATA]
        # Data come nearly in the order of their times: what is too old is looked for at the beginning alone.
        del data[: next((i for i, datum in enumerate(data) if datum["Timestamp"] >= oldest), len(data))]
        if not data:
            cloudwatch._metrics.pop_scoped(*metric, None)
    for (account, region, _), group in cloudwatch_logs._log_groups.all_items():
        for line in trim_group(group["streams"]):
            # MiniStack keeps the lines of PutLogEvents a second time, for GetLogRecord. Those of functions have no eventId.
            cloudwatch_logs._log_records.pop_scoped(account, region, line.get("eventId"), None)


def trim_group(streams):
    """Takes the oldest streams, and the oldest lines of the others, from a log group. Returns the lines that are gone."""
    gone = []
    for name in list(streams)[:-KEPT_STREAMS]:
        gone += streams.pop(name, {}).get("events", [])
    for stream in list(streams.values()):
        with cloudwatch_logs._log_events_lock:
            lines = stream["events"]
            if len(lines) > KEPT_LINES:
                gone += lines[:-KEPT_LINES]
                del lines[:-KEPT_LINES]
                stream["firstEventTimestamp"] = lines[0]["timestamp"]
    return gone


def shape(module):
    """Tells the resources of a service from others by a hash of them, without their telemetry."""
    stores = {}
    for name, store in vars(module).items():
        if name in TELEMETRY or not isinstance(store, (responses.AccountRegionScopedDict, responses.AccountScopedDict)):
            continue
        part = PARTS.get(name)
        stores[name] = {
            repr(key): {field: of for field, of in value.items() if not part(field)} if part else value
            for key, value in store._data.items()
        }
    return hashlib.sha256(json.dumps(stores, default=persistence._json_default, sort_keys=True).encode()).hexdigest()


def due(services, folder, everything):
    """Returns the services that a save into the folder must have: all, or all but those of which only telemetry is new."""
    chosen = dict(services)
    for name, module in MODULES.items():
        if name not in services:
            continue
        mark, now = name + ".shape", shape(module)
        saved = os.path.join(STATE, mark)
        # A clock that was set back makes an age of less than nothing.
        if not everything and content(saved) == now and 0 <= time.time() - os.path.getmtime(saved) < SAVE_EVERY:
            del chosen[name]
            continue
        with open(os.path.join(folder, mark), "w") as file:
            file.write(now)
    return chosen
