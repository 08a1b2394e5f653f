"""Records what people and functions ask for and are allowed, for the table of calls in test/local/permissions.

Nothing is recorded unless the file is there when the emulator starts. Each call is a line of JSON, and stands in it once.
"""

import json
import os

FILE = os.environ.pop("RECORDING", "")

# What policies of people ask about beside the resource, as AWS spells it.
KEYS = {name.lower(): name for name in ("aws:RequestTag/Environment", "aws:ResourceTag/Environment", "kms:ViaService")}

known = set()
file = None


def install():
    """Begins to record, or goes on after the emulator was started again."""
    global file
    if not FILE or not os.path.exists(FILE):
        return
    with open(FILE) as before:
        known.update(before)
    file = open(FILE, "a", buffering=1)  # noqa: SIM115 a line is written as it comes, until the process ends


def add(asked):
    """Records a call that was allowed: EvalContext has who asked for what."""
    if file is None or not asked.principal_keys:
        return
    given = {KEYS[key]: value for key, value in asked.service_context.items() if key in KEYS and value is not None}
    role = asked.principal_arn.split("/")[1]
    call = {"principal": role, "action": asked.action, "resource": asked.resource_arn, "region": asked.region, "context": given}
    line = json.dumps(call) + "\n"
    if line not in known:
        known.add(line)
        file.write(line)
