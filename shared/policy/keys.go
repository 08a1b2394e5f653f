package policy

// Through holds the use of a key to requests that the named services of the region make for the principal (AWS KMS Developer
// Guide, "AWS KMS condition keys", kms:ViaService).
func Through(regionName string, services ...string) Conditions {
	hosts := make([]string, len(services))
	for i, service := range services {
		hosts[i] = service + "." + regionName + ".amazonaws.com"
	}
	return Conditions{"StringEquals": {"kms:ViaService": hosts}}
}

// GiveUpTo is what a role needs to put what failed into a queue of the region: SQS makes and opens the message's data key in
// the sender's name (Amazon SQS Developer Guide, "Amazon SQS Key management", "Configure KMS permissions for producers").
func GiveUpTo(regionName, queueARN, keyARN string) Document {
	return Document{
		{
			Sid: "GiveUpToTheQueue", Effect: Allow,
			Actions: []string{"sqs:SendMessage"}, Resources: []string{queueARN},
		},
		{
			Sid: "EncryptWhatFailed", Effect: Allow,
			Actions: []string{"kms:Decrypt", "kms:GenerateDataKey"}, Resources: []string{keyARN},
			Condition: Through(regionName, "sqs"),
		},
	}
}
