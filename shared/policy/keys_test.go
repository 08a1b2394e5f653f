package policy

import (
	"reflect"
	"testing"
)

// The condition names the services of the region.
func TestViaService(t *testing.T) {
	want := Conditions{"StringEquals": {"kms:ViaService": {"s3.us-west-2.amazonaws.com", "sns.us-west-2.amazonaws.com"}}}
	if got := ViaService("us-west-2", "s3", "sns"); !reflect.DeepEqual(got, want) {
		t.Errorf("the conditions are %v, want %v", got, want)
	}
}

// The statements are for one queue and, through SQS, its key.
func TestSendToDeadLetterQueue(t *testing.T) {
	want := Document{
		{Sid: "SendToDLQ", Effect: Allow, Actions: []string{"sqs:SendMessage"}, Resources: []string{"queue"}},
		{
			Sid: "EncryptDLQMessages", Effect: Allow, Actions: []string{"kms:Decrypt", "kms:GenerateDataKey"}, Resources: []string{"key"},
			Condition: Conditions{"StringEquals": {"kms:ViaService": {"sqs.us-east-1.amazonaws.com"}}},
		},
	}
	if got := SendToDeadLetterQueue("us-east-1", "queue", "key"); !reflect.DeepEqual(got, want) {
		t.Errorf("the statements are\n%+v, want\n%+v", got, want)
	}
}
