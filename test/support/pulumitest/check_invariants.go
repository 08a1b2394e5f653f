package pulumitest

import (
	"regexp"

	"warmstandby/test/support/invariant"
)

// invariants holds what AWS has of a resource to those rules of every resource that its inputs can be held to: its type is
// known, its name is {type}-{purpose}-{environmentSuffix} within AWS's limit, and what it keeps is encrypted. The tags are the
// provider's, which is looked at; what is open to whom is seen when the platform is deployed.
func (c *checker) invariants(r Resource) {
	if !r.Request.GetCustom() || r.Type == providerType {
		return
	}
	if _, known := invariant.Types[r.Type]; !known {
		c.fault(r, "%s", invariant.Unknown(r.Type))
		return
	}
	inputs := invariant.Properties(r.Inputs.Mappable())
	for _, says := range invariant.NameFaults(r.Type, inputs, c.rules.Suffix) {
		c.fault(r, "%s", says)
	}
	for _, says := range invariant.PlannedEncryptionFaults(r.Type, inputs) {
		if !invariant.Excused(invariant.Encrypted, r.Type, r.Name) {
			c.fault(r, "%s", says)
		}
	}
}

// ec2Description is what EC2 takes as the description of a security group and of a rule in a VPC; an apostrophe, for one,
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
		c.fault(r, "has the description %q, which EC2 does not take", description)
	}
}
