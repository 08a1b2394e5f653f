"""Runs MiniStack for the gateway, with twenty-four things that its settings do not offer.

1. Saving on request. MiniStack saves its state only when it is asked to end; a kill would lose every resource while
   Pulumi's state still lists them. Each line on standard input is a request to save; the answer is a line on standard output,
   "taken", when the copy is taken that is saved, and another, "saved" or "failed: <reason>". The end of standard input means
   that the gateway is gone: save and end. See saves.py.
2. The region of an unsigned request, as the gateway read it from the host name. It comes in a header that is taken out
   here, so that a load balancer's target never sees it (a signature or a query parameter would reach the target).
3. /health belongs to the target behind a load balancer, not to the emulator, which keeps /_ministack/health.
4. Rules whose target is the event bus of another region. MiniStack drops such events; nothing outside it could deliver one
   with its own id, time and region, on which the rules there judge it. See regions.py.
5. RemoveRegionsFromReplication, which MiniStack lacks and nothing else can do: it deletes no replica. See remove_replicas.
   A secret that is made without a value has no version of it. See without_empty_version.
6. Queue URLs, at which SDKs send their requests: they name the gateway, whose port stays, and not the emulator's.
7. Regions that are lost. The gateway keeps requests from them; here their functions are kept from running and their events
   from being forwarded. Which they are is in a file of the gateway's, whose name is in FAULTS. See regions.py.
8. A load balancer's answer for a function whose result is none: 502, where MiniStack makes it a good page. See target_answer.
9. Alarms on a percentile. MiniStack gives them a statistic besides, which Pulumi would take away again at every update.
   See put_alarm.
10. Functions under load, started one after another. See workers.py.
11. The query of a request to a load balancer's function, which gets it as it was sent. MiniStack decodes it. See as_sent.
12. Schedules that put events on a bus, what their inputs say of them, and when they are due. See schedules.py.
13. Alarms by the metric that they are of, by as many bad periods as they say, by what missing data mean, and by the clock:
    MiniStack evaluates them only when data are put. See alarms.py.
14. The times of dashboards in a list, in the protocol that SDKs speak. See dashboards.py.
15. Bounds on log lines and data of metrics, and saves that leave them and archived events for later. See telemetry.py.
16. AssociateKmsKey and DisassociateKmsKey, which MiniStack lacks: a log group that is kept changes its key. See associate_key.
17. Variables of functions by region: where they reach name servers, and what tells the gateway their region. See workers.py.
18. The name servers of hosted zones: named as AWS names them, and a zone's own in its delegation set. See zones.py.
19. The regions from which health checks are made. MiniStack reads them as empty names. See healthchecks.py.
20. How requests are judged: operations of CBOR, the keys that services use for a caller, and requests that the gateway answers.
    See judge.py.
21. What services do without a request, as roles or as themselves, is judged too. See deliveries.py and permissions.py.
22. Events of AWS Backup, which clients cannot put. See serviceevents.py.
23. The executions at once that Lambda grants, the waiting of asynchronous invocations for one, and the metrics of both. See
    concurrency.py.
24. The listener of a load balancer that a request has reached, as the gateway knows it: MiniStack takes the port in the Host
    header for the listener's. See dispatched.
"""

import concurrent.futures
import contextvars
import json
import logging
import os
import re
import signal
import threading
import urllib.parse

import saves

REGION_HEADER = "x-warmstandby-region"
LISTENER_HEADER = "x-warmstandby-listener"  # the port of the listener that a request has reached
ATTEMPTS = 3  # to save at the end


def take(fd: int, replacement: int) -> int:
    """Give fd's stream to this program alone: what MiniStack starts inherits the replacement."""
    own = os.dup(fd)
    os.dup2(replacement, fd)
    return own


# Before MiniStack is imported: it must find the replaced streams.
requests = os.fdopen(take(0, os.open(os.devnull, os.O_RDONLY)), "r")
answers = os.fdopen(take(1, 2), "w", buffering=1)

# Before MiniStack is imported: it reads its state while it starts.
saves.recover()

from ministack import app  # noqa: E402
from ministack.core import persistence, responses  # noqa: E402
from ministack.services import alb, cloudwatch, cloudwatch_logs, eventbridge, lambda_svc, route53, secretsmanager, sqs  # noqa: E402

import alarms  # noqa: E402
import concurrency  # noqa: E402
import dashboards  # noqa: E402
import deliveries  # noqa: E402
import healthchecks  # noqa: E402
import judge  # noqa: E402
import regions  # noqa: E402
import schedules  # noqa: E402
import serviceevents  # noqa: E402
import telemetry  # noqa: E402
import workers  # noqa: E402
import zones  # noqa: E402

log = logging.getLogger("launch")

# Asks whether this process serves, as process.go has it. Every other line is the name of a save.
READY = "ready?\n"

