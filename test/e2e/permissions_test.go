//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// wildcardStatements are the statements whose actions cannot be restricted to a resource, by Sid (Service Authorization
// Reference, the tables of actions of each service: no resource type, or none for the list operations).
var wildcardStatements = map[string]string{
	"CompareQuotas":      "the reads of Service Quotas have no resource type; the condition names the regions",
	"CopyToPeerVault":    "the resource is a recovery point, which the service that made it names; the condition names the vault that it goes to",
	"DescribeAlarms":     "CloudWatch returns composite alarms only to a permission on every resource",
	"DescribeNetwork":    "EC2's Describe actions have no resource type",
	"FindLogGroup":       "DescribeLogGroups has no resource type, and AWS lists it as the least for flow logs",
	"FindResources":      "CloudWatch, EventBridge, S3 and the tagging service list without a resource type",
	"PublishMetrics":     "PutMetricData has no resource type; the condition names the namespace",
	"ReadMetrics":        "GetMetricData has no resource type",
	"ReportRestoreTests": "PutRestoreValidationResult has no resource type",
}

// statement is a statement of an IAM policy, whose elements are a string or a list.
type statement struct {
	Sid, Effect      string
	Action, Resource stringList
}

type stringList []string

func (w *stringList) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*w = stringList{one}
		return nil
	}
	return json.Unmarshal(text, (*[]string)(w))
}

// checkPermissions checks in all states that the policies of roles name each action, and each resource where IAM supports it.
func checkPermissions(t *testing.T, p *platform) {
	seen := map[string]bool{}
	policies := 0
	for _, stack := range stacks {
		for urn, outputs := range p.resources(t, stack) {
			if !strings.Contains(urn, "aws:iam/rolePolicy:RolePolicy::") {
				continue
			}
			policies++
			var document struct{ Statement []statement }
			if err := json.Unmarshal([]byte(fmt.Sprint(outputs["policy"])), &document); err != nil {
				t.Errorf("reading %s: %v", urn, err)
			}
			for _, s := range document.Statement {
				if s.Effect != "Allow" {
					continue
				}
				for _, action := range s.Action {
					if strings.Contains(action, "*") {
						t.Errorf("%s, statement %s, allows %s, want each action by its name", urn, s.Sid, action)
					}
				}
				if slices.Contains(s.Resource, "*") {
					seen[s.Sid] = true
					if wildcardStatements[s.Sid] == "" {
						t.Errorf("%s, statement %s, allows %q of every resource, want some, or the reason in this test's table", urn, s.Sid, s.Action)
					}
				}
			}
		}
	}
	if policies == 0 {
		t.Error("the states have no policy of a role")
	}
	for sid := range wildcardStatements {
		if !seen[sid] {
			t.Errorf("no statement %s allows something of every resource: take it out of this test's table", sid)
		}
	}
}
