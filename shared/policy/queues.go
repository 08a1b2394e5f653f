package policy

// SendToDeadLetterQueue grants a role sqs:SendMessage on the queue, and the KMS actions that SQS performs on the sender's behalf
// for the message's data key (Amazon SQS Developer Guide, "Amazon SQS Key management", "Configure KMS permissions for
// producers"). The queue and its key are of the region.
func SendToDeadLetterQueue(regionName, queueARN, keyARN string) Document {
	return Document{
		{
			Sid: "SendToDLQ", Effect: Allow,
			Actions: []string{"sqs:SendMessage"}, Resources: []string{queueARN},
		},
		{
			Sid: "EncryptDLQMessages", Effect: Allow,
			Actions: []string{"kms:Decrypt", "kms:GenerateDataKey"}, Resources: []string{keyARN},
			Condition: ViaService(regionName, "sqs"),
		},
	}
}

// AllowRuleToSend allows one rule of EventBridge to send to a queue, in the queue's policy (Amazon EventBridge User Guide, "Using
// resource-based policies for Amazon EventBridge", "Amazon SQS permissions").
func AllowRuleToSend(queueARN, ruleARN string) Statement {
	return Statement{
		Sid: "AllowEventBridgeRule", Effect: Allow,
		Principal: &Principal{Service: []string{"events.amazonaws.com"}},
		Actions:   []string{"sqs:SendMessage"}, Resources: []string{queueARN},
		Condition: Conditions{"ArnEquals": {"aws:SourceArn": {ruleARN}}},
	}
}