saves.install(persistence)
write_files = app.save_all


def copy_of(services, everything=False):
    """Takes a copy of the process that saves the services and the events that wait for their region."""
    telemetry.trim()

    def write(folder):
        persistence.STATE_DIR = folder
        write_files(telemetry.due(services, folder, everything))
        with open(os.path.join(folder, regions.WAITING), "w") as file:
            json.dump(list(regions.waiting), file)

    return saves.Copy(write)


def copy_on_the_loop():
    """Takes a copy between two requests."""
    copied = concurrent.futures.Future()

    def take():
        try:
            copied.set_result(copy_of(app._build_persistence_save_dict()))
        except Exception as error:  # noqa: BLE001
            copied.set_exception(error)

    app._MAIN_LOOP.call_soon_threadsafe(take)
    return copied.result()


def serve_requests():
    for line in requests:
        if line == READY:
            # A process that finds its port taken has no loop, and another one answers there.
            answers.write("ready\n" if app._MAIN_LOOP else "starting\n")
            continue
        try:
            failed = saves.save(copy_on_the_loop, line.rstrip("\n"), lambda: answers.write("taken\n"))
        except Exception as error:
            # Whatever it is, whoever asked must learn of it: without an answer every change waits for ever.
            log.exception("saving the state")
            failed = repr(error)
        answers.write((f"failed: {failed}" if failed else "saved").replace("\n", " ") + "\n")
    os.kill(os.getpid(), signal.SIGTERM)


def end(services):
    save_at_the_end(services)
    workers.end()


def save_at_the_end(services):
    for _ in range(ATTEMPTS):
        failed = saves.save(lambda: copy_of(services, everything=True), "the last", lambda: None)
        if not failed:
            return
        log.error("saving at the end: %s", failed)


signed_region = app.extract_region


def region(headers, query_params=None):
    return headers.pop(REGION_HEADER, None) or signed_region(headers, query_params)


handle_secrets = secretsmanager.handle_request


async def secrets(method, path, headers, body, query_params):
    action = headers.get("x-amz-target", "").rpartition(".")[2]
    if action == "RemoveRegionsFromReplication":
        return remove_replicas(json.loads(body))
    answer = await handle_secrets(method, path, headers, body, query_params)
    return without_empty_version(json.loads(body), answer) if action == "GetSecretValue" else answer


def without_empty_version(data, answer):
    """Answers that there is no value where MiniStack gives a version without one.

    A secret that is made without a value has no version: Secrets Manager API Reference, CreateSecret, SecretString.
    """
    status, _, body = answer
    if status != 200 or not {"SecretString", "SecretBinary"}.isdisjoint(json.loads(body)):
        return answer
    label = data.get("VersionStage", "AWSCURRENT")
    return responses.error_response_json(
        "ResourceNotFoundException", f"Secrets Manager can't find the specified secret value for staging label: {label}", 400
    )


def remove_replicas(data):
    """Deletes a secret's replicas in some regions. Secrets Manager API Reference, RemoveRegionsFromReplication."""
    _, secret = secretsmanager._resolve(data["SecretId"])
    if not secret:
        return responses.error_response_json(
            "ResourceNotFoundException", "Secrets Manager can't find the specified secret.", 400
        )
    if secretsmanager._is_replica(secret):
        return secretsmanager._replica_mutation_error()
    replicas = secret.get("ReplicationStatus", [])
    removed = [replica for replica in replicas if replica["Region"] in data["RemoveReplicaRegions"]]
    secretsmanager._delete_replicas(secret | {"ReplicationStatus": removed})
    secret["ReplicationStatus"] = [replica for replica in replicas if replica not in removed]
    return responses.json_response({"ARN": secret["ARN"], "ReplicationStatus": secret["ReplicationStatus"]})


handle_logs = cloudwatch_logs.handle_request


async def logs(method, path, headers, body, query_params):
    action = headers.get("x-amz-target", "").rpartition(".")[2]
    if action in ("AssociateKmsKey", "DisassociateKmsKey"):
        data = json.loads(body)
        return associate_key(data, data.get("kmsKeyId") if action == "AssociateKmsKey" else None)
    return await handle_logs(method, path, headers, body, query_params)


def associate_key(data, key):
    """Gives a log group another key, or none. CloudWatch Logs API Reference, AssociateKmsKey and DisassociateKmsKey."""
    name = data.get("logGroupName") or data.get("resourceIdentifier", "").partition(":log-group:")[2]
    group = cloudwatch_logs._log_groups.get(name.removesuffix(":*"))
    if not group:
        return responses.error_response_json("ResourceNotFoundException", "The specified log group does not exist.", 400)
    if refused := deliveries.log_group_refusal(name.removesuffix(":*"), key):
        return refused
    group["kmsKeyId"] = key
    return responses.json_response({})


