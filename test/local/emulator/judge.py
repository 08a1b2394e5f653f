"""How requests are judged, beside what MiniStack does: operations that it does not know, keys that services use for a caller,
and requests that the gateway answers.
"""

import contextvars
import json
import re
import urllib.parse

import cbor2
from ministack import app
from ministack.core import iam_actions, iam_evaluator, lambda_runtime, responses, router
from ministack.core.arn import parse_arn
from ministack.services import cloudwatch, dynamodb, s3, secretsmanager, sns, sqs, sts

import permissions
import recording
import resources
from permissions import encryption_context, key_arn, via

JUDGE_HEADER = "x-warmstandby-judge"  # of a request that the gateway answers: it is judged here and not carried out
HOST_HEADER = "x-warmstandby-host"  # the host for which a request is signed that the gateway has sent to another

judging = contextvars.ContextVar("judging", default=False)
refused = contextvars.ContextVar("refused", default=None)  # the code, status and sentence of a key's refusal
besides = contextvars.ContextVar("besides", default=())  # further resources of a request, each of which must be allowed
composites = contextvars.ContextVar("composites", default=True)  # whether the caller is shown composite alarms

dispatch_service_request = app._dispatch_service_request


async def dispatch(method, path, headers, body, query_params, request_id):
    judging.set(headers.pop(JUDGE_HEADER, None) is not None)
    besides.set(())
    with permissions.deciding_once():
        return await dispatch_service_request(method, path, headers, body, query_params, request_id)


async def allowed(*_):
    return 204, {}, b""


async def change_roles(method, path, headers, body, query_params):
    parameters = form(body)
    permissions.will_change(parameters.get("Action", ""), parameters.get("RoleName", ""))
    return await handle_iam(method, path, headers, body, query_params)


def form(body):
    return dict(urllib.parse.parse_qsl(body.decode(errors="replace")))


class Handlers(dict):
    """The handlers of all services; for a request that is only judged, one that does nothing."""

    def get(self, service, default=None):
        return allowed if judging.get() else super().get(service, default)


pin_signed_request = app.pin_signed_request


def pin(method, raw_path, query_params, raw_headers, handshake=False):
    """Has a request's signature checked with the host for which it was made."""
    signed = next((value for name, value in raw_headers if name.lower() == HOST_HEADER.encode()), None)
    if signed is not None:
        raw_headers = [(name, signed if name.lower() == b"host" else value) for name, value in raw_headers]
    return pin_signed_request(method, raw_path, query_params, raw_headers, handshake)


extract_iam_action = iam_actions.extract_iam_action
CBOR_PATH = re.compile(r"/service/[^/]+/operation/(\w+)")


def action(service, method, path, headers, body, query_params):
    """Names the action of a request. In CBOR the operation is in the path: Smithy, "RPC v2 CBOR protocol", requests."""
    found = CBOR_PATH.fullmatch(path)
    if found and service in iam_actions.SERVICE_TO_IAM_NAMESPACE:
        return f"{iam_actions.SERVICE_TO_IAM_NAMESPACE[service]}:{found[1]}"
    return extract_iam_action(service, method, path, headers, body, query_params)


extract_resource_arn = iam_actions.extract_resource_arn


def resource(service, method, path, headers, body, query_params, region, account):
    """Names the resource of a request.

    Of GetParametersByPath it is the path: AWS Systems Manager User Guide, "Restricting access to Parameter Store parameters
    using IAM policies". Of DescribeAlarms it is every alarm: Service Authorization Reference, "Actions defined by Amazon
    CloudWatch".
    """
    if service == "monitoring" and action(service, method, path, headers, body, query_params) == DESCRIBE_ALARMS:
        return f"arn:aws:cloudwatch:{region}:{account}:alarm:*"
    if service == "ssm" and headers.get("x-amz-target", "").endswith(".GetParametersByPath"):
        return f"arn:aws:ssm:{region}:{account}:parameter{json.loads(body or b'{}').get('Path', '/').rstrip('/')}"
    if CBOR_PATH.fullmatch(path) and body:
        body = json.dumps(cbor2.loads(body), default=str).encode()  # MiniStack looks for names in JSON
    asked = action(service, method, path, headers, body, query_params) or ""
    if arns := resources.named(service, asked, path, body, query_params, region, account):
        besides.set(arns[1:])
        return arns[0]
    return extract_resource_arn(service, method, path, headers, body, query_params, region, account)


