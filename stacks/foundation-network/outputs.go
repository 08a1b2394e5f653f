package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/components/network"
	"warmstandby/shared/contract"
	"warmstandby/shared/region"
	"warmstandby/shared/settings"
)

// outputs are the stack's contract.
func outputs(
	config settings.Foundation, regions region.Pair, primary, standby *network.Network, peering *network.Peering,
) contract.FoundationNetwork {
	return contract.FoundationNetwork{
		EnvironmentSuffix:   contract.String(pulumi.String(config.Suffix)),
		Profile:             contract.String(pulumi.String(config.Profile)),
		Protection:          contract.Bool(pulumi.Bool(config.Protection)),
		AllowedAccountIDs:   contract.Strings(pulumi.ToStringArray(config.AllowedAccountIDs)),
		ListenerPort:        contract.Int(pulumi.Int(config.ListenerPort)),
		PeeringConnectionID: contract.ID(peering.ID),
		Primary:             regionOutputs(regions.Primary, config.Primary, primary),
		Standby:             regionOutputs(regions.Standby, config.Standby, standby),
	}
}

func regionOutputs(in region.Region, config settings.Network, built *network.Network) contract.RegionNetwork {
	return contract.RegionNetwork{
		Region:                      contract.String(pulumi.String(in.Name)),
		CIDR:                        contract.String(pulumi.String(config.CIDR.String())),
		VPCID:                       contract.String(built.VPC.ID),
		PublicSubnetIDs:             contract.Strings(built.VPC.PublicSubnetIDs),
		PrivateSubnetIDs:            contract.Strings(built.VPC.PrivateSubnetIDs),
		IsolatedSubnetIDs:           contract.Strings(built.VPC.IsolatedSubnetIDs),
		LoadBalancerSecurityGroupID: contract.ID(built.Groups.LoadBalancer.ID()),
		FunctionSecurityGroupID:     contract.ID(built.Groups.Function.ID()),
		DatabaseSecurityGroupID:     contract.ID(built.Groups.Database.ID()),
		EndpointsSecurityGroupID:    contract.ID(built.Groups.Endpoints.ID()),
	}
}
