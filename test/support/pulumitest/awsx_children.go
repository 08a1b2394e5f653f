package pulumitest

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

const (
	internetGatewayType = "aws:ec2/internetGateway:InternetGateway"
	associationType     = "aws:ec2/routeTableAssociation:RouteTableAssociation"
	routeItselfType     = "aws:ec2/route:Route"
	eipType             = "aws:ec2/eip:Eip"
	natGatewayType      = "aws:ec2/natGateway:NatGateway"

	// anywhere is the destination of awsx's own routes.
	anywhere = "0.0.0.0/0"
)

// awsxVPC records what awsx makes in a VPC.
type awsxVPC struct {
	monitor    *monitor
	component  Resource
	transforms transforms
	err        error // the first one
}

// children records every resource that awsx makes in a VPC, as the component's transforms change it, and as recorded of awsx 2.22. The
// subnets' ranges are left out: awsx computes them.
func (m *monitor) children(component Resource) error {
	v := &awsxVPC{monitor: m, component: component, transforms: newTransforms(component)}
	defer v.transforms.close()
	vpc := v.add(component.URN, vpcItselfType, "", VPCID(component.Name), map[string]any{
		"cidrBlock": component.Text("cidrBlock"), "tags": map[string]any{},
	})
	gateway := v.add(vpc.URN, internetGatewayType, "", "", map[string]any{"vpcId": VPCID(component.Name), "tags": map[string]any{}})
	zones := component.Inputs["availabilityZoneNames"].ArrayValue()
	var public []Resource // the subnets, by zone
	for i, zone := range zones {
		public = append(public, v.zone(vpc, gateway, i+1, zone.StringValue()))
	}
	for i := range v.natGateways(len(zones)) {
		v.natGateway(public[i], i+1)
	}
	return v.err
}

// natGateways returns the number of NAT gateways, of which zone n has the n-th.
func (v *awsxVPC) natGateways(zones int) int {
	switch v.component.Text("natGateways.strategy") {
	case "Single":
		return 1
	case "OnePerAz":
		return zones
	}
	return 0
}

// zone records the subnets of a zone with their route tables, and returns the public one.
func (v *awsxVPC) zone(vpc, gateway Resource, number int, zone string) (public Resource) {
	name := v.component.Name
	zones := len(v.component.Inputs["availabilityZoneNames"].ArrayValue())
	for _, tier := range awsxTiers {
		detail := fmt.Sprintf("-%s-%d", tier, number)
		title := map[string]string{"public": "Public", "private": "Private", "isolated": "Isolated"}[tier]
		subnetID, tableID := SubnetID(name, tier, number), RouteTableID(name, tier, number)
		subnet := v.add(vpc.URN, subnetType, detail, subnetID, map[string]any{
			"availabilityZone": zone, "mapPublicIpOnLaunch": tier == "public", "vpcId": VPCID(name),
			"tags": map[string]any{"SubnetType": title},
		})
		v.add(subnet.URN, routeTableType, detail, tableID, map[string]any{
			"vpcId": VPCID(name), "tags": map[string]any{"SubnetType": title},
		})
		v.add(subnet.URN, associationType, detail, "", map[string]any{"routeTableId": tableID, "subnetId": subnetID})
		route := map[string]any{"routeTableId": tableID, "destinationCidrBlock": anywhere}
		switch nats := v.natGateways(zones); {
		case tier == "public":
			public, route["gatewayId"] = subnet, gateway.ID
		case tier == "private" && nats > 0:
			route["natGatewayId"] = shortType(natGatewayType) + fmt.Sprintf("-%s-%d", name, min(number, nats))
		default:
			continue
		}
		v.add(subnet.URN, routeItselfType, detail, "", route)
	}
	return public
}

// natGateway records a NAT gateway with its address in a public subnet.
func (v *awsxVPC) natGateway(subnet Resource, number int) {
	detail := fmt.Sprintf("-%d", number)
	address := v.add(subnet.URN, eipType, detail, "", map[string]any{"tags": map[string]any{}})
	v.add(subnet.URN, natGatewayType, detail, "", map[string]any{
		"allocationId": address.ID, "subnetId": subnet.ID, "tags": map[string]any{},
	})
}

// add records a child whose name is the component's with a detail. The tag Name is that name, before the transforms. In a preview the
// ids that it refers to are unknown.
func (v *awsxVPC) add(parent, token, detail, id string, inputs map[string]any) Resource {
	m, name := v.monitor, v.component.Name+detail
	if tags, tagged := inputs["tags"].(map[string]any); tagged {
		tags["Name"] = name
	}
	if m.preview {
		for _, property := range [...]string{"vpcId", "subnetId", "routeTableId", "gatewayId", "natGatewayId", "allocationId"} {
			if _, refers := inputs[property]; refers {
				inputs[property] = resource.Computed{Element: resource.NewProperty("")}
			}
		}
	}
	request := &pulumirpc.RegisterResourceRequest{
		Type: token, Name: name, Custom: true, Parent: parent,
		Provider: v.component.Request.GetProviders()["aws"], Protect: v.component.Request.Protect,
	}
	made := Resource{Type: token, Name: name, URN: m.urn(parent, token, name), Request: request}
	if made.ID = id; id == "" || m.preview {
		made.ID = m.id(made)
	}
	changed, err := v.transforms.apply(properties(inputs), request)
	if err != nil && v.err == nil {
		v.err = err
	}
	made.Inputs = changed
	made.Outputs = m.computed(made)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.resources = append(m.resources, made)
	return made
}
