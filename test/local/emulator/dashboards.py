"""When dashboards were changed, as CBOR has it."""

import cbor2
from ministack.services import cloudwatch

list_any = cloudwatch._list_dashboards


def listed(params, data, is_cbor, is_json=False):
    """Lists dashboards. In CBOR MiniStack puts their times as text, which SDKs refuse with the whole answer.

    Smithy RPC v2 CBOR protocol, "Timestamp type serialization": a timestamp is a number of seconds with tag 1.
    """
    answer = list_any(params, data, is_cbor, is_json)
    if not is_cbor:
        return answer
    status, headers, body = answer
    found = cbor2.loads(body)
    for entry in found["DashboardEntries"]:
        entry["LastModified"] = cloudwatch._cbor_timestamp(entry["LastModified"])
    return status, headers, cbor2.dumps(found)
