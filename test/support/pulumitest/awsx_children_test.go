package pulumitest

import (
	"fmt"
	"maps"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// As recorded of awsx 2.22 with each strategy.
func TestVPCChildren(t *testing.T) {
	for strategy, want := range map[string]map[string]int{
		"None": {
			vpcItselfType: 1, internetGatewayType: 1, subnetType: 9, routeTableType: 9, associationType: 9, routeItselfType: 3,
		},
		"Single": {
			vpcItselfType: 1, internetGatewayType: 1, subnetType: 9, routeTableType: 9, associationType: 9, routeItselfType: 6,
			eipType: 1, natGatewayType: 1,
		},
		"OnePerAz": {
			vpcItselfType: 1, internetGatewayType: 1, subnetType: 9, routeTableType: 9, associationType: 9, routeItselfType: 6,
			eipType: 3, natGatewayType: 3,
		},
	} {
		t.Run(strategy, func(t *testing.T) {
			t.Parallel()
			recording := Run(t, "project", "dev", nil, func(ctx *pulumi.Context) error {
				return ctx.RegisterRemoteComponentResource(vpcType, "v", pulumi.Map{
					"cidrBlock": pulumi.String("10.0.0.0/16"), "availabilityZoneNames": pulumi.ToStringArray([]string{"a", "b", "c"}),
					"natGateways": pulumi.Map{"strategy": pulumi.String(strategy)},
				}, &pulumi.ResourceState{})
			})
			got := map[string]int{}
			for _, made := range recording.Resources {
				if made.Type != vpcType {
					got[made.Type]++
				}
			}
			if !maps.Equal(got, want) {
				t.Errorf("awsx makes %v, want %v", got, want)
			}
			for _, subnet := range recording.OfType(subnetType) {
				public := subnet.Text("tags.SubnetType") == "Public"
				if subnet.Input("mapPublicIpOnLaunch") != public || subnet.Text("vpcId") != VPCID("v") {
					t.Errorf("the subnet %s has %v", subnet.Name, subnet.Inputs)
				}
			}
			for _, route := range recording.OfType(routeItselfType) {
				tier := TierOf("v", route.Text("routeTableId"))
				gateway, nat := route.Text("gatewayId"), route.Text("natGatewayId")
				if tier == "public" != (gateway == "internetGateway-v") || tier == "private" != (nat != "") {
					t.Errorf("the route %s of tier %s goes to %q and %q", route.Name, tier, gateway, nat)
				}
			}
			if strategy == "Single" {
				nat := fmt.Sprint(recording.Get(t, routeItselfType, "v-private-3").Input("natGatewayId"))
				if nat != recording.Get(t, natGatewayType, "v-1").ID {
					t.Errorf("the third zone's route goes to %s, want the only gateway", nat)
				}
			}
		})
	}
}
