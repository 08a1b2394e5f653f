"""Has parliament and cloudsplaining read policies.

Standard input is a JSON object of policies by name; standard output a JSON list of findings, each with tool, check,
resource and message. parliament reads every policy. cloudsplaining reads those of identities alone: it judges what its
bearer may do, and a policy of a resource names others.
"""

import json
import sys

from cloudsplaining.scan.policy_document import PolicyDocument
from parliament import analyze_policy_string, enhance_finding
from parliament import statement as parliaments_statement

# The questions of cloudsplaining's report, by its names. Each attribute is a list of what is allowed on every resource.
QUESTIONS = {
    "PrivilegeEscalation": "allows_privilege_escalation",
    "DataExfiltration": "allows_data_exfiltration_actions",
    "ResourceExposure": "permissions_management_without_constraints",
    "CredentialsExposure": "credentials_exposure",
    "ServiceWildcard": "service_wildcard",
    "InfrastructureModification": "write_actions_without_constraints",
}


type_of = parliaments_statement.translate_documentation_types


def type_of_elements(documented):
    """Reads ArrayOfARN as ARN: of the Service Authorization Reference's types parliament 1.6 knows no arrays but of strings."""
    return type_of(documented.replace("ArrayOfARN", "ARN"))


parliaments_statement.translate_documentation_types = type_of_elements


def for_parliament(document):
    """Returns a policy in forms that parliament reads and that mean the same.

    A condition on one value is no list, which parliament does not read after the operator Bool. A trust policy has a
    resource: its role.
    """
    document = json.loads(json.dumps(document))
    for statement in document["Statement"]:
        if "Resource" not in statement:
            statement["Resource"] = "arn:aws:iam::111122223333:role/trusting"
        for keys in statement.get("Condition", {}).values():
            for key, values in keys.items():
                if isinstance(values, list) and len(values) == 1:
                    keys[key] = values[0]
    return document


def found_by_parliament(name, document):
    for issue in analyze_policy_string(json.dumps(for_parliament(document))).findings:
        finding = enhance_finding(issue)
        message = f"{finding.title}: {finding.detail}"
        yield {"tool": "parliament", "check": finding.issue, "resource": name, "message": message}


def found_by_cloudsplaining(name, document):
    policy = PolicyDocument(document)
    for question, attribute in QUESTIONS.items():
        allowed = getattr(policy, attribute)
        if allowed:
            yield {"tool": "cloudsplaining", "check": question, "resource": name, "message": json.dumps(allowed)}


def main():
    findings = []
    for name, document in json.load(sys.stdin).items():
        findings += found_by_parliament(name, document)
        if not any("Principal" in statement for statement in document["Statement"]):
            findings += found_by_cloudsplaining(name, document)
    json.dump(findings, sys.stdout)


if __name__ == "__main__":
    main()
