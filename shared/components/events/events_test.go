package events

import (
	"reflect"
	"testing"

	"warmstandby/test/support/pulumitest"
)

func TestEveryResourceKeepsTheRules(t *testing.T) {
	pulumitest.CheckEveryWay(t, buildWith, rules)
}

// But for the region's name and role the two sides are the same.
func TestTheTwoSidesAreTheSame(t *testing.T) {
	pulumitest.CheckMirrored(t, build(t), sides[0].mirrored(), sides[1].mirrored())
}

func TestOutsideThePartitionAwsNoARNIsOfIt(t *testing.T) {
	pulumitest.CheckPartition(t, func(opt pulumitest.Option) *pulumitest.Recording { return build(t, opt) })
}

func TestBothRegionsHaveABusOfTheSameNameWithAnArchive(t *testing.T) {
	recording := build(t)
	for _, side := range sides {
		bus := recording.Get(t, busToken, "records-"+side.role)
		if got := bus.Text("name"); got != busName {
			t.Errorf("the bus of %s is %q, want %q", side.region, got, busName)
		}
		archive := recording.Get(t, "aws:cloudwatch/eventArchive:EventArchive", "archive-records-"+side.role+"-blue")
		// A pattern would leave events out.
		if archive.Text("eventSourceArn") != bus.ARN() || archive.Input("retentionDays") != 21.0 || archive.Input("eventPattern") != nil {
			t.Errorf("the archive of %s is %v, want all of %s for 21 days", side.region, archive.Inputs.Mappable(), bus.ARN())
		}
	}
}

func TestABusAdmitsTheAccountAndOfAllRulesTheOtherRegions(t *testing.T) {
	recording := build(t)
	account := map[string][]string{"AWS": {"arn:aws:iam::111122223333:root"}}
	for _, side := range sides {
		attached := recording.Get(t, "aws:cloudwatch/eventBusPolicy:EventBusPolicy", "records-"+side.role)
		want := []pulumitest.Statement{
			{
				Sid: "ThisAccountPuts", Effect: "Allow", Principal: account, Action: []string{"events:PutEvents"}, Resource: []string{side.busARN()},
				Condition: map[string]map[string][]string{"Null": {"aws:SourceArn": {"true"}}},
			},
			{
				Sid: "OtherRegionForwards", Effect: "Allow", Principal: account, Action: []string{"events:PutEvents"}, Resource: []string{side.busARN()},
				Condition: map[string]map[string][]string{"ArnEquals": {"aws:SourceArn": {side.other().ruleARN()}}},
			},
		}
		if got := pulumitest.Statements(t, attached.Text("policy")); !reflect.DeepEqual(got, want) || attached.Text("eventBusName") != busName {
			t.Errorf("the bus of %s admits\n%+v, want\n%+v", side.region, got, want)
		}
	}
}

func TestTheDeadLetterQueueIsEncryptedKeepsLongAndIsFilledByTheRule(t *testing.T) {
	recording := build(t)
	for _, side := range sides {
		queue := recording.Get(t, queueToken, side.queueName())
		want := map[string]any{"name": side.queueName(), "sqsManagedSseEnabled": true, "messageRetentionSeconds": 1209600.0}
		if got := queue.Inputs.Mappable(); !reflect.DeepEqual(got, want) {
			t.Errorf("the queue of %s is %v, want %v", side.region, got, want)
		}
		attached := recording.Get(t, "aws:sqs/queuePolicy:QueuePolicy", side.queueName())
		wantPolicy := []pulumitest.Statement{
			{
				Sid: "TheRuleFills", Effect: "Allow", Principal: map[string][]string{"Service": {"events.amazonaws.com"}},
				Action: []string{"sqs:SendMessage"}, Resource: []string{queue.ARN()},
				Condition: map[string]map[string][]string{"ArnEquals": {"aws:SourceArn": {side.ruleARN()}}},
			},
			{
				Sid: "RefusePlainHTTP", Effect: "Deny", Principal: map[string][]string{"AWS": {"*"}},
				Action: []string{"sqs:*"}, Resource: []string{queue.ARN()},
				Condition: map[string]map[string][]string{"Bool": {"aws:SecureTransport": {"false"}}},
			},
		}
		if got := pulumitest.Statements(t, attached.Text("policy")); !reflect.DeepEqual(got, wantPolicy) || attached.Text("queueUrl") != "url-"+side.queueName() {
			t.Errorf("the policy of %q is\n%+v, want\n%+v", attached.Text("queueUrl"), got, wantPolicy)
		}
	}
}
