package gateway

import (
	"strings"
	"testing"
)

// A NAT gateway is described with its address, also after a restart, until it is deleted.
func TestAddressesOfNATGateways(t *testing.T) {
	emulator := canned(map[string]string{
		"CreateNatGateway": `<R><natGateway><natGatewayId>nat-1</natGatewayId><natGatewayAddressSet/></natGateway></R>`,
		"DeleteNatGateway": `<R><natGatewayId>nat-1</natGatewayId></R>`,
		"DescribeAddresses": `<R><addressesSet><item><publicIp>192.0.2.7</publicIp>` +
			`<allocationId>eipalloc-1</allocationId></item></addressesSet></R>`,
		"DescribeNatGateways": `<R><natGatewaySet><item><natGatewayId>nat-1</natGatewayId><natGatewayAddressSet/></item>` +
			`<item><natGatewayId>nat-2</natGatewayId><natGatewayAddressSet/></item></natGatewaySet></R>`,
	})
	folder := t.TempDir()
	f := newFake(t, folder, emulator)
	const address = "<allocationId>eipalloc-1</allocationId><publicIp>192.0.2.7</publicIp>"
	_, made := f.ec2("us-east-1", "CreateNatGateway", "SubnetId", "subnet-1", "AllocationId", "eipalloc-1")
	wantParts(t, made, address)
	f = newFake(t, folder, emulator)
	if _, described := f.ec2("us-east-1", "DescribeNatGateways"); strings.Count(described, address) != 1 ||
		!strings.Contains(described, "<natGatewayId>nat-2</natGatewayId><natGatewayAddressSet") {
		t.Errorf("they are described as %s, want one with its address", described)
	}
	f.ec2("us-east-1", "DeleteNatGateway", "NatGatewayId", "nat-1")
	if _, described := f.ec2("us-east-1", "DescribeNatGateways"); strings.Contains(described, "eipalloc-1") {
		t.Errorf("one that was deleted has its address still: %s", described)
	}
}