DESCRIBE_ALARMS = "cloudwatch:DescribeAlarms"
request_tag_context = iam_actions.request_tag_context


def request_context(service, iam_action, body, params):
    """Adds the namespace of metrics, and the sources of events, which EventBridge authorizes each for itself.

    Service Authorization Reference, "Condition keys for Amazon CloudWatch" and "Condition keys for Amazon EventBridge".
    """
    context = request_tag_context(service, iam_action, body, params)
    if service == "backup" and body[:1] == b"{":
        context |= resources.tags_of_plans(json.loads(body))
    if iam_action == "cloudwatch:PutMetricData":
        context["cloudwatch:namespace"] = namespace(body, params)
    if iam_action == "events:PutEvents":
        context["events:source"] = sources_of_events(body)
    return context


def sources_of_events(body):
    """Lists the sources of a request's events, none of a request that EventBridge will refuse for its form."""
    try:
        entries = json.loads(body or b"{}")["Entries"]
        return sorted({entry["Source"] for entry in entries})
    except (KeyError, TypeError, ValueError):
        return []


def of_each_event(context):
    """Splits the context of a request by the sources of its events: one source that is not allowed refuses the request."""
    sources = (context or {}).get("events:source")
    return [context | {"events:source": source} for source in sources] if sources else [context]


def namespace(body, params):
    if body[:1] == b"{":
        return json.loads(body).get("Namespace")
    if found := iam_actions._query_param(params, "Namespace") or form(body).get("Namespace"):
        return found
    return (cbor2.loads(body) or {}).get("Namespace") if body else None


enforce_policies = iam_evaluator.enforce
evaluate_policies = iam_evaluator.evaluate


def evaluate(asked, policies, *limits):
    """Decides by the action alone where nobody can name what a person's request is about."""
    if resources.judged_by_action(asked):
        policies = [[resources.of_any_resource(statement) for statement in one] for one in policies]
    result = evaluate_policies(asked, policies, *limits)
    if result.decision == "Allow":
        recording.add(asked)
    return result


def enforce(access_key, iam_action, service, region, resource_arn="*", service_context=None):
    """Judges a caller: for what it asks, and for the keys that the service uses on its behalf."""
    refused.set(None)
    for arn in (resource_arn, *besides.get()):
        for context in of_each_event(service_context):
            denied = enforce_policies(access_key, iam_action, service, region, arn, context)
            if denied:
                return denied
    if iam_action == DESCRIBE_ALARMS:
        composites.set(not enforce_policies(access_key, iam_action, service, region, "*", service_context))
    if iam_evaluator.is_root_access_key(access_key or ""):
        return None
    for key_action, key, context in uses_of_keys(iam_action, resource_arn, region):
        where = parse_arn(key).region
        with permissions.in_region(where):
            denied = enforce_policies(access_key, key_action, "kms", where, key, context)
        if denied:
            refused.set(key_refused(service, key_action, key, denied))
            return denied
    return None


ENCRYPT = ("kms:GenerateDataKey", "kms:Decrypt")
DECRYPT = ("kms:Decrypt",)


def uses_of_keys(iam_action, resource_arn, region):
    """Lists what a service does with a customer managed key for the caller of an action, by the services' own pages."""
    found = KEY_USES.get(iam_action)
    if not found:
        return []
    reference, actions, service, context, where = found(resource_arn, region)
    key = key_arn(reference, where)
    return [(action, key, via(service, where) | context) for action in actions] if key else []


