package policy

// DenyInsecureTransport denies actions on resources to every principal whose request does not use TLS (IAM User Guide, "AWS
// global condition context keys", aws:SecureTransport). The action is one, or all of a service, such as s3:*.
func DenyInsecureTransport(action string, resources ...string) Statement {
	return Statement{
		Sid: "DenyInsecureTransport", Effect: Deny,
		Principal: &Principal{AWS: []string{"*"}},
		Actions:   []string{action}, Resources: resources,
		Condition: Conditions{"Bool": {"aws:SecureTransport": {"false"}}},
	}
}
