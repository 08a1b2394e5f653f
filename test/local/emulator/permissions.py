"""Whether a service of AWS, or a role that it assumes, may do something: the one interface to MiniStack's policy engine.

MiniStack judges the requests that it gets. What services do without a request (an alarm that notifies a topic, S3 that
replicates by a role, SNS that uses a key for a publisher) is asked here, of the same engine. A refusal is the sentence of AWS's
error, None means that it is allowed.
"""

import contextlib
import contextvars
import dataclasses
import functools
import os
import time

from ministack.core import iam_actions, responses
from ministack.core import iam_evaluator as engine
from ministack.core.arn import ArnParseError, parse_arn
from ministack.services import eventbridge, iam, kms

from files import read_json

# How long a change of a role or of its policies takes to have an effect, in seconds. IAM User Guide, "Troubleshoot IAM",
# "Changes that I make are not always immediately visible".
PROPAGATION = float(os.environ.pop("IAM_PROPAGATION", "0"))
ROLE_CHANGES = (
    "CreateRole",
    "UpdateAssumeRolePolicy",
    "PutRolePolicy",
    "DeleteRolePolicy",
    "AttachRolePolicy",
    "DetachRolePolicy",
)


# The condition keys with which services assume roles. A service that is not here names no source: AWS documents none for AWS
# Backup and for S3's replication. Amazon EventBridge, EventBridge Scheduler and Amazon VPC User Guides, each of "Cross-service
# confused deputy prevention"; for Lambda AWS's own trust policies (github.com/aws/agent-toolkit-for-aws, lambda-trust-policy).
KEYS_OF_ASSUMPTION = {
    "events.amazonaws.com": ("aws:sourcearn", "aws:sourceaccount"),
    "lambda.amazonaws.com": ("aws:sourceaccount",),
    "scheduler.amazonaws.com": ("aws:sourcearn", "aws:sourceaccount"),
    "vpc-flow-logs.amazonaws.com": ("aws:sourcearn", "aws:sourceaccount"),
}


@dataclasses.dataclass(frozen=True)
class Service:
    """A service that acts as itself, for a resource of the account."""

    name: str  # its principal, such as events.amazonaws.com
    source: str  # the ARN of the resource for which it acts

    @property
    def context(self):
        account = responses.get_account_id()
        return {"aws:sourcearn": self.source, "aws:sourceaccount": account, "aws:sourceowner": account}

    @property
    def context_of_assumption(self):
        """The condition keys of the service's sts:AssumeRole: those that AWS documents, and no more."""
        return {key: value for key, value in self.context.items() if key in KEYS_OF_ASSUMPTION.get(self.name, ())}


@dataclasses.dataclass(frozen=True)
class Role:
    """A role that a service has assumed for a resource of the account."""

    arn: str
    by: Service
    session: str  # the session's name

    @property
    def name(self):
        return self.arn.rpartition("/")[2]

    @property
    def principal(self):
        return f"arn:aws:sts::{responses.get_account_id()}:assumed-role/{self.name}/{self.session}"


# What was decided while one request is carried out, by question: a batch of events asks the same of each. It is None outside of
# a request.
decisions = contextvars.ContextVar("decisions", default=None)


@contextlib.contextmanager
def deciding_once():
    """Decides each question once for as long as this lasts, which is one request."""
    known = Decisions()
    token = decisions.set(known)
    try:
        yield
    finally:
        decisions.reset(token)
        known.over = True  # for tasks and threads that the request has started, which have its context


class Decisions(dict):
    """The refusals of one request, None for what is allowed."""

    over = False


def refusal(who, action, resource, context=None, policy=None):
    """Says why a service or a role may not do something to a resource, None when it may.

    policy is the resource's own, for a service; that of a key, a queue, a topic, a bucket, a function or a bus is looked up.
    """
    known = decisions.get()
    if known is None or known.over:
        return decide(who, action, resource, context, policy)
    asked = (responses.get_region(), who, action, resource, repr(sorted((context or {}).items())), policy)
    if asked not in known:
        known[asked] = decide(who, action, resource, context, policy)
    return known[asked]


def decide(who, action, resource, context, policy):
    """Asks the engine, as refusal has it."""
    if isinstance(who, Role):
        return assumption_refusal(who) or role_refusal(who, action, resource, context or {})
    if policy is None:
        found = resource_policy(resource)
        policy = found[0] if found else ""
    asked = question("*", "Service", "", action, resource, who.context | (context or {}))
    if engine.evaluate_resource_policy(policy, asked, service=who.name).decision == "Allow":
        return None
    return (
        f"User: {who.name} is not authorized to perform: {action} on resource: {resource}"
        f" because no resource-based policy allows the {action} action"
    )


def assumption_refusal(role):
    """Says why a service may not assume a role, None when it may."""
    trust = (known_role(role.name) or {}).get("AssumeRolePolicyDocument")
    asked = question("*", "Service", "", "sts:AssumeRole", role.arn, role.by.context_of_assumption)
    if engine.evaluate_resource_policy(trust, asked, service=role.by.name).decision == "Allow":
        return None
    return f"User: {role.by.name} is not authorized to perform: sts:AssumeRole on resource: {role.arn}"


