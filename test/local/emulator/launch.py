"""Runs MiniStack for the gateway, with six things that its settings do not offer.

1. Saving on request. MiniStack saves its state only when it is asked to end; a kill would lose every resource while
   Pulumi's state still lists them. Each line on standard input is a request to save; the answer is one line on standard
   output, "saved" or "failed: <reason>". The save runs on the event loop, between two requests, so it is consistent.
   The end of standard input means that the gateway is gone: save and end.
   A save is whole or not at all: its files are written beside the old ones, its name, which is the request's line, is put
   into the file "saved" by one rename, and only then do the files replace the old ones. A start finishes what a kill cut
   short after that rename, and throws away what it cut short before. So whoever asked can tell from "saved" what became of
   a save that was not answered.
2. The region of an unsigned request, as the gateway read it from the host name. It comes in a header that is taken out
   here, so that a load balancer's target never sees it (a signature or a query parameter would reach the target).
3. /health belongs to the target behind a load balancer, not to the emulator, which keeps /_ministack/health.
4. Rules whose target is the event bus of another region. MiniStack drops such events; nothing outside it could deliver one
   with its own id, time and region, on which the rules there judge it. See forward.
5. RemoveRegionsFromReplication, which MiniStack lacks and which nothing else can do: it deletes no replica. See remove_replicas.
6. Queue URLs, at which SDKs send their requests: they name the gateway, whose port stays, and not the emulator's.
"""

import json
import logging
import os
import shutil
import signal
import threading
import types
import urllib.parse

REGION_HEADER = "x-warmstandby-region"


def take(fd: int, replacement: int) -> int:
    """Give fd's stream to this program alone: what MiniStack starts inherits the replacement."""
    own = os.dup(fd)
    os.dup2(replacement, fd)
    return own


# Before MiniStack is imported: it must find the replaced streams.
requests = os.fdopen(take(0, os.open(os.devnull, os.O_RDONLY)), "r")
answers = os.fdopen(take(1, 2), "w", buffering=1)

STATE = os.environ["STATE_DIR"]
NEXT = STATE + ".next"  # the files of a save that are not yet in their place
SAVED = STATE + ".saved"  # the name of the last save
NAME = ".name"  # in NEXT: which save it is


def put_in_place():
    os.makedirs(STATE, exist_ok=True)
    for file in os.listdir(NEXT):
        if file != NAME:
            os.replace(os.path.join(NEXT, file), os.path.join(STATE, file))
    shutil.rmtree(NEXT)


def content(path):
    try:
        with open(path) as file:
            return file.read()
    except FileNotFoundError:
        return None


# Before MiniStack is imported: it reads its state while it starts.
if content(os.path.join(NEXT, NAME)) not in (None, "") and content(os.path.join(NEXT, NAME)) == content(SAVED):
    put_in_place()

from ministack import app  # noqa: E402
from ministack.core import persistence, responses  # noqa: E402
from ministack.core.arn import ArnParseError, parse_arn  # noqa: E402
from ministack.services import eventbridge, secretsmanager, sqs  # noqa: E402


class Failures(logging.Handler):
    """Collects what MiniStack's persistence logs as errors: it reports a failed save in no other way."""

    def __init__(self):
        super().__init__(logging.ERROR)
        self.messages = []

    def emit(self, record):
        self.messages.append(record.getMessage())


# A save keeps the emulator from answering: json.dumps encodes in C, in a third of the time that json.dump takes in Python.
persistence.json = types.SimpleNamespace(
    dump=lambda value, file, **options: file.write(json.dumps(value, **options)),
    load=json.load,
    JSONDecodeError=json.JSONDecodeError,
)

log = logging.getLogger("launch")
failures = Failures()
logging.getLogger("persistence").addHandler(failures)
logging.getLogger("persistence").setLevel(logging.WARNING)

write_files = app.save_all


def save_whole(services, name="the last"):
    failures.messages.clear()
    shutil.rmtree(NEXT, ignore_errors=True)
    os.makedirs(NEXT)
    persistence.STATE_DIR = NEXT
    write_files(services)
    persistence.STATE_DIR = STATE
    if failures.messages:
        return
    for path in (os.path.join(NEXT, NAME), SAVED + ".new"):
        with open(path, "w") as file:
            file.write(name)
    os.replace(SAVED + ".new", SAVED)
    put_in_place()


def save(name):
    try:
        save_whole(app._build_persistence_save_dict(), name)
    except OSError as error:
        failures.messages.append(str(error))
    answers.write(("failed: " + "; ".join(failures.messages) if failures.messages else "saved").replace("\n", " ") + "\n")


def serve_requests():
    for line in requests:
        app._MAIN_LOOP.call_soon_threadsafe(save, line.rstrip("\n"))
    os.kill(os.getpid(), signal.SIGTERM)


signed_region = app.extract_region


def region(headers, query_params=None):
    return headers.pop(REGION_HEADER, None) or signed_region(headers, query_params)


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
    responses.set_request_region(bus.region)
    try:
        eventbridge._ensure_default_bus()
        known = name in eventbridge._event_buses
        if known:
            eventbridge._dispatch_event(forwarded)
            eventbridge._archive_event(forwarded)
    finally:
        responses.set_request_region(here)
    if not known:
        dead_letter(target, event, rule, "NO_RESOURCE", f"{bus} does not exist.")


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
    sqs._act_send_message({
        "QueueUrl": queue["url"],
        "MessageBody": json.dumps(eventbridge._pattern_event_view(event).event_with_detail()),
        "MessageAttributes": {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()},
    }, queue["url"])


handle_secrets = secretsmanager.handle_request


async def secrets(method, path, headers, body, query_params):
    if headers.get("x-amz-target", "").endswith(".RemoveRegionsFromReplication"):
        return remove_replicas(json.loads(body))
    return await handle_secrets(method, path, headers, body, query_params)


def remove_replicas(data):
    """Deletes a secret's replicas in some regions. Secrets Manager API Reference, RemoveRegionsFromReplication."""
    _, secret = secretsmanager._resolve(data["SecretId"])
    if not secret:
        return responses.error_response_json(
            "ResourceNotFoundException", "Secrets Manager can't find the specified secret.", 400)
    if secretsmanager._is_replica(secret):
        return secretsmanager._replica_mutation_error()
    replicas = secret.get("ReplicationStatus", [])
    removed = [replica for replica in replicas if replica["Region"] in data["RemoveReplicaRegions"]]
    secretsmanager._delete_replicas(secret | {"ReplicationStatus": removed})
    secret["ReplicationStatus"] = [replica for replica in replicas if replica not in removed]
    return responses.json_response({"ARN": secret["ARN"], "ReplicationStatus": secret["ReplicationStatus"]})


gateway = urllib.parse.urlsplit(os.environ["AWS_ENDPOINT_URL"])
sqs.DEFAULT_HOST, sqs.DEFAULT_PORT = gateway.hostname, gateway.port
app.save_all = save_whole  # also when MiniStack is asked to end
app.extract_region = region
eventbridge._invoke_target = forward
secretsmanager.handle_request = secrets
app._HEALTH_PATHS = ("/_ministack/health",)
threading.Thread(target=serve_requests, daemon=True).start()
app.main()
