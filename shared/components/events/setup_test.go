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

// testRegion is one region as the tests expect it, and the other region.
type testRegion struct{ role, region, otherRole, otherRegion string }

var testRegions = [...]testRegion{
	{"primary", "us-east-1", "secondary", "us-west-2"},
	{"secondary", "us-west-2", "primary", "us-east-1"},
}

func (r testRegion) ruleName() string { return "rule-forward-records-" + r.role + "-blue" }
func (r testRegion) ruleARN() string {
	return "arn:aws:events:" + r.region + ":111122223333:rule/" + busName + "/" + r.ruleName()
}
func (r testRegion) busARN() string {
	return "arn:aws:events:" + r.region + ":111122223333:event-bus/" + busName
}
func (r testRegion) queueName() string { return "queue-undelivered-records-" + r.role + "-blue" }
func (r testRegion) roleName() string  { return "role-forward-records-" + r.role + "-blue" }
func (r testRegion) other() testRegion {
	return testRegion{r.otherRole, r.otherRegion, r.role, r.region}
}

// mirrored are the words in which the regions differ.
func (r testRegion) mirrored() pulumitest.RegionView {
	return pulumitest.RegionView{
		Region: r.region, Words: []string{r.role, "<own>", r.region, "<own>", r.otherRole, "<peer>", r.otherRegion, "<peer>"},
	}
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
		buses, err := NewBusPair(ctx, "events", Args{Purpose: "records", Regions: pair, ArchiveDays: 21, Protection: protection})
		if err != nil {
			return err
		}
		return buses.Forward(ctx)
	}, opts...)
}

// rules are those of the environment under test.
func rules(protection bool) pulumitest.Rules {
	return pulumitest.TwoRegionRules("blue", testRegions[0].region, testRegions[1].region, protection, nil)
}
