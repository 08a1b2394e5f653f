"""Names what a request is about, where MiniStack names nothing or something else, and says where nobody can.

AWS authorizes a request for each resource that it names: Service Authorization Reference, "Actions, resources, and condition
keys", the table of actions of each service.
"""

import dataclasses
import json
import re
import urllib.parse

from ministack.core import iam_actions
from ministack.services import kms, tagging

# Services and actions that are judged for people by the action alone, and why. People are whoever is no function: deployers,
# operators, CI. Functions are judged by the resource as well.
BY_ACTION = {
    "ec2": "AWS asks about all that an action touches, by ids and tags; MiniStack names one thing and keeps tags elsewhere",
    "backup:DeleteRecoveryPoint": "the gateway keeps recovery points and their tags, of which the engine does not know",
}

# Condition keys that say something of resources. Where nothing is known of those, they are not asked about either.
OF_RESOURCES = ("aws:resourcetag/", "aws:requesttag/", "ec2:createaction")

# Of functions' sessions: see judge.py.
FUNCTION_KEY = "lambda:sourcefunctionarn"


def judged_by_action(asked):
    """Says whether a request of a person is judged by its action alone."""
    listed = asked.action in BY_ACTION or asked.action.partition(":")[0] in BY_ACTION
    return listed and bool(asked.principal_keys) and FUNCTION_KEY not in asked.principal_keys


def of_any_resource(statement):
    """Returns a statement that allows, as if it were about every resource. One that denies stays."""
    if statement.effect != "Allow":
        return statement
    conditions = {
        operator: {key: value for key, value in keys.items() if not key.lower().startswith(OF_RESOURCES)}
        for operator, keys in statement.conditions.items()
    }
    kept = {operator: keys for operator, keys in conditions.items() if keys}
    return dataclasses.replace(statement, resources=["*"], not_resources=[], conditions=kept)


class Request:
    """A request, and the account and region that it is for."""

    def __init__(self, action, path, body, parameters, region, account):
        self.action, self.path, self.parameters = action, path, parameters
        self.region, self.account = region, account
        try:
            self.fields = json.loads(body) if body[:1] == b"{" else {}
        except ValueError:
            self.fields = {}

    def get(self, name):
        """Returns a parameter of the request in any protocol, "" when it has none."""
        found = self.fields.get(name) or iam_actions._query_param(self.parameters, name)
        return found if isinstance(found, str) else ""

    def list(self, name):
        """Lists the values of a parameter that has several."""
        found = self.fields.get(name)
        if isinstance(found, list):
            return [str(one) for one in found]
        pattern = re.compile(re.escape(name) + r"(\.member)?\.\d+")
        return [iam_actions._query_param(self.parameters, one) for one in self.parameters if pattern.fullmatch(one)]

    def arn(self, service, resource, region=None):
        if resource.startswith("arn:"):
            return resource
        return f"arn:aws:{service}:{self.region if region is None else region}:{self.account}:{resource}"

    def named(self, service, prefix, *names):
        """Lists the ARNs of resources by their names, or by ARNs, which stay."""
        return [name if name.startswith("arn:") else self.arn(service, prefix + name) for name in names if name]


# The names that a request may have, and what they are names of. RDS authorizes a request for each.
DATABASES = {
    "DBInstanceIdentifier": "db:",
    "DBClusterIdentifier": "cluster:",
    "DbClusterIdentifier": "cluster:",
    "SourceDBClusterIdentifier": "cluster:",
    "TargetDbClusterIdentifier": "cluster:",
    "DBClusterParameterGroupName": "cluster-pg:",
    "DBSubnetGroupName": "subgrp:",
    "DBClusterSnapshotIdentifier": "cluster-snapshot:",
    "FinalDBSnapshotIdentifier": "cluster-snapshot:",
    "SnapshotIdentifier": "cluster-snapshot:",
    "ResourceName": "",
}


# By action that describes: the parameter that names one, and its type. Without the name it is a request for all of the region.
ALL_OF_RDS = {
    "DescribeDBClusters": ("DBClusterIdentifier", "cluster"),
    "DescribeDBInstances": ("DBInstanceIdentifier", "db"),
    "DescribeGlobalClusters": ("GlobalClusterIdentifier", "global-cluster"),
}


