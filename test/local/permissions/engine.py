"""Judges calls by MiniStack's own IAM engine, the one that refuses requests on the local AWS emulator.

Standard input is JSON: {"documents": [policy, ...], "cases": [case, ...]}. A case names its policies by their index:
"identity" are the principal's, "policy" is the resource's own or null. Standard output is a list with each case's decision:
Allow, Deny or ImplicitDeny.
"""

import json
import sys

from ministack.core import iam_evaluator


def main():
    asked = json.load(sys.stdin)
    documents = asked["documents"]
    parsed = [iam_evaluator.parse_policy_document(document) for document in documents]
    json.dump([judge(case, documents, parsed) for case in asked["cases"]], sys.stdout)


def judge(case, documents, parsed):
    """A service of AWS has no policies of its own: what it may, the resource's policy says."""
    keys = {name.lower(): value for name, value in case["context"].items()}
    context = iam_evaluator.EvalContext(
        principal_arn=case["principal"],
        principal_type="Service" if case["service"] else "AssumedRole",
        principal_account="" if case["service"] else case["account"],
        action=case["action"],
        resource_arn=case["resource"],
        region=case["region"],
        source_ip="10.0.0.1",
        secure_transport=keys.pop("aws:securetransport", "true") == "true",
        service_context=keys,
    )
    resource = None if case["policy"] is None else documents[case["policy"]]
    if case["service"]:
        return iam_evaluator.evaluate_resource_policy(resource, context, service=case["principal"]).decision
    identity = iam_evaluator.evaluate(context, [parsed[index] for index in case["identity"]])
    if resource is None:
        return identity.decision
    combined = iam_evaluator.combine_resource_policy(identity, context, resource, case["account"], required=case["required"])
    return combined.decision


main()
