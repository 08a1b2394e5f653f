package events

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/test/support/pulumitest"
	"warmstandby/test/support/regiontest"
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

// mirrored are the words by which the sides differ.
func (s side) mirrored() pulumitest.Side {
	return pulumitest.Side{Region: s.region, Words: []string{s.role, "<own>", s.region, "<own>", s.otherRole, "<peer>", s.otherRegion, "<peer>"}}
}

func build(t *testing.T, opts ...pulumitest.Option) *pulumitest.Recording {
	t.Helper()
	return buildWith(t, false, opts...)
}

func buildWith(t *testing.T, protection bool, opts ...pulumitest.Option) *pulumitest.Recording {
	t.Helper()
	return pulumitest.Run(t, "project", "dev", nil, func(ctx *pulumi.Context) error {
		pair, err := regiontest.Pair(ctx)
		if err != nil {
			return err
		}
		_, err = NewCrossRegion(ctx, "events", Args{Purpose: "records", Regions: pair, ArchiveDays: 21, Protection: protection})
		return err
	}, opts...)
}

// rules are those that the environment under test must keep.
func rules(protection bool) pulumitest.Rules {
	return pulumitest.PairRules("blue", sides[0].region, sides[1].region, protection, nil)
}