def databases(request):
    """Lists what a request of RDS names: Service Authorization Reference, "Actions defined by Amazon RDS"."""
    name, kind = ALL_OF_RDS.get(request.action, ("", ""))
    if kind and not request.get(name):
        return [request.arn("rds", f"{kind}:*", region="" if kind == "global-cluster" else None)]
    named = [one for field, prefix in DATABASES.items() for one in request.named("rds", prefix, request.get(field))]
    if globe := request.get("GlobalClusterIdentifier"):
        named.append(request.arn("rds", f"global-cluster:{globe}", region=""))
    return named


def balancers(request):
    kind = {"CreateLoadBalancer": "loadbalancer/app", "CreateTargetGroup": "targetgroup"}.get(request.action)
    if kind:
        return [request.arn("elasticloadbalancing", f"{kind}/{request.get('Name')}/*")]
    return request.list("ResourceArns")


def alarms(request):
    boards = [*request.list("DashboardNames"), request.get("DashboardName")]
    return [
        *request.named("cloudwatch", "alarm:", *request.list("AlarmNames")),
        *(request.arn("cloudwatch", f"dashboard/{name}", region="") for name in boards if name),
        *request.named("cloudwatch", "", request.get("ResourceARN")),
    ]


def events(request):
    if request.action.endswith("EventBus"):
        return request.named("events", "event-bus/", request.get("Name"))
    if request.action.endswith("Archive"):
        archive = request.named("events", "archive/", request.get("ArchiveName"))
        return archive + request.named("events", "", request.get("EventSourceArn"))
    if request.action.endswith("Permission"):
        return request.named("events", "event-bus/", request.get("EventBusName") or "default")
    rule = request.get("Rule") or (request.get("Name") if request.action.endswith("Rule") else "")
    if rule:  # Of a rule on the default bus the ARN does not name the bus.
        bus = request.get("EventBusName").rpartition("/")[2]
        return request.named("events", "rule/", rule if bus in ("", "default") else f"{bus}/{rule}")
    return request.named("events", "", request.get("ResourceARN"))


def keys(request):
    """AWS KMS Developer Guide, "AWS KMS permissions": an alias and its key must both be allowed."""
    if request.action not in ("CreateAlias", "DeleteAlias"):
        return []
    alias = request.get("AliasName")
    found = kms._resolve_key(request.get("TargetKeyId") or alias)
    return [request.arn("kms", alias), *([found["Arn"]] if found else [])]


def functions(request):
    return request.named("lambda", "function:", request.get("FunctionName")) if request.path.endswith("/functions") else []


def secrets(request):
    """The ARN of a secret ends in six characters of AWS's, which a policy stands for with ?: of one that is made, any do."""
    if request.action != "CreateSecret":
        return []
    return request.named("secretsmanager", "secret:", request.get("Name") + "-abcdef")


def backups(request):
    """AWS Backup's requests name their resources in the path. A plan that tests restores has an ARN of its name and an id."""
    parts = [urllib.parse.unquote(part) for part in request.path.strip("/").split("/")]
    kind, name = parts[0], parts[1] if len(parts) > 1 else ""
    if kind in ("tags", "untag"):
        return request.named("backup", "", name)
    if kind == "backup-vaults":
        if parts[2:3] == ["recovery-points"] and len(parts) > 3:
            return request.named("backup", "", parts[3])
        return request.named("backup", "backup-vault:", name)
    if kind == "backup" and name == "plans":
        return request.named("backup", "backup-plan:", parts[2] if len(parts) > 2 else "*")
    if kind == "restore-testing" and name == "plans":
        made = (request.fields.get("RestoreTestingPlan") or {}).get("RestoreTestingPlanName", "")
        return request.named("backup", "restore-testing-plan:", f"{parts[2] if len(parts) > 2 else made}-*")
    return []


