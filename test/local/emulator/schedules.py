"""What EventBridge Scheduler starts."""

import datetime
import json
import logging

from ministack.core import responses
from ministack.services import eventbridge, scheduler

log = logging.getLogger("schedules")

# MiniStack looks every ten seconds which schedules are due, and counts the next minute from when it looked: a schedule of
# one minute would come up to ten seconds late each time.
scheduler._SCHEDULE_TICK_INTERVAL = 1


def in_place_of(invoke_target):
    """Returns what starts targets: of a schedule's as EventBridge Scheduler does, of a rule's as before."""

    def start(target, event, rule, view=None):
        if "ScheduleExpression" not in rule or ":scheduler:" not in rule.get("Arn", ""):
            return invoke_target(target, event, rule, view)
        if "Input" in target:
            target = target | {"Input": filled(target["Input"], event, rule)}
        if "EventBridgeParameters" in target:
            return put_event(target, rule)
        return invoke_target(target, event, rule, view)

    return start


def filled(text, event, schedule):
    """Puts in what a target's input says of its schedule.

    EventBridge Scheduler User Guide, "Adding context attributes". The time is when the schedule is found to be due.
    """
    for attribute, value in {
        "schedule-arn": schedule["Arn"],
        "scheduled-time": datetime.datetime.fromtimestamp(event["Time"], datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "execution-id": event["EventId"],
        "attempt-number": "1",
    }.items():
        text = text.replace(f"<aws.scheduler.{attribute}>", value)
    return text


def put_event(target, schedule):
    """Puts an event on a bus, where MiniStack hands on one of its own making.

    EventBridge Scheduler User Guide, "Using templated targets", PutEvents: the input is the event's detail.
    """
    parameters = target["EventBridgeParameters"]
    entry = {
        "EventBusName": target["Arn"],
        "Source": parameters["Source"],
        "DetailType": parameters["DetailType"],
        "Detail": target.get("Input", "{}"),
    }
    _, _, body = eventbridge._put_events({"Entries": [entry]})
    if json.loads(body).get("FailedEntryCount"):
        log.warning("schedule %s in %s: %s", schedule["Arn"], responses.get_region(), body.decode())
