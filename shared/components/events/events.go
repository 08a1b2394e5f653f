// Package events carries events between the two regions: a bus of the same name in each, and a forwarding rule in each
// direction, so that an event that is put in either region arrives exactly once in each.
//
// Forwarding makes no loop. An event's region field is the region that the event was put in, also in the copy that EventBridge
// delivers to another region, and each rule forwards only what was put in its own region (Amazon EventBridge Events Reference,
// "AWS service event metadata", region; Amazon EventBridge User Guide, "Making applications Regional-fault tolerant with global
// endpoints", "Replicated event payload").
package events

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/naming"
	"warmstandby/shared/region"
)

const busPairType = "warmstandby:events:CrossRegion"

// Args are the inputs of a pair of buses.
type Args struct {
	// Purpose is the subject of the events, such as records.
	Purpose string
	Regions region.Pair
	// ArchiveDays is how long each region can replay an event.
	ArchiveDays int
	// Protection keeps the archives from being destroyed.
	Protection bool
}

// BusPair is a bus in each region and the forwarding between them.
type BusPair struct {
	pulumi.ResourceState

	Primary, Standby *Bus

	forwardings []forwarding
}

// NewBusPair builds both buses. [BusPair.Forward] builds the forwarding between them.
func NewBusPair(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*BusPair, error) {
	pair := &BusPair{}
	if err := ctx.RegisterComponentResource(busPairType, name, pair, opts...); err != nil {
		return nil, fmt.Errorf("registering event buses %s: %w", name, err)
	}
	primary, err := newRegionNames(args.Regions, args.Regions.Primary, args.Purpose)
	if err != nil {
		return nil, err
	}
	standby, err := newRegionNames(args.Regions, args.Regions.Standby, args.Purpose)
	if err != nil {
		return nil, err
	}
	parentOpt := pulumi.Parent(pair)
	for _, row := range [...]struct {
		bus         **Bus
		local, peer regionNames
	}{{&pair.Primary, primary, standby}, {&pair.Standby, standby, primary}} {
		*row.bus, err = newBus(ctx, name+"-"+string(row.local.region.Role), busArgs{
			local: row.local, peer: row.peer, purpose: args.Purpose, archiveDays: args.ArchiveDays, protection: args.Protection,
		}, parentOpt)
		if err != nil {
			return nil, fmt.Errorf("building event buses %s: %w", name, err)
		}
	}
	pair.forwardings = []forwarding{
		{args.Purpose, primary, pair.Primary, pair.Standby},
		{args.Purpose, standby, pair.Standby, pair.Primary},
	}
	return pair, ctx.RegisterResourceOutputs(pair, pulumi.Map{
		"primary": pair.Primary.ARN, "standby": pair.Standby.ARN,
	})
}

// Resources are the buses themselves. What depends on them is deleted before them, and after the rules that forward: EventBridge may
// say for a moment after a rule went that its bus has rules, and the provider deletes a bus once.
func (c *BusPair) Resources() []pulumi.Resource {
	return []pulumi.Resource{c.Primary.resource, c.Standby.resource}
}

// Forward builds the forwarding in both directions, through roles that are made at once and used when settled is there: what takes AWS
// minutes to make. A role is known everywhere some seconds after it was made (IAM User Guide, "Changes that I make are not always
// immediately visible"), until when EventBridge may refuse a target that names it, and the provider puts a target once.
func (c *BusPair) Forward(ctx *pulumi.Context, settled ...pulumi.Resource) error {
	for _, forwarding := range c.forwardings {
		if err := c.forward(ctx, forwarding, settled); err != nil {
			return fmt.Errorf("forwarding the events of %s: %w", forwarding.names.region.Name, err)
		}
	}
	return nil
}

// regionNames is a region with the names of its bus and its forwarding rule. They are known before the resources, because each
// bus's policy names the other region's rule.
type regionNames struct {
	region region.Region
	// bus is the same in both regions.
	bus, rule string
}

func newRegionNames(pair region.Pair, in region.Region, purpose string) (regionNames, error) {
	bus, err := pair.Named(naming.EventBus, purpose)
	if err != nil {
		return regionNames{}, err
	}
	rule, err := in.Named(naming.EventRule, "forward-"+purpose)
	if err != nil {
		return regionNames{}, err
	}
	return regionNames{region: in, bus: bus, rule: rule}, nil
}

// ruleARN returns the forwarding rule's ARN.
func (n regionNames) ruleARN() string { return n.region.ARN("events", "rule/"+n.bus+"/"+n.rule) }

// busARN returns the bus's ARN.
func (n regionNames) busARN() string { return n.region.ARN("events", "event-bus/"+n.bus) }