balancing = contextvars.ContextVar("balancing", default=False)  # whether a load balancer asks
invoke_target_function = alb._invoke_lambda_target
proxy_answer = lambda_svc.lambda_execute_result_to_api_proxy_response
ANSWER_LIMIT = 1 << 20  # bytes
BAD_GATEWAY = 502, {"Content-Type": "text/html"}, b"<h1>502 Bad Gateway</h1>"
BAD_GATEWAY_ANSWER = {"statusCode": 502, "headers": BAD_GATEWAY[1], "body": BAD_GATEWAY[2].decode()}


async def invoke_balanced(reference, group, method, path, headers, body, query, raw_query=None):
    balancing.set(True)
    if deliveries.denied(deliveries.invocation_refusal(reference, group), f"target group {group}"):
        return BAD_GATEWAY
    return await invoke_target_function(reference, group, method, path, headers, body, as_sent(raw_query or ""), raw_query)


def as_sent(raw_query):
    """Takes a query apart and decodes nothing: a load balancer hands a function what the client sent.

    Application Load Balancers, "Use Lambda functions as targets", "If the query parameters are URL-encoded, the load
    balancer does not decode them".
    """
    query = {}
    for pair in filter(None, raw_query.split("&")):
        name, _, value = pair.partition("=")
        query.setdefault(name, []).append(value)
    return query


def target_answer(result):
    """Makes a function's result an answer; for a load balancer one that is none is a 502.

    Application Load Balancers, "Use Lambda functions as targets", response: statusCode is required, statusDescription has
    the code and a reason, the body is a string, all of at most 1 MB. So is one that Lambda refuses: "Access logs for your
    Application Load Balancer", error reason codes, LambdaThrottling.
    """
    payload = result.get("body")
    if balancing.get() and result.get("throttle"):
        return BAD_GATEWAY_ANSWER, None
    if not balancing.get() or result.get("error"):
        return proxy_answer(result)
    if (
        isinstance(payload, dict)
        and re.fullmatch(r"[1-5]\d\d", str(payload.get("statusCode")))
        and re.fullmatch(rf"{payload['statusCode']} .+", payload.get("statusDescription") or f"{payload['statusCode']} -")
        and isinstance(payload.get("body") or "", str)
        and len(json.dumps(payload)) <= ANSWER_LIMIT
    ):
        return proxy_answer(result)
    log.warning("a load balancer's function answered what is no response: %.200s", json.dumps(payload))
    return BAD_GATEWAY_ANSWER, None


dispatch_request = alb.dispatch_request


async def dispatched(balancer, method, path, headers, body, query_params, port=80, **more):
    """Hands a request to the listener that it has reached, whatever its Host header says."""
    port = int(headers.pop(LISTENER_HEADER, port))
    return await dispatch_request(balancer, method, path, headers, body, query_params, port, **more)


put_metric_alarm = cloudwatch._put_metric_alarm


def put_alarm(params, data, *protocol):
    """Puts an alarm, which has one of Statistic and ExtendedStatistic. CloudWatch API Reference, PutMetricAlarm."""
    answer = put_metric_alarm(params, data, *protocol)
    alarm = cloudwatch._alarms.get(data.get("AlarmName") or cloudwatch._p(params, "AlarmName"), {})
    if alarm.get("ExtendedStatistic"):
        alarm.pop("Statistic", None)
    return answer


gateway = urllib.parse.urlsplit(os.environ["AWS_ENDPOINT_URL"])
sqs.DEFAULT_HOST, sqs.DEFAULT_PORT = gateway.hostname, gateway.port
app.save_all = end  # also when MiniStack is asked to end
app.extract_region = region
eventbridge._invoke_target = deliveries.permitted(schedules.in_place_of(regions.forward), regions.dead_letter)
secretsmanager.handle_request = secrets
cloudwatch_logs.handle_request = logs
lambda_svc.acquire_worker = workers.acquire
lambda_svc.release_worker = workers.release
alb._invoke_lambda_target = invoke_balanced
alb.dispatch_request = dispatched
lambda_svc.lambda_execute_result_to_api_proxy_response = target_answer
cloudwatch._put_metric_alarm = put_alarm
cloudwatch._list_dashboards = dashboards.listed
route53._DEFAULT_NS = zones.NAME_SERVERS
route53._build_delegation_set_el = zones.delegation_set
route53._parse_health_check_config = healthchecks.parsed
route53._build_health_check_el = healthchecks.built
alarms.install()
judge.install()
deliveries.install()
serviceevents.install()
concurrency.install()
app._HEALTH_PATHS = ("/_ministack/health",)
threading.Thread(target=serve_requests, daemon=True).start()
threading.Thread(target=regions.keep_retrying, daemon=True).start()
app.main()
