"""What services do for a resource of the account, as far as they are allowed to: alarms, rules, schedules, load balancers,
functions, S3's replication. What they are refused is in the log, and has the consequence that AWS's page describes.
"""

import contextvars
import logging

from ministack.core import responses
from ministack.core.arn import ArnParseError, parse_arn
from ministack.services import alb, backup, cloudwatch, cloudwatch_logs, eventbridge, lambda_svc, s3, scheduler, sns, sqs

import permissions
from permissions import Role, Service, encryption_context, here, key_arn, key_refusal, refusal, via

log = logging.getLogger("deliveries")
ENCRYPT = ("kms:GenerateDataKey", "kms:Decrypt")


def denied(reason, what):
    """Logs a refusal, and says whether there is one."""
    if reason:
        log.warning("%s: AccessDenied: %s", what, reason)
    return bool(reason)


# Alarms


def publish_refusal(who, topic_arn):
    """Says why a service may not publish to a topic.

    Amazon SNS Developer Guide, "Managing Amazon SNS encryption keys and costs", "Enable compatibility between event sources
    from AWS services and encrypted topics".
    """
    topic = sns._topic_by_arn_any_scope(topic_arn)
    if not topic:
        return None
    key = key_arn(topic["attributes"].get("KmsMasterKeyId"), parse_arn(topic_arn).region)
    return refusal(who, "sns:Publish", topic_arn) or key_refusal(
        Service(who.name, who.source), key, ENCRYPT, encryption_context(aws__sns__topicArn=topic_arn)
    )


dispatch_alarm_actions = cloudwatch._dispatch_alarm_actions
ALARM_ACTIONS = ("AlarmActions", "OKActions", "InsufficientDataActions")


def notify(alarm, old_state, new_state, reason):
    """Notifies the topics to which CloudWatch may publish for an alarm. The others are not told, as on AWS."""
    alarms = Service("cloudwatch.amazonaws.com", alarm.get("AlarmArn", ""))

    def told(topic):
        return not denied(publish_refusal(alarms, topic) if ":sns:" in topic else None, f"alarm {alarm.get('AlarmName')}")

    dispatch_alarm_actions(
        alarm | {name: [topic for topic in alarm.get(name) or [] if told(topic)] for name in ALARM_ACTIONS},
        old_state,
        new_state,
        reason,
    )


# Rules and schedules


TARGET_ACTIONS = {
    "lambda": "lambda:InvokeFunction",
    "sqs": "sqs:SendMessage",
    "sns": "sns:Publish",
    "events": "events:PutEvents",
}


def target_refusal(target, rule):
    """Says why a rule or a schedule may not reach its target, None when it may."""
    arn, schedule = target.get("Arn", ""), ":scheduler:" in rule.get("Arn", "")
    try:
        spec = parse_arn(arn)
    except ArnParseError:
        return None
    action = TARGET_ACTIONS.get(spec.service)
    if not action:
        return None
    who = principal(target.get("RoleArn"), rule, schedule)
    if who is None:
        return None  # another bus of the account, which needs no role: the account may put events there
    context = {} if schedule else {"aws:sourcearn": rule.get("Arn", "")}
    return refusal(who, action, arn, context) or target_key_refusal(who, spec, arn)


def principal(role, rule, schedule):
    """Returns as whom EventBridge or its Scheduler reaches a target: as a role when it has one, else as itself.

    EventBridge Scheduler User Guide, "Confused deputy prevention in EventBridge Scheduler": its source is the schedule's group.
    """
    if schedule:
        group = schedule_group(None, rule)
        return Role(role or "", Service("scheduler.amazonaws.com", group), rule.get("Name", "schedule"))
    itself = Service("events.amazonaws.com", rule.get("Arn", ""))
    return Role(role, itself, "events") if role else itself


def target_key_refusal(who, spec, arn):
    """Says why a target's key may not be used: of a queue, or of a topic."""
    if spec.service == "sqs":
        return queue_key_refusal(who, arn)
    if spec.service == "sns":
        topic = sns._topic_by_arn_any_scope(arn) or {"attributes": {}}
        key = key_arn(topic["attributes"].get("KmsMasterKeyId"), spec.region)
        return key_refusal(who, key, ENCRYPT, of(who, "sns", spec.region, encryption_context(aws__sns__topicArn=arn)))
    return None


def queue_key_refusal(who, arn):
    queue = sqs._queue_by_arn(arn) or {"attributes": {}}
    region = parse_arn(arn).region
    key = key_arn(queue["attributes"].get("KmsMasterKeyId"), region)
    return key_refusal(who, key, ENCRYPT, of(who, "sqs", region, encryption_context(aws__sqs__arn=arn)))


def of(who, service, region, context):
    """The context of a key's use: by a role through the service, by a service of AWS as itself."""
    return via(service, region) | context if isinstance(who, Role) else context


def send_refusal(who, queue_arn):
    """Says why a service or a role may not send to a queue."""
    return refusal(who, "sqs:SendMessage", queue_arn) or queue_key_refusal(who, queue_arn)


