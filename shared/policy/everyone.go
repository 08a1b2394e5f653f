package policy

// EveryResource stands where AWS takes no narrower resource; who writes it says which API forces it.
const EveryResource = "*"

// RefusePlainHTTP refuses actions on resources to everybody who does not speak TLS (IAM User Guide, "AWS global condition
// context keys", aws:SecureTransport). Action is one, or all of a service, such as s3:*.
func RefusePlainHTTP(action string, resources ...string) Statement {
	return Statement{
		Sid: "RefusePlainHTTP", Effect: Deny,
		Principal: &Principal{AWS: []string{"*"}},
		Actions:   []string{action}, Resources: resources,
		Condition: Conditions{"Bool": {"aws:SecureTransport": {"false"}}},
	}
}
