package encryption

import "warmstandby/shared/policy"

// keyPolicy leaves the decision on the account's principals to IAM (AWS KMS Developer Guide, "Default key policy": without that
// statement nobody could manage the key) and allows CloudWatch and EventBridge, for which IAM does not decide. Resource "*" is the key
// itself.
func keyPolicy(args KeyArgs) (string, error) {
	document := policy.Document{{
		Sid: "EnableIAMPolicies", Effect: policy.Allow,
		Principal: &policy.Principal{AWS: []string{args.Region.RootARN()}},
		Actions:   []string{"kms:*"}, Resources: []string{"*"},
	}}
	if len(args.LogGroups) > 0 {
		document = append(document, allowLogGroups(args))
	}
	if args.AlarmTopics {
		document = append(document, allowAlarmTopics(), allowRuleTopics())
	}
	return document.JSON()
}

// allowLogGroups allows CloudWatch Logs to use the key for the named groups, whose ARN it passes to KMS as the encryption
// context. The groups are named before they exist, because a group needs the key to exist (CloudWatch Logs User Guide, "Encrypt
// log data in CloudWatch Logs using AWS KMS").
func allowLogGroups(args KeyArgs) policy.Statement {
	groups := make([]string, len(args.LogGroups))
	for i, name := range args.LogGroups {
		groups[i] = args.Region.ARN("logs", "log-group:"+name)
	}
	return policy.Statement{
		Sid: "AllowCloudWatchLogs", Effect: policy.Allow,
		Principal: &policy.Principal{Service: []string{"logs." + args.Region.Name + ".amazonaws.com"}},
		Actions:   []string{"kms:Decrypt*", "kms:Describe*", "kms:Encrypt*", "kms:GenerateDataKey*", "kms:ReEncrypt*"},
		Resources: []string{"*"},
		Condition: policy.Conditions{"ArnEquals": {"kms:EncryptionContext:aws:logs:arn": groups}},
	}
}

// allowAlarmTopics allows CloudWatch to use the key for the alarms that notify a topic. CloudWatch publishes to a topic as itself
// and then needs the topic's key (Amazon SNS Developer Guide, "Managing Amazon SNS encryption keys and costs", "Enable
// compatibility between event sources from AWS services and encrypted topics").
//
// The statement has no condition, as in AWS's example. No page of AWS's promises aws:SourceArn or aws:SourceAccount in
// CloudWatch's calls to KMS, and a condition on a key that is missing would mute every alarm. The topic's own policy, of which
// both keys are documented, decides whose alarms publish.
func allowAlarmTopics() policy.Statement {
	return policy.Statement{
		Sid: "AllowCloudWatchAlarms", Effect: policy.Allow,
		Principal: &policy.Principal{Service: []string{"cloudwatch.amazonaws.com"}},
		Actions:   []string{"kms:Decrypt", "kms:GenerateDataKey*"},
		Resources: []string{"*"},
	}
}

// allowRuleTopics allows EventBridge to use the key for the rules that notify a topic, in AWS's documented form, which has no
// condition either (Amazon EventBridge User Guide, "Troubleshooting Amazon EventBridge"; Amazon SNS Developer Guide, as above).
func allowRuleTopics() policy.Statement {
	return policy.Statement{
		Sid: "AllowEventBridgeRules", Effect: policy.Allow,
		Principal: &policy.Principal{Service: []string{"events.amazonaws.com"}},
		Actions:   []string{"kms:Decrypt", "kms:GenerateDataKey*"},
		Resources: []string{"*"},
	}
}