def topic_key(arn, region):
    """Amazon SNS Developer Guide, "Managing Amazon SNS encryption keys and costs", permissions of publishers."""
    topic = sns._topic_by_arn_any_scope(arn) or {"attributes": {}}
    context = encryption_context(aws__sns__topicArn=arn)
    return topic["attributes"].get("KmsMasterKeyId"), ENCRYPT, "sns", context, parse_arn(arn).region


def queue_key(actions):
    """Amazon SQS Developer Guide, "Amazon SQS Key management", permissions of producers and consumers."""

    def use(arn, region):
        queue = sqs._queue_by_arn(arn) or {"attributes": {}}
        return queue["attributes"].get("KmsMasterKeyId"), actions, "sqs", encryption_context(aws__sqs__arn=arn), region

    return use


def secret_key(actions):
    """AWS Secrets Manager User Guide, "Secret encryption and decryption in AWS Secrets Manager"."""

    def use(arn, region):
        _, secret = secretsmanager._resolve(arn)
        secret = secret or {}
        return secret.get("KmsKeyId"), actions, "secretsmanager", encryption_context(SecretARN=secret.get("ARN")), region

    return use


def table_key(arn, region):
    """Amazon DynamoDB Developer Guide, "DynamoDB encryption at rest", "Table key caching"."""
    name = arn.rpartition("table/")[2].partition("/")[0]
    table = dynamodb._tables.get(name) or {}
    context = encryption_context(aws__dynamodb__tableName=name, aws__dynamodb__subscriberId=responses.get_account_id())
    return (table.get("SSEDescription") or {}).get("KMSMasterKeyArn"), DECRYPT, "dynamodb", context, region


def object_key(actions):
    """Amazon S3 User Guide, "Using server-side encryption with AWS KMS keys (SSE-KMS)", permissions and encryption context."""

    def use(arn, region):
        bucket, _, name = arn.rpartition(":::")[2].partition("/")
        where = s3.bucket_region(bucket) or region
        stored = (s3._buckets.get(bucket) or {"objects": {}})["objects"].get(name) if actions == DECRYPT else None
        headers = s3._stored_sse_headers(stored) if stored else s3._bucket_default_sse_headers(bucket)
        of_bucket = "BucketKeyEnabled>true" in (s3._bucket_encryption.get(bucket) or "")
        context = encryption_context(aws__s3__arn=f"arn:aws:s3:::{bucket}" if of_bucket else arn)
        return headers.get("x-amz-server-side-encryption-aws-kms-key-id"), actions, "s3", context, where

    return use


KEY_USES = {
    "sns:Publish": topic_key,
    "sqs:SendMessage": queue_key(ENCRYPT),
    "sqs:ReceiveMessage": queue_key(DECRYPT),
    "secretsmanager:GetSecretValue": secret_key(DECRYPT),
    "secretsmanager:PutSecretValue": secret_key(ENCRYPT),
    "dynamodb:GetItem": table_key,
    "dynamodb:PutItem": table_key,
    "dynamodb:UpdateItem": table_key,
    "dynamodb:DeleteItem": table_key,
    "dynamodb:Query": table_key,
    "dynamodb:Scan": table_key,
    "s3:PutObject": object_key(ENCRYPT),
    "s3:GetObject": object_key(DECRYPT),
}


def key_refused(service, key_action, key, denied):
    """Words a service's answer when the caller may not use a key.

    Amazon SNS API Reference, Publish, KMSAccessDenied; Amazon SQS API Reference, SendMessage, KmsAccessDenied.
    """
    sentence = permissions.engine_words(key_action, denied.principal_arn, key, denied)
    return {
        "sns": ("KMSAccessDenied", 400, sentence),
        "sqs": ("KMS.AccessDeniedException", 400, sentence),
        "secretsmanager": ("AccessDeniedException", 400, "Access to KMS is not allowed"),
        "dynamodb": ("AccessDeniedException", 400, sentence),
    }.get(service, ("AccessDenied", 403, sentence))


access_denied_response = iam_actions.access_denied_response


