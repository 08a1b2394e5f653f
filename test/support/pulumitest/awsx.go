package pulumitest

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const (
	vpcType        = "awsx:ec2:Vpc"
	vpcItselfType  = "aws:ec2/vpc:Vpc"
	routeTableType = "aws:ec2/routeTable:RouteTable"
	subnetType     = "aws:ec2/subnet:Subnet"

	// standInPrefix marks the resources that the harness registers for awsx, so that the SDK can look them up. They are not recorded.
	standInPrefix = "awsx-stands-in-"
)

// awsxTiers is the order in which awsx lists a zone's subnets and route tables, whatever the order of the specs.
var awsxTiers = [...]string{"public", "private", "isolated"}

// RouteTableID returns the id of a route table of an awsx VPC: tier is public, private or isolated, zone counts from 1.
func RouteTableID(vpc, tier string, zone int) string {
	return shortType(routeTableType) + "-" + standInPrefix + child(vpc, tier, zone)
}

// SubnetID returns the id of a subnet of an awsx VPC, as [RouteTableID] does of its table.
func SubnetID(vpc, tier string, zone int) string { return "subnet-" + child(vpc, tier, zone) }

// VPCID returns the id of the VPC inside an awsx VPC.
func VPCID(vpc string) string { return "vpc-" + vpc }

// child is awsx's name of a subnet and of its table.
func child(vpc, tier string, zone int) string { return fmt.Sprintf("%s-%s-%d", vpc, tier, zone) }

// vpc answers the registration of an awsx VPC, and records what awsx makes in it. The answer has its id, its subnets' ids by tier, and
// references to its subnets and route tables. In a preview the ids are unknown and the references are known, as recorded of awsx 2.22.
func (m *monitor) vpc(r Resource) (resource.PropertyMap, error) {
	var tables, all []resource.PropertyValue
	subnets := map[string][]resource.PropertyValue{}
	for i, zone := range r.Inputs["availabilityZoneNames"].ArrayValue() {
		for _, tier := range awsxTiers {
			table, err := m.standIn(routeTableType, child(r.Name, tier, i+1), nil)
			if err != nil {
				return nil, err
			}
			id := pulumi.String(m.zoneID(zone.StringValue()))
			subnet, err := m.standIn(subnetType, child(r.Name, tier, i+1), pulumi.Map{"availabilityZoneId": id})
			if err != nil {
				return nil, err
			}
			tables, all = append(tables, table), append(all, subnet)
			subnets[tier] = append(subnets[tier], resource.NewProperty(SubnetID(r.Name, tier, i+1)))
		}
	}
	if err := m.children(r); err != nil {
		return nil, err
	}
	outputs := resource.PropertyMap{"routeTables": resource.NewProperty(tables), "subnets": resource.NewProperty(all)}
	if !m.preview {
		outputs["vpcId"] = resource.NewProperty(VPCID(r.Name))
		for tier, ids := range subnets {
			outputs[resource.PropertyKey(tier+"SubnetIds")] = resource.NewProperty(ids)
		}
	}
	return outputs, nil
}

// zoneID returns the id of a zone: the one that its subnets stand in.
func (m *monitor) zoneID(name string) string {
	if standing, moved := m.standing[name]; moved {
		return standing
	}
	return ZoneID(name)
}

// ZoneID returns the id of the availability zone of that name in the account of all runs, use1-az1 of us-east-1f: as in some accounts
// of AWS, the order of the ids is not that of the names.
func ZoneID(name string) string {
	last := len(name) - 1
	parts := strings.Split(name[:last], "-")
	code := parts[0]
	for _, part := range parts[1:] {
		code += part[:1]
	}
	return fmt.Sprintf("%s-az%d", code, 'g'-name[last])
}

// standIn registers a resource with that state as awsx would and returns a reference to it: the SDK asks the engine for the resource
// behind a reference, and the mocked one knows registered resources only.
func (m *monitor) standIn(token, name string, state pulumi.Map) (resource.PropertyValue, error) {
	var made pulumi.CustomResourceState
	if err := m.ctx.RegisterResource(token, standInPrefix+name, state, &made); err != nil {
		return resource.PropertyValue{}, fmt.Errorf("standing in for %s %s: %w", token, name, err)
	}
	registered := make(chan pulumi.URN, 1)
	made.URN().ApplyT(func(urn pulumi.URN) pulumi.URN {
		registered <- urn
		return urn
	})
	urn := resource.URN(<-registered)
	id := m.id(Resource{Type: token, Name: standInPrefix + name})
	return resource.MakeCustomResourceReference(urn, resource.ID(id), ""), nil
}

// TierOf returns which tier of an awsx VPC a route table's or a subnet's id belongs to, and nothing for any other id.
func TierOf(vpc, id string) string {
	for _, prefix := range [...]string{shortType(routeTableType) + "-" + standInPrefix, "subnet-"} {
		if rest, ok := strings.CutPrefix(id, prefix+vpc+"-"); ok {
			tier, _, _ := strings.Cut(rest, "-")
			return tier
		}
	}
	return ""
}
