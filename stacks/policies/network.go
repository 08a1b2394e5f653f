package main

import (
	"slices"

	"warmstandby/shared/policy"
)

// deployerNetwork is what makes, changes and removes the two networks. Nothing in EC2 has a name that a policy could bind: what is made
// must bear the environment's tag, and what is used or changed must have it (Service Authorization Reference, "Actions, resources,
// and condition keys for Amazon EC2").
func (e environment) deployerNetwork() policy.Document {
	ec2 := func(types ...string) []string {
		ids := make([]string, len(types))
		for i, one := range types {
			ids[i] = one + "/*"
		}
		return e.named("ec2", ids...)
	}
	return policy.Document{
		allow("MakeNetwork", ec2(
			"elastic-ip", "internet-gateway", "natgateway", "route-table", "security-group", "security-group-rule", "subnet", "vpc",
			"vpc-endpoint", "vpc-flow-log", "vpc-peering-connection",
		), slices.Concat(makesNetwork, []string{"ec2:AllocateAddress", "ec2:CreateInternetGateway", "ec2:CreateVpc"}), e.intoEnvironment()),
		allow("ChangeNetwork", e.named("ec2", "*/*"), slices.Concat(makesNetwork, []string{
			"ec2:AcceptVpcPeeringConnection", "ec2:AssociateRouteTable", "ec2:AttachInternetGateway", "ec2:CreateRoute", "ec2:DeleteFlowLogs",
			"ec2:DeleteInternetGateway", "ec2:DeleteNatGateway", "ec2:DeleteRoute", "ec2:DeleteRouteTable", "ec2:DeleteSecurityGroup",
			"ec2:DeleteSubnet", "ec2:DeleteVpc", "ec2:DeleteVpcEndpoints", "ec2:DeleteVpcPeeringConnection",
			"ec2:DetachInternetGateway", "ec2:DisassociateRouteTable", "ec2:ModifySubnetAttribute", "ec2:ModifyVpcAttribute",
			"ec2:ModifyVpcEndpoint", "ec2:ModifyVpcPeeringConnectionOptions", "ec2:ReleaseAddress",
			"ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress",
		}), e.ofEnvironment()),
		allow("TagWhatIsMade", e.named("ec2", "*/*"), []string{"ec2:CreateTags"}, policy.Conditions{
			"StringLike": {"aws:RequestTag/Environment": {e.name}}, "Null": {"ec2:CreateAction": {"false"}},
		}),
		// AWS makes a VPC's default security group, and the accepter's end of a peering, without tags. They are tagged when they are taken
		// over. What bears another environment's tag is refused.
		allow("TakeOver", ec2("security-group", "security-group-rule", "vpc-peering-connection"), []string{
			"ec2:AcceptVpcPeeringConnection", "ec2:CreateTags", "ec2:ModifyVpcPeeringConnectionOptions", "ec2:RevokeSecurityGroupEgress",
			"ec2:RevokeSecurityGroupIngress",
		}, policy.Conditions{"Null": {"aws:ResourceTag/Environment": {"true"}}}),
	}
}

// makesNetwork are actions that make one thing in another: AWS asks for both.
var makesNetwork = []string{
	"ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress", "ec2:CreateFlowLogs", "ec2:CreateNatGateway",
	"ec2:CreateRouteTable", "ec2:CreateSecurityGroup", "ec2:CreateSubnet", "ec2:CreateVpcEndpoint", "ec2:CreateVpcPeeringConnection",
}
