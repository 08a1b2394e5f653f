package hipaa

import (
	"fmt"
	"regexp"
	"slices"

	"warmstandby/test/support/invariant"
)

const (
	alarmToken      = "aws:cloudwatch/metricAlarm:MetricAlarm"
	rolePolicyToken = "aws:iam/rolePolicy:RolePolicy"
	permissionToken = "aws:lambda/permission:Permission"
	secretToken     = "aws:secretsmanager/secret:Secret"
)

// dailySchedule matches a schedule of one time on every day.
var dailySchedule = regexp.MustCompile(`^cron\(\d+ \d+ (\?|\*) \* (\?|\*) \*\)$`)

// ofRoles is a rule about the policies of roles, which every stack has.
func ofRoles(name, requirement string, allowed func(statement) bool) Rule {
	return Rule{Name: name, check: &check{
		requirement: requirement, tokens: []string{rolePolicyToken, "aws:iam/policy:Policy"}, stack: everyStack,
		fault: func(r invariant.Resource, _ stack) string {
			if slices.ContainsFunc(statements(r.Outputs.Text("policy")), func(s statement) bool { return !allowed(s) }) {
				return "has a statement that allows it"
			}
			return ""
		},
	}}
}

// serviceWide matches all actions of a service, or of all services.
var serviceWide = regexp.MustCompile(`^(\*|[a-z0-9-]+:\*)$`)

var otherRules = []Rule{
	{
		Name: "cloudwatch-alarm-action-check",
		check: &check{
			requirement: "alarms have an action, also without data", tokens: []string{alarmToken}, stack: appStacks,
			fault: func(r invariant.Resource, _ stack) string {
				if len(texts(r.Outputs.Get("alarmActions"))) == 0 {
					return "has no action"
				}
				if len(texts(r.Outputs.Get("insufficientDataActions"))) == 0 {
					return "has no action without data"
				}
				return ""
			},
		},
		excuses: []excuse{
			{
				alarmToken, "alarm-*", appStacks,
				"each alarm says what silence means (treatMissingData): it is in alarm by that, or quiet, and never without data for long",
			},
			{alarmToken, "alarm-*", edgeStack, "each alarm says what silence means (treatMissingData)"},
		},
	},
	ofRoles("iam-inline-policy-blocked-kms-actions", "no role may decrypt with every key", func(s statement) bool {
		return !s.allowsEverywhere("kms:*", "kms:Decrypt", "kms:ReEncrypt*")
	}),
	{
		Name: "iam-no-inline-policy-check",
		check: &check{
			requirement: "roles have managed policies alone", tokens: []string{rolePolicyToken}, stack: everyStack,
			fault: func(invariant.Resource, stack) string { return "is a policy in its role" },
		},
		excuses: []excuse{
			{
				rolePolicyToken, "role-*", everyStack,
				"each policy is one role's, names that role's resources, and goes with it; nobody attaches it to another",
			},
		},
	},
	ofRoles("iam-policy-no-statements-with-admin-access", "no policy allows everything", func(s statement) bool {
		return s.Effect != "Allow" || !slices.Contains(texts(s.Action), "*")
	}),
	ofRoles("iam-policy-no-statements-with-full-access", "no policy allows all actions of a service", func(s statement) bool {
		return s.Effect != "Allow" || !slices.ContainsFunc(texts(s.Action), serviceWide.MatchString)
	}),
	{Name: "lambda-function-public-access-prohibited", check: &check{
		requirement: "functions are invoked by services alone, each for one source",
		tokens:      []string{permissionToken, "aws:lambda/functionUrl:FunctionUrl"},
		stack:       appStacks,
		fault: func(r invariant.Resource, _ stack) string {
			if r.Type != permissionToken || r.Outputs.Text("principal") == "*" || r.Outputs.Text("sourceArn") == "" {
				return fmt.Sprintf("admits %q without a source", r.Outputs.Text("principal"))
			}
			return ""
		},
	}},
	{
		Name: "secretsmanager-rotation-enabled-check",
		check: &check{
			requirement: "secrets rotate by themselves", tokens: []string{secretToken}, stack: dataStack,
			fault: companion("aws:secretsmanager/secretRotation:SecretRotation", "secretId", "arn", nil),
		},
		excuses: []excuse{{
			secretToken, "secret-database-*", dataStack,
			"the master password sets the database's roles up and serves no request; an operator rotates it at any time, also around a " +
				"failover (decision 40)",
		}},
	},
	{Name: "secretsmanager-using-cmk", check: &check{
		requirement: "secrets are under a key of the platform's", tokens: []string{secretToken}, stack: dataStack, fault: wantsKey("kmsKeyId"),
	}},
	{Name: "sns-encrypted-kms", check: &check{
		requirement: "topics are under a key of the platform's", tokens: []string{"aws:sns/topic:Topic"}, stack: appStacks,
		fault: wantsKey("kmsMasterKeyId"),
	}},
}
