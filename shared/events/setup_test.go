package events

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/naming"
	"warmstandby/shared/pulumitest"
	"warmstandby/shared/region"
)

const (
	busToken   = "aws:cloudwatch/eventBus:EventBus"
	queueToken = "aws:sqs/queue:Queue"
	roleToken  = "aws:iam/role:Role"

	busName = "bus-records-blue"
)

// side is one region as the test expects it, beside the other.
type side struct{ role, region, otherRole, otherRegion string }

var sides = [...]side{
	{"primary", "us-east-1", "secondary", "us-west-2"},
	{"secondary", "us-west-2", "primary", "us-east-1"},
}

func (s side) ruleName() string { return "rule-forward-records-" + s.role + "-blue" }
func (s side) ruleARN() string {
	return "arn:aws:events:" + s.region + ":111122223333:rule/" + busName + "/" + s.ruleName()
}
func (s side) busARN() string {
	return "arn:aws:events:" + s.region + ":111122223333:event-bus/" + busName
}
func (s side) queueName() string { return "queue-undelivered-records-" + s.role + "-blue" }
func (s side) roleName() string  { return "role-forward-records-" + s.role + "-blue" }
func (s side) other() side       { return side{s.otherRole, s.otherRegion, s.role, s.region} }

func build(t *testing.T, opts ...pulumitest.Option) *pulumitest.Recording {
	t.Helper()
	return pulumitest.Run(t, "project", "dev", nil, func(ctx *pulumi.Context) error {
		namer, err := naming.New("blue")
		if err != nil {
			return err
		}
		pair, err := region.NewPair(ctx, region.PairArgs{
			Environment: "dev", Namer: namer, Primary: sides[0].region, Standby: sides[1].region,
		})
		if err != nil {
			return err
		}
		_, err = NewCrossRegion(ctx, "events", Args{Purpose: "records", Regions: pair, ArchiveDays: 21})
		return err
	}, opts...)
}

// rules are those that the environment under test must keep.
func rules() pulumitest.Rules {
	return pulumitest.Rules{
		Suffix: "blue",
		Roles:  map[string]naming.Role{sides[0].region: naming.Primary, sides[1].region: naming.Secondary},
		Home: func(name string) string {
			for _, side := range sides {
				if strings.Contains(name, side.role) {
					return side.region
				}
			}
			return ""
		},
	}
}

// statement is a policy's as IAM reads it.
type statement struct {
	Sid, Effect string
	Principal   map[string][]string
	Action      []string
	Resource    []string
	Condition   map[string]map[string][]string
}

func statements(t *testing.T, text string) []statement {
	t.Helper()
	var parsed struct{ Statement []statement }
	if err := json.Unmarshal([]byte(text), &parsed); err != nil {
		t.Fatalf("the policy %q is no JSON: %v", text, err)
	}
	return parsed.Statement
}

func arn(r pulumitest.Resource) string { return r.Outputs["arn"].StringValue() }

// wantAfter wants a resource to depend on others.
func wantAfter(t *testing.T, made pulumitest.Resource, others ...pulumitest.Resource) {
	t.Helper()
	depends := map[string]bool{}
	for _, urn := range made.Request.GetDependencies() {
		depends[urn] = true
	}
	for _, other := range others {
		if !depends[other.URN] {
			t.Errorf("%s %s does not wait for %s %s", made.Type, made.Name, other.Type, other.Name)
		}
	}
}