def dead_letter_refusal(target, rule):
    """Says why EventBridge may not send a rule's dead letters.

    EventBridge User Guide, "Using dead-letter queues to process undelivered events", "Granting permissions".
    """
    queue = target.get("DeadLetterConfig", {}).get("Arn", "")
    return send_refusal(Service("events.amazonaws.com", rule.get("Arn", "")), queue) if queue else None


def permitted(invoke, dead_letter):
    """Returns what starts the targets that a rule or a schedule may reach. The events of others are dead letters.

    EventBridge User Guide, "Using dead-letter queues to process undelivered events": NO_PERMISSIONS is not retried.
    """

    def start(target, event, rule, view=None):
        reason = target_refusal(target, rule)
        if not denied(reason, f"target {target.get('Arn')} of {rule.get('Arn')}"):
            return invoke(target, event, rule, view)
        return dead_letter(target, event, rule, "NO_PERMISSIONS", reason)

    return start


# Load balancers


def invocation_refusal(function, group):
    """Says why a load balancer may not invoke the function of a target group.

    Application Load Balancers, "Use Lambda functions as targets of an Application Load Balancer", "Permissions to invoke the
    Lambda function".
    """
    return refusal(Service("elasticloadbalancing.amazonaws.com", group), "lambda:InvokeFunction", function)


register_targets = alb._register_targets


def register(params):
    """Registers targets that the load balancer may invoke."""
    group = alb._p(params, "TargetGroupArn")
    for target in alb._parse_targets_param(params):
        if ":function:" in target["Id"] and group in alb._tgs and invocation_refusal(target["Id"], group):
            text = f"elasticloadbalancing principal does not have permission to invoke {target['Id']} from target group {group}"
            return alb._error("AccessDenied", text, 403)
    return register_targets(params)


# Functions


def of_function(config):
    """Returns the role of a function, as Lambda assumes it."""
    by = Service("lambda.amazonaws.com", config.get("FunctionArn", ""))
    return Role(config.get("Role", ""), by, config.get("FunctionName", ""))


emit_logs = lambda_svc._emit_lambda_logs


