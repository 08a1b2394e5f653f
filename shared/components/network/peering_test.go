package network

import (
	"fmt"
	"maps"
	"testing"

	"warmstandby/test/support/pulumitest"
)

// The primary requests the peering and the standby accepts it.
func TestPeering(t *testing.T) {
	recording := build(t, unchanged)
	request := recording.Get(t, "aws:ec2/vpcPeeringConnection:VpcPeeringConnection", "pcx-primary-blue")
	accepter := recording.Get(t, "aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter", "pcx-secondary-blue")
	for _, test := range []struct {
		what      string
		got, want any
	}{
		{"the request's region", recording.Region(request), testRegions[0].region},
		{"the request's VPC", request.Input("vpcId"), pulumitest.VPCID(testRegions[0].vpc)},
		{"the request's peer", request.Input("peerVpcId"), pulumitest.VPCID(testRegions[1].vpc)},
		{"the request's peer region", request.Input("peerRegion"), testRegions[1].region},
		// AWS lets no request accept itself across regions.
		{"the request's acceptance", request.Input("autoAccept"), false},
		{"the accepter's region", recording.Region(accepter), testRegions[1].region},
		{"the accepter's connection", accepter.Input("vpcPeeringConnectionId"), request.ID},
		{"the accepter's acceptance", accepter.Input("autoAccept"), true},
	} {
		if test.got != test.want {
			t.Errorf("%s is %v, want %v", test.what, test.got, test.want)
		}
	}
}

// Each VPC lets its names be resolved, once the peering is active.
func TestPeeringDNS(t *testing.T) {
	recording := build(t, unchanged)
	const token = "aws:ec2/peeringConnectionOptions:PeeringConnectionOptions"
	for _, test := range []struct{ name, party, region string }{
		{"dns-requester", "requester", testRegions[0].region},
		{"dns-accepter", "accepter", testRegions[1].region},
	} {
		options := recording.Get(t, token, test.name)
		want := fmt.Sprint(map[string]any{
			"vpcPeeringConnectionId": connectionID, test.party: map[string]any{"allowRemoteVpcDnsResolution": true},
		})
		if got := fmt.Sprint(options.Inputs.Mappable()); got != want || recording.Region(options) != test.region {
			t.Errorf("%s is %s in %s, want %s in %s", test.name, got, recording.Region(options), want, test.region)
		}
	}
	if count := len(recording.OfType(token)); count != 2 {
		t.Errorf("there are %d sets of options, want one for each VPC", count)
	}
}

// The private and isolated tiers have routes to the peer, the public tier has none.
func TestPeeringRoutes(t *testing.T) {
	recording := build(t, unchanged)
	want := map[string]string{} // by table
	for _, r := range testRegions {
		for _, tier := range []string{"private", "isolated"} {
			for zone := 1; zone <= 3; zone++ {
				want[pulumitest.RouteTableID(r.vpc, tier, zone)] = fmt.Sprintf("%s: %s by %s", r.region, r.peerCIDR, connectionID)
			}
		}
	}
	got := map[string]string{}
	for _, route := range recording.OfType("aws:ec2/route:Route") {
		table := route.Text("routeTableId")
		if route.Text("gatewayId") != "" {
			continue // awsx's own, of a public table
		}
		if pulumitest.TierOf(testRegions[0].vpc, table) == "public" || pulumitest.TierOf(testRegions[1].vpc, table) == "public" {
			t.Errorf("route %s is in the public table %s", route.Name, table)
		}
		got[table] += fmt.Sprintf("%s: %s by %s",
			recording.Region(route), route.Text("destinationCidrBlock"), route.Text("vpcPeeringConnectionId"))
	}
	if !maps.Equal(got, want) {
		t.Errorf("the routes are\n%v, want\n%v", got, want)
	}
}
