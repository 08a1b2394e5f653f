"""Events of AWS's own services, which the gateway makes: they are put on the default bus of their region.

Amazon EventBridge User Guide, "Events from AWS services". Clients cannot put them: API Reference, PutEventsRequestEntry.
"""

import datetime
import json

from ministack.core import responses
from ministack.services import eventbridge

HEADER = "x-warmstandby-service-event"  # of a request of the gateway's, whose body is an event as its targets get it

handle_events = eventbridge.handle_request


async def handle(method, path, headers, body, query_params):
    if headers.pop(HEADER, None) is None:
        return await handle_events(method, path, headers, body, query_params)
    return put(json.loads(body))


def put(event):
    """Delivers an event to the targets of the rules that match it, and answers with their ARNs."""
    eventbridge._ensure_default_bus()
    record = {
        "EventId": event["id"],
        "Source": event["source"],
        "DetailType": event["detail-type"],
        "Detail": json.dumps(event["detail"]),
        "EventBusName": "default",
        "Time": int(datetime.datetime.fromisoformat(event["time"].replace("Z", "+00:00")).timestamp()),
        "Resources": event["resources"],
        "Account": responses.get_account_id(),
        "Region": responses.get_region(),
    }
    targets = matching(record)
    eventbridge._dispatch_event(record)
    eventbridge._archive_event(record)
    return responses.json_response({"Targets": targets})


def matching(record):
    """Lists the targets of the default bus's rules that match an event."""
    view = eventbridge._pattern_event_view(record)
    return [
        target["Arn"]
        for key, rule in eventbridge._rules.items()
        if rule.get("EventBusName", "default") == "default"
        and rule.get("State") == "ENABLED"
        and rule.get("EventPattern")
        and eventbridge._matches_pattern_view(rule["EventPattern"], view)
        for target in eventbridge._targets.get(key, [])
    ]


def install():
    """Puts this in the place of MiniStack's own."""
    eventbridge.handle_request = handle