def denial(service, iam_action, principal_arn, request_id, **details):
    """Answers a refused request in AWS's words, which name the resource; one that a key refused, in the words of that.

    IAM User Guide, "Troubleshoot access denied error messages". The JSON protocol answers 400: each service's API Reference,
    "Common Errors", AccessDeniedException; of those that speak it here only SQS answers 403.
    """
    code, status, message = refused.get() or (None, None, None)
    refused.set(None)
    if message:
        details |= {"error_code": code, "message": message}
    elif not details.get("message") and not (details.get("explicit_deny") and details.get("resource_policy_arn")):
        details["message"] = identity_words(service, iam_action, principal_arn, details)
    answered, headers, body = access_denied_response(service, iam_action, principal_arn, request_id, **details)
    if answered == 403 and service != "sqs" and (details.get("headers") or {}).get("x-amz-target"):
        answered = 400
    return status or answered, headers, body


def identity_words(service, iam_action, principal_arn, details):
    arn = details.get("resource_arn", "*")
    words = {"s3": f'"{arn}"'}.get(service, arn)
    spelled = iam_action.replace("sns:", "SNS:") if service == "sns" else iam_action
    return iam_actions.identity_denial_message(spelled, principal_arn, words, details.get("explicit_deny", False))


execution_credentials = lambda_runtime.execution_credentials


def credentials(config):
    """Gives a function its role's credentials, whose requests name it.

    AWS Lambda Developer Guide, "Using source function ARN to control function access behavior".
    """
    given = execution_credentials(config)
    session = sts._sessions.get(given["AWS_ACCESS_KEY_ID"])
    if session is not None:
        session["SourceFunctionArn"] = config.get("FunctionArn", "")
    return given


principal_keys = iam_evaluator._principal_keys


def keys_of_principal(credential):
    keys = principal_keys(credential)
    function = (sts._sessions.get(credential.access_key_id) or {}).get("SourceFunctionArn")
    return keys | {"lambda:sourcefunctionarn": function} if function else keys


describe_alarms = cloudwatch._describe_alarms


def described_alarms(params, data, is_cbor, is_json=False):
    """Lists alarms, composite ones only for who may describe every alarm. CloudWatch API Reference, DescribeAlarms."""
    if not composites.get():
        wanted = data.get("AlarmTypes") or [params[name] for name in params if name.startswith("AlarmTypes.member.")]
        wanted = wanted or ["MetricAlarm"]
        shown = ["MetricAlarm" if "MetricAlarm" in str(wanted) else "none"]
        data = data | {"AlarmTypes": shown}
        params = {name: value for name, value in params.items() if not name.startswith("AlarmTypes.")}
        params["AlarmTypes.member.1"] = shown
    return describe_alarms(params, data, is_cbor, is_json)


# Services that the gateway alone answers for, by what their targets begin with: MiniStack judges their requests by it.
OF_THE_GATEWAY = {"servicequotas": "ServiceQuotasV20190624"}


def install():
    """Puts these in the place of MiniStack's own."""
    global handle_iam
    recording.install()
    resources.install()
    for service, target in OF_THE_GATEWAY.items():
        router.SERVICE_PATTERNS[service] = {"target_prefixes": [target]}
        iam_actions.SERVICE_TO_IAM_NAMESPACE[service] = service
    handle_iam = app.SERVICE_HANDLERS["iam"]
    app.SERVICE_HANDLERS = Handlers(app.SERVICE_HANDLERS | {"iam": change_roles})
    app._dispatch_service_request = dispatch
    app.pin_signed_request = pin
    iam_actions.extract_iam_action = action
    iam_actions.extract_resource_arn = resource
    iam_actions.request_tag_context = request_context
    iam_actions.access_denied_response = denial
    iam_evaluator.enforce = enforce
    iam_evaluator.evaluate = evaluate
    iam_evaluator._principal_keys = keys_of_principal
    lambda_runtime.execution_credentials = credentials
    cloudwatch._describe_alarms = described_alarms
