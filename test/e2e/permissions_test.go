//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// forced are the statements whose actions AWS lets nobody narrow to a resource, by Sid (Service Authorization Reference, the
// tables of actions of each service: no resource type, or none for the list operations).
var forced = map[string]string{
	"DescribeNetwork":        "EC2's Describe actions have no resource type",
	"DescribeGlobalDatabase": "RDS's Describe actions on all that there is, as the controller asks",
	"PublishMetrics":         "PutMetricData has no resource type; the condition names the namespace",
	"ReadMetrics":            "GetMetricData has no resource type",
}

// statement is one of an IAM policy. AWS takes one word or a list.
type statement struct {
	Sid, Effect      string
	Action, Resource words
}

type words []string

func (w *words) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*w = words{one}
		return nil
	}
	return json.Unmarshal(text, (*[]string)(w))
}

// checkPermissions walks the states of all stacks: what a role of the platform is allowed names its actions, and its
// resources unless AWS forbids that.
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
					if forced[s.Sid] == "" {
						t.Errorf("%s, statement %s, allows %q of every resource, want some, or the reason in this test's table", urn, s.Sid, s.Action)
					}
				}
			}
		}
	}
	if policies == 0 {
		t.Error("the states have no policy of a role")
	}
	for sid := range forced {
		if !seen[sid] {
			t.Errorf("no statement %s allows something of every resource: take it out of this test's table", sid)
		}
	}
}