def role_refusal(role, action, resource, context):
    account = responses.get_account_id()
    asked = question(role.principal, "AssumedRole", account, action, resource, context)
    limits = engine._permissions_boundary(iam._roles, role.name, account)
    result = engine.evaluate(asked, engine._gather_role_policies(role.name, account), *limits)
    if found := resource_policy(resource):
        result = engine.combine_resource_policy(result, asked, *found, required=action.startswith("kms:"), limits=limits)
    if result.decision == "Allow":
        return None
    return engine_words(action, role.principal, resource, result)


def here(service, resource):
    """Returns the ARN of a resource of the account in the region of the request."""
    return f"arn:aws:{service}:{responses.get_region()}:{responses.get_account_id()}:{resource}"


def engine_words(action, principal, resource, result):
    if result.decision == "Deny" and result.resource_policy_arn:
        return iam_actions._resource_policy_denial(action.partition(":")[0], action, principal, resource)
    return iam_actions.identity_denial_message(action, principal, resource, result.decision == "Deny")


def question(principal, kind, account, action, resource, context):
    """Makes what the engine is asked. Services of AWS speak TLS to one another."""
    return engine.EvalContext(
        principal_arn=principal,
        principal_type=kind,
        principal_account=account,
        action=action,
        resource_arn=resource,
        region=responses.get_region(),
        secure_transport=True,
        service_context={"aws:tagkeys": None} | {key.lower(): value for key, value in context.items()},
    )


def resource_policy(resource):
    """Returns a resource's own policy and the account of its owner, None for a resource that has none."""
    try:
        spec = parse_arn(resource)
    except ArnParseError:
        return None
    with in_region(spec.region):
        return engine._resource_policy(spec.service, resource)


@contextlib.contextmanager
def in_region(region):
    """Looks at the resources of a region; those of an ARN without one are looked at from where the caller is."""
    here = responses.get_region()
    responses.set_request_region(region or here)
    try:
        yield
    finally:
        responses.set_request_region(here)


def key_arn(reference, region):
    """Returns the ARN of the customer managed key that a resource of a region names, None for a key of AWS's."""
    if not reference or "alias/aws/" in reference:
        return None
    with in_region(region):
        key = kms._resolve_key(reference)
    return key["Arn"] if key else None


def key_refusal(who, key, actions, context):
    """Says why a service or a role may not use a key, None when it may, or when there is no key to ask about."""
    if not key:
        return None
    return next(filter(None, (refusal(who, action, key, context) for action in actions)), None)


def via(service, region):
    """The condition key of a key's use through a service. AWS KMS Developer Guide, "AWS KMS condition keys", kms:ViaService."""
    return {"kms:viaservice": f"{service}.{region}.amazonaws.com"}


def encryption_context(**pairs):
    """Condition keys of an encryption context. AWS KMS Developer Guide, kms:EncryptionContext:context-key."""
    names = {key.replace("__", ":"): value for key, value in pairs.items()}
    return {f"kms:encryptioncontext:{key}": value for key, value in names.items()} | {
        "kms:encryptioncontextkeys": list(names),
    }


# The policies of event buses are the gateway's, in a file whose name is in BUS_POLICIES, by region and name of the bus.
BUS_POLICIES = os.environ.pop("BUS_POLICIES", "")


def bus_policy(arn):
    spec = parse_arn(arn)
    name = spec.resource.partition("/")[2]
    policies = (read_json(BUS_POLICIES) if BUS_POLICIES else None) or {}
    return policies.get(f"{spec.region}/{name}", ""), spec.account_id


eventbridge.bus_policy_for_arn = bus_policy
engine._RESOURCE_POLICY_LOOKUPS["events"] = ("eventbridge", "bus_policy_for_arn")


before = {}  # by role, until when a change has no effect, and what was before it: the role's record and its policies
gather = engine._gather_role_policies


def policies_in_effect(name, account):
    until, _, policies = before.get(name, (0, None, None))
    return policies if time.monotonic() < until else gather(name, account)


def known_role(name):
    """Returns a role's record as services know it, None for a role that they do not know."""
    until, record, _ = before.get(name, (0, None, None))
    return record if time.monotonic() < until else iam._roles.get(name)


def will_change(action, name):
    """Keeps what a role was before a change of it, for as long as the change takes to have an effect."""
    if not PROPAGATION or action not in ROLE_CHANGES:
        return
    now = time.monotonic()
    until, record, policies = before.get(name, (0, None, None))
    if now >= until:
        record, policies = iam._roles.get(name), gather(name, responses.get_account_id())
        record = dict(record) if record else None
    before[name] = (now + PROPAGATION, record, policies)


engine._gather_role_policies = policies_in_effect


# Each invocation of a function asks about its role: the documents, which are texts that do not change, are read once each.
parse_document = engine.parse_policy_document
parsed_text = functools.lru_cache(maxsize=512)(parse_document)


def parsed(document):
    return parsed_text(document) if isinstance(document, str) else parse_document(document)


engine.parse_policy_document = parsed
