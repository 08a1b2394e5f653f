package pulumitest

import (
	"regexp"

	"warmstandby/test/support/invariant"
)

// invariants holds a resource to the invariants that can be decided from its inputs: its type is known, its name is
// {type}-{purpose}-{environmentSuffix} within AWS's limit, and its data is encrypted. The tags are the provider's, which is checked
// itself; exposure is checked in the deployed platform.
func (c *checker) invariants(r Resource) {
	if !r.Request.GetCustom() || r.Type == providerType {
		return
	}
	if _, known := invariant.Types[r.Type]; !known {
		c.fault(r, "%s", invariant.Unknown(r.Type))
		return
	}
	inputs := invariant.Properties(r.Inputs.Mappable())
	for _, message := range invariant.NameFaults(r.Type, inputs, c.rules.Suffix) {
		c.fault(r, "%s", message)
	}
	for _, message := range invariant.PlannedEncryptionFaults(r.Type, inputs) {
		if !invariant.Excused(invariant.Encrypted, r.Type, r.Name) {
			c.fault(r, "%s", message)
		}
	}
}

// ec2Description matches what EC2 accepts as the description of a security group and of a rule in a VPC; an apostrophe, for one,
// is refused (Amazon EC2 API, CreateSecurityGroup, GroupDescription; IpRange, Description).
var ec2Description = regexp.MustCompile(`^[a-zA-Z0-9 ._:/()#,@\[\]+=&;{}!$*-]{1,255}$`)

// ec2Described are the types that have such a description.
var ec2Described = map[string]bool{
	"aws:ec2/securityGroup:SecurityGroup":                       true,
	"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule":   true,
	"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": true,
}

func (c *checker) descriptions(r Resource) {
	if description := r.Text("description"); ec2Described[r.Type] && !ec2Description.MatchString(description) {
		c.fault(r, "has the description %q, which EC2 does not accept", description)
	}
}
