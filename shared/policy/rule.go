package policy

// RuleFills lets one rule of EventBridge send to a queue (Amazon EventBridge User Guide, "Using resource-based policies for
// Amazon EventBridge", "Amazon SQS permissions").
func RuleFills(queueARN, ruleARN string) Statement {
	return Statement{
		Sid: "TheRuleFills", Effect: Allow,
		Principal: &Principal{Service: []string{"events.amazonaws.com"}},
		Actions:   []string{"sqs:SendMessage"}, Resources: []string{queueARN},
		Condition: Conditions{"ArnEquals": {"aws:SourceArn": {ruleARN}}},
	}
}