def firewalls(request):
    """Lists what a request of AWS WAF names, the groups of AWS's rules in it too.

    Service Authorization Reference, "Actions defined by AWS WAF V2".
    """
    of = request.fields.get("LoggingConfiguration") or {}
    named = [request.get("WebACLArn"), request.get("ResourceArn"), request.get("ResourceARN"), of.get("ResourceArn", "")]
    if request.action.endswith("WebACL") and request.get("Name"):
        groups = (rule.get("Statement", {}).get("ManagedRuleGroupStatement") for rule in request.fields.get("Rules") or [])
        named.append(f"regional/webacl/{request.get('Name')}/{request.get('Id') or '*'}")
        named += [f"regional/managedruleset/{group['Name']}/*" for group in groups if group]
    return request.named("wafv2", "", *named)


# By action of CloudWatch Logs: the end of the ARN that it is authorized for. Every action that the platform's people and
# functions call is here; a test holds that. Which type of resource an action takes: Service Authorization Reference, "Actions,
# resources, and condition keys for Amazon CloudWatch Logs". In policies a group's ARN ends in :*, but for the three actions on
# tags, which take it without: CloudWatch Logs API Reference, LogGroup, arn and logGroupArn. A stream's is in the User Guide,
# "CloudWatch Logs resources and operations".
OF_TAGS, OF_GROUP, OF_STREAM, OF_ACCOUNT = "", ":*", ":log-stream:{stream}", None
LOG_ACTIONS = {
    "AssociateKmsKey": OF_GROUP,
    "CreateLogDelivery": OF_ACCOUNT,
    "CreateLogGroup": OF_GROUP,
    "CreateLogStream": OF_STREAM,
    "DeleteLogDelivery": OF_ACCOUNT,
    "DeleteLogGroup": OF_GROUP,
    "DeleteLogStream": OF_STREAM,
    "DescribeLogGroups": OF_ACCOUNT,
    "DescribeLogStreams": OF_GROUP,
    "DescribeResourcePolicies": OF_ACCOUNT,
    "DisassociateKmsKey": OF_GROUP,
    "FilterLogEvents": OF_GROUP,
    "GetLogEvents": OF_STREAM,
    "ListTagsForResource": OF_TAGS,
    "PutLogEvents": OF_STREAM,
    "PutResourcePolicy": OF_ACCOUNT,
    "PutRetentionPolicy": OF_GROUP,
    "TagResource": OF_TAGS,
    "UntagResource": OF_TAGS,
}
# The fields by which requests name a group, by its name or its ARN.
GROUP_FIELDS = ("logGroupName", "logGroupIdentifier", "resourceIdentifier", "resourceArn")


def logs(request):
    """Names the log group or stream of a request, all of the account's where an action takes none."""
    if request.action not in LOG_ACTIONS:
        return []
    form = LOG_ACTIONS[request.action]
    if form is OF_ACCOUNT:
        return [request.arn("logs", "*")]
    named = next((name for name in map(request.get, GROUP_FIELDS) if name), "")
    groups = request.named("logs", "log-group:", named.removesuffix(":*"))
    return [group + form.format(stream=request.get("logStreamName")) for group in groups]


NAMES = {
    "rds": databases,
    "elasticloadbalancing": balancers,
    "monitoring": alarms,
    "events": events,
    "kms": keys,
    "lambda": functions,
    "logs": logs,
    "secretsmanager": secrets,
    "backup": backups,
    "wafv2": firewalls,
    "sns": lambda request: request.named("sns", "", request.get("ResourceArn")),
    "dynamodb": lambda request: request.named("dynamodb", "", request.get("ResourceArn")),
}


def named(service, action, path, body, parameters, region, account):
    """Lists what a request is about, nothing where MiniStack's own word stands."""
    found = NAMES.get(service)
    return found(Request(action.partition(":")[2], path, body, parameters, region, account)) if found else []


def tags_of_plans(fields):
    """Names the tags with which a plan or a vault is made: their fields have other names than those of tags elsewhere."""
    found = fields.get("BackupPlanTags") or fields.get("BackupVaultTags") or {}
    return {f"aws:RequestTag/{name}".lower(): value for name, value in found.items()}


def install():
    """Lets conditions ask for the tags of AWS Backup's plans and vaults, too."""
    tagging._RESOURCE_TAG_COLLECTORS["backup"] = tagging._COLLECTORS["backup"]
