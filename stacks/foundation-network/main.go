// Command foundation-network is the first layer: both regions' networks and the peering between them.
package main

import (
	_ "embed"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/components/network"
	"warmstandby/shared/naming"
	"warmstandby/shared/region"
	"warmstandby/shared/settings"
)

// pulumiYAML declares the stack's configuration.
//
//go:embed Pulumi.yaml
var pulumiYAML []byte

func main() { pulumi.Run(deploy) }

func deploy(ctx *pulumi.Context) error {
	config, err := settings.LoadFoundation(pulumiYAML, ctx.Stack())
	if err != nil {
		return err
	}
	namer, err := naming.New(config.Suffix)
	if err != nil {
		return err
	}
	regions, err := region.NewPair(ctx, region.PairArgs{
		Environment: config.Environment, Namer: namer,
		Primary: config.Primary.Region, Standby: config.Standby.Region,
		AllowedAccountIDs: config.AllowedAccountIDs,
	})
	if err != nil {
		return err
	}
	primary, err := network.New(ctx, "primary", networkArgs(config, regions.Primary, config.Primary, config.Standby))
	if err != nil {
		return err
	}
	standby, err := network.New(ctx, "standby", networkArgs(config, regions.Standby, config.Standby, config.Primary))
	if err != nil {
		return err
	}
	peering, err := network.NewPeering(ctx, "peering", network.PeeringArgs{
		Requester: network.PeerArgs{Region: regions.Primary, VPC: primary.VPC, CIDR: config.Primary.CIDR},
		Accepter:  network.PeerArgs{Region: regions.Standby, VPC: standby.VPC, CIDR: config.Standby.CIDR},
	})
	if err != nil {
		return err
	}
	return outputs(config, regions, primary, standby, peering).Export(ctx)
}
