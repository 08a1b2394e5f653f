package policy

// SourceAccount limits a service of AWS to calls that it makes for resources of one account (IAM User Guide, "AWS global condition
// context keys", aws:SourceAccount; "The confused deputy problem", "Cross-service confused deputy prevention").
func SourceAccount(account string) Conditions {
	return Conditions{"StringEquals": {"aws:SourceAccount": {account}}}
}