def write_logs(func, request_id, log_text, error, duration_ms, **details):
    """Writes a function's log if its role may. AWS Lambda Developer Guide, "Defining Lambda function permissions"."""
    config = func.get("config") or func
    group = (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{config.get('FunctionName')}"
    arn = here("logs", f"log-group:{group}")
    asked = [("logs:CreateLogStream", arn + ":log-stream:new"), ("logs:PutLogEvents", arn + ":log-stream:new")]
    if group not in cloudwatch_logs._log_groups:
        asked.insert(0, ("logs:CreateLogGroup", arn))
    role = of_function(config)
    reason = next(filter(None, (refusal(role, action, resource) for action, resource in asked)), None)
    if not denied(reason, f"log of function {config.get('FunctionName')}"):
        emit_logs(func, request_id, log_text, error, duration_ms, **details)


route_failure = lambda_svc._route_async_failure


def fail(target_arn, func_name, event, result):
    """Sends a failed invocation to its destination if the function's role may.

    AWS Lambda Developer Guide, "Retaining records of asynchronous invocations", required permissions.
    """
    role = of_function((lambda_svc._functions.get(func_name) or {}).get("config") or {})
    if ":sqs:" in target_arn:
        reason = send_refusal(role, target_arn)
    elif ":sns:" in target_arn:
        reason = refusal(role, "sns:Publish", target_arn)
    else:
        reason = refusal(role, "lambda:InvokeFunction", target_arn)
    if not denied(reason, f"destination {target_arn} of function {func_name}"):
        route_failure(target_arn, func_name, event, result)


# Replication

replicated = contextvars.ContextVar("replicated", default=("ReplicateObject", None))
replicate, replicate_marker = s3._maybe_replicate, s3._maybe_replicate_delete_marker
replication_destination = s3._replication_destination


def replicate_object(bucket, key, obj, data, tags=None):
    replicated.set(("ReplicateObject", obj))
    replicate(bucket, key, obj, data, tags)


def replicate_deletion(bucket, key):
    replicated.set(("ReplicateDelete", None))
    replicate_marker(bucket, key)


def destination(bucket, key, rule, role):
    """Returns where an object is replicated to, None if the role may not: S3 then gives it the status FAILED.

    Amazon S3 User Guide, "Setting up permissions for live replication" and "Replicating encrypted objects".
    """
    found = replication_destination(bucket, key, rule, role)
    if not found:
        return None
    reason = replication_refusal(bucket, found[0], key, rule, role, *replicated.get())
    return None if denied(reason, f"replication of {bucket}/{key}") else found


def replication_refusal(bucket, to, key, rule, role, action, obj):
    who = Role(role, Service("s3.amazonaws.com", f"arn:aws:s3:::{bucket}"), "s3-replication")
    source, replica = f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{to}/{key}"
    asked = [("s3:GetReplicationConfiguration", source), ("s3:ListBucket", source), (f"s3:{action}", replica)]
    if obj is not None:
        version = f"{source}/{key}"
        asked += [("s3:GetObjectVersionForReplication", version), ("s3:GetObjectVersionAcl", version)]
    reason = next(filter(None, (refusal(who, *one) for one in asked)), None)
    if reason or obj is None:
        return reason
    of_object = s3._bucket_default_sse_headers(bucket) | s3._stored_sse_headers(obj)
    wanted = (rule.get("Destination", {}).get("EncryptionConfiguration") or {}).get("ReplicaKmsKeyID")
    keys = [(of_object.get(KEY_OF_OBJECT), "kms:Decrypt", bucket)]
    if of_object.get(KEY_OF_OBJECT):
        keys.append((wanted, "kms:Encrypt", to))
    for reference, use, of_bucket in keys:
        region = s3.bucket_region(of_bucket)
        context = via("s3", region) | encryption_context(aws__s3__arn=f"arn:aws:s3:::{of_bucket}")
        if reason := key_refusal(who, key_arn(reference, region), (use,), context):
            return reason
    return None


KEY_OF_OBJECT = "x-amz-server-side-encryption-aws-kms-key-id"

# What AWS refuses when a resource is made


def trusting(make, role_of, service, source_of, refuse):
    """Returns what makes a resource if its service may assume the role that it names."""

    def made(*arguments):
        for role in filter(None, role_of(*arguments)):
            by = Service(service, source_of(*arguments))
            if denied(permissions.assumption_refusal(Role(role, by, "check")), f"making a resource of {service}"):
                return refuse(role)
        return make(*arguments)

    return made


NOT_THE_SCHEDULERS = "The execution role you provide must allow AWS EventBridge Scheduler to assume the role."


def schedule_group(_, body):
    return here("scheduler", f"schedule-group/{body.get('GroupName', 'default')}")


def function_arn(data):
    return here("lambda", f"function:{data.get('FunctionName')}")


def rule_arn(data):
    rule = eventbridge._rules.get(eventbridge._rule_key(data.get("Rule"), data.get("EventBusName", "default"))) or {}
    return rule.get("Arn", "")


def plan_arn(plan, _):
    return backup._plan_arn(plan)


make_group = cloudwatch_logs._create_log_group


def log_group_refusal(name, key):
    """Says why CloudWatch Logs may not use a key for a group.

    CloudWatch Logs User Guide, "Encrypt log data in CloudWatch Logs using AWS KMS", step 2.
    """
    region, arn = responses.get_region(), here("logs", f"log-group:{name}")
    who = Service(f"logs.{region}.amazonaws.com", arn)
    reason = key_refusal(who, key_arn(key, region), ENCRYPT, encryption_context(aws__logs__arn=arn))
    if not denied(reason, f"log group {name}"):
        return None
    return responses.error_response_json(
        "InvalidParameterException",
        f"The specified KMS key does not exist or is not allowed to be used with Arn '{arn}'",
        400,
    )


def create_log_group(data):
    return log_group_refusal(data.get("logGroupName"), data.get("kmsKeyId")) or make_group(data)


def install():
    """Puts these in the place of MiniStack's own. Rules and schedules are connected by launch.py."""
    cloudwatch._dispatch_alarm_actions = notify
    alb._register_targets = register
    for actions in (value for value in vars(alb).values() if isinstance(value, dict) and "RegisterTargets" in value):
        actions["RegisterTargets"] = register
    lambda_svc._emit_lambda_logs = write_logs
    lambda_svc._route_async_failure = fail
    s3._maybe_replicate, s3._maybe_replicate_delete_marker = replicate_object, replicate_deletion
    s3._replication_destination = destination
    cloudwatch_logs._create_log_group = create_log_group
    lambda_svc._create_function = trusting(
        lambda_svc._create_function,
        lambda data: [data.get("Role")],
        "lambda.amazonaws.com",
        function_arn,
        lambda _: responses.error_response_json(
            "InvalidParameterValueException", "The role defined for the function cannot be assumed by Lambda.", 400
        ),
    )
    scheduler._create_schedule, scheduler._update_schedule = (
        trusting(
            make,
            lambda _, body: [(body.get("Target") or {}).get("RoleArn")],
            "scheduler.amazonaws.com",
            schedule_group,
            lambda _: scheduler._error(400, "ValidationException", NOT_THE_SCHEDULERS),
        )
        for make in (scheduler._create_schedule, scheduler._update_schedule)
    )
    backup._create_selection = trusting(
        backup._create_selection,
        lambda _, body: [(body.get("BackupSelection") or {}).get("IamRoleArn")],
        "backup.amazonaws.com",
        plan_arn,
        lambda role: backup._err("InvalidParameterValueException", f"IAM Role {role} cannot be assumed by AWS Backup", 400),
    )
    eventbridge._put_targets = trusting(
        eventbridge._put_targets,
        lambda data: [target.get("RoleArn") for target in data.get("Targets", [])],
        "events.amazonaws.com",
        rule_arn,
        lambda role: responses.error_response_json(
            "ValidationException", f"Provided role '{role}' cannot be assumed by principal 'events.amazonaws.com'.", 400
        ),
    )
