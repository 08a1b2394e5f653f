package main

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// state gives the component's fourteen outputs. As with the official plugin, whoever reads one of them waits for the
// VPC and all subnets, and for a list of resources also for those, but not for the routes of a vpcId.
func (n *network) state(specs []subnetSpec) pulumi.Map {
	created := pulumi.All(reference(n.vpc), references(n.subnets...))
	output := func(value any) pulumi.Input {
		// Not OutputWithDependencies: it reads the value's dependencies while they may still be set.
		return pulumi.All(created, value).ApplyT(func(both []any) any { return both[1] })
	}
	return pulumi.Map{
		"vpc":                    output(reference(n.vpc)),
		"vpcId":                  output(n.vpc.ID()),
		"internetGateway":        output(reference(n.internetGateway)),
		"subnets":                output(references(n.subnets...)),
		"routeTables":            output(references(n.tables...)),
		"routeTableAssociations": output(references(n.associations...)),
		"routes":                 output(references(n.routes...)),
		"natGateways":            output(references(n.natGateways...)),
		"eips":                   output(references(n.eips...)),
		"vpcEndpoints":           output(references()),
		"publicSubnetIds":        output(pulumi.All(n.ids[public]...)),
		"privateSubnetIds":       output(pulumi.All(n.ids[private]...)),
		"isolatedSubnetIds":      output(pulumi.All(n.ids[isolated]...)),
		"subnetLayout":           output(layoutOutput(specs)),
	}
}

// reference is a resource reference, known as soon as the resource has a URN: in a preview the reference is known and
// the id in it is not.
func reference(r pulumi.Resource) pulumi.Output {
	return r.URN().ApplyT(func(pulumi.URN) any { return r })
}

func references(resources ...pulumi.Resource) pulumi.Output {
	list := make([]any, len(resources))
	for i, r := range resources {
		list[i] = reference(r)
	}
	return pulumi.All(list...)
}

// layoutOutput describes one zone: each spec's type and, where given or derived, name, mask and size. Of automatic
// specs the official plugin gives no size.
func layoutOutput(specs []subnetSpec) []any {
	layout := make([]any, len(specs))
	for i, spec := range specs {
		entry := map[string]any{"type": spec.Type}
		if spec.Name != nil {
			entry["name"] = *spec.Name
		}
		if spec.CIDRMask != nil {
			entry["cidrMask"] = *spec.CIDRMask
		}
		if spec.Size != nil {
			entry["size"] = *spec.Size
		}
		layout[i] = entry
	}
	return layout
}
