package main

import (
	"github.com/pulumi/pulumi-awsx/sdk/v2/go/awsx/ec2"

	"warmstandby/shared/components/network"
	"warmstandby/shared/region"
	"warmstandby/shared/settings"
)

// natStrategies are awsx's names of the configured strategies.
var natStrategies = map[settings.NATStrategy]ec2.NatGatewayStrategy{
	settings.NATNone:       ec2.NatGatewayStrategyNone,
	settings.NATSingle:     ec2.NatGatewayStrategySingle,
	settings.NATOnePerZone: ec2.NatGatewayStrategyOnePerAz,
}

// networkArgs returns the inputs of one region's network: its own settings, the peer's range, and what both regions share.
func networkArgs(config settings.Foundation, in region.Region, own, peer settings.Network) network.Args {
	return network.Args{
		Region: in, CIDR: own.CIDR, PeerCIDR: peer.CIDR, ZoneIDs: own.ZoneIDs,
		NAT:                  natStrategies[config.NAT],
		ListenerPort:         config.ListenerPort,
		FlowLogRetentionDays: config.FlowLogRetentionDays,
		Protection:           config.Protection,
	}
}
