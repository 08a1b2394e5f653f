package events

import (
	"reflect"
	"testing"

	"warmstandby/test/support/pulumitest"
)

func TestRules(t *testing.T) {
	pulumitest.CheckEveryMode(t, buildWith, rules)
}

// The regions differ in name and role alone.
func TestRegionsAreEqual(t *testing.T) {
	pulumitest.CheckMirrored(t, build(t), testRegions[0].mirrored(), testRegions[1].mirrored())
}

// In another partition no ARN is of the partition aws.
func TestPartition(t *testing.T) {
	pulumitest.CheckPartition(t, func(opt pulumitest.Option) *pulumitest.Recording { return build(t, opt) })
}

// Both regions have a bus of the same name, with an archive of all events.
func TestBus(t *testing.T) {
	recording := build(t)
	for _, r := range testRegions {
		bus := recording.Get(t, busToken, "records-"+r.role)
		if got := bus.Text("name"); got != busName {
			t.Errorf("the bus of %s is %q, want %q", r.region, got, busName)
		}
		archive := recording.Get(t, "aws:cloudwatch/eventArchive:EventArchive", "archive-records-"+r.role+"-blue")
		// A pattern would leave events out.
		if archive.Text("eventSourceArn") != bus.ARN() || archive.Input("retentionDays") != 21.0 || archive.Input("eventPattern") != nil {
			t.Errorf("the archive of %s is %v, want all of %s for 21 days", r.region, archive.Inputs.Mappable(), bus.ARN())
		}
	}
}

// A bus accepts events of the account, and of all rules the other region's alone: others are denied.
func TestBusPolicy(t *testing.T) {
	recording := build(t)
	account := map[string][]string{"AWS": {"arn:aws:iam::111122223333:root"}}
	for _, r := range testRegions {
		attached := recording.Get(t, "aws:cloudwatch/eventBusPolicy:EventBusPolicy", "records-"+r.role)
		want := []pulumitest.Statement{
			{Sid: "AllowAccount", Effect: "Allow", Principal: account, Action: []string{"events:PutEvents"}, Resource: []string{r.busARN()}},
			{
				Sid: "DenyOtherRules", Effect: "Deny", Principal: map[string][]string{"AWS": {"*"}},
				Action: []string{"events:PutEvents"}, Resource: []string{r.busARN()},
				Condition: map[string]map[string][]string{
					"ArnLike":      {"aws:SourceArn": {"arn:aws:events:*:*:rule/*"}},
					"ArnNotEquals": {"aws:SourceArn": {r.other().ruleARN()}},
				},
			},
		}
		if got := pulumitest.Statements(t, attached.Text("policy")); !reflect.DeepEqual(got, want) || attached.Text("eventBusName") != busName {
			t.Errorf("the bus of %s admits\n%+v, want\n%+v", r.region, got, want)
		}
	}
}

// The queue is encrypted, keeps messages as long as SQS can, and accepts those of the forwarding rule alone.
func TestDeadLetterQueue(t *testing.T) {
	recording := build(t)
	for _, r := range testRegions {
		queue := recording.Get(t, queueToken, r.queueName())
		want := map[string]any{"name": r.queueName(), "sqsManagedSseEnabled": true, "messageRetentionSeconds": 1209600.0}
		if got := queue.Inputs.Mappable(); !reflect.DeepEqual(got, want) {
			t.Errorf("the queue of %s is %v, want %v", r.region, got, want)
		}
		attached := recording.Get(t, "aws:sqs/queuePolicy:QueuePolicy", r.queueName())
		wantPolicy := []pulumitest.Statement{
			{
				Sid: "AllowEventBridgeRule", Effect: "Allow", Principal: map[string][]string{"Service": {"events.amazonaws.com"}},
				Action: []string{"sqs:SendMessage"}, Resource: []string{queue.ARN()},
				Condition: map[string]map[string][]string{"ArnEquals": {"aws:SourceArn": {r.ruleARN()}}},
			},
			{
				Sid: "DenyInsecureTransport", Effect: "Deny", Principal: map[string][]string{"AWS": {"*"}},
				Action: []string{"sqs:*"}, Resource: []string{queue.ARN()},
				Condition: map[string]map[string][]string{"Bool": {"aws:SecureTransport": {"false"}}},
			},
		}
		if got := pulumitest.Statements(t, attached.Text("policy")); !reflect.DeepEqual(got, wantPolicy) ||
			attached.Text("queueUrl") != "url-"+r.queueName() {
			t.Errorf("the policy of %q is\n%+v, want\n%+v", attached.Text("queueUrl"), got, wantPolicy)
		}
	}
}
