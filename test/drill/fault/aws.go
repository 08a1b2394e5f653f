package fault

import (
	"context"
	"errors"
	"fmt"

	"warmstandby/shared/settings"
	"warmstandby/test/drill/scenario"
)

// ChaosTag is the tag that opens an environment for drills, by the value ChaosAllowed. It is on the VPC of each region, where
// an operator puts it by hand: no deployment does.
const (
	ChaosTag     = "ChaosAllowed"
	ChaosAllowed = "true"
)

// The tags of the network ACLs that a drill makes: which environment's, and, behind associationTag, for each subnet the ACL
// that it had.
const (
	drillTag       = "warmstandby:drill"
	associationTag = "warmstandby:drill:"
)

// Tiers of subnets, by their tag SubnetType, as awsx writes it.
const (
	public   = "Public"
	isolated = "Isolated"
)

// Network is EC2 in one region, as far as a drill needs it.
type Network interface {
	// VPC returns the environment's.
	VPC(ctx context.Context, environment string) (VPC, error)
	// Subnets returns a VPC's, each with the network ACL that it has now.
	Subnets(ctx context.Context, vpc string) ([]Subnet, error)
	// ACLs returns a VPC's network ACLs that carry a tag with a value.
	ACLs(ctx context.Context, vpc, tag, value string) ([]ACL, error)
	// CreateACL makes a network ACL, which lets nothing through but what its entries allow.
	CreateACL(ctx context.Context, vpc string, tags map[string]string, entries []Entry) (string, error)
	// Associate gives a subnet another network ACL, by the association that it has.
	Associate(ctx context.Context, association, acl string) error
	DeleteACL(ctx context.Context, acl string) error
}

// VPC is a network.
type VPC struct {
	ID, CIDR string
	Tags     map[string]string
}

// Subnet is a part of a VPC.
type Subnet struct{ ID, Tier, ACL, Association string }

// ACL is a network ACL.
type ACL struct {
	ID   string
	Tags map[string]string
}

// Entry is a rule of a network ACL, the same in and out; the least number that fits decides.
type Entry struct {
	Number int
	CIDR   string
	Allow  bool
}

// AWS cuts regions off by network ACLs. These are stateless, so they also cut open connections, as a loss does; a security
// group leaves tracked connections open (Amazon EC2 User Guide, "Untracked connections"; Amazon VPC User Guide, "Network
// ACLs"). The previous associations are kept in the ACL's own tags, so that another process can heal.
type AWS struct {
	Environment string
	// Confirmed is the environment named a second time.
	Confirmed string
	Networks  map[string]Network // by region
}

// Begin implements Injector. It refuses an environment that lacks the tag in any region, and one whose name is not a
// development environment's and was not confirmed.
func (a AWS) Begin(ctx context.Context, kind scenario.Kind, region string) error {
	if kind == scenario.Isolated || kind == scenario.ReplicationStalled {
		return fmt.Errorf("making %s %s: Aurora's replication and EventBridge's forwarding do not pass through a VPC, whose network ACLs "+
			"are all that a drill on AWS changes: run it on the local AWS emulator", region, kind)
	}
	if err := a.checkPermission(ctx); err != nil {
		return err
	}
	network, vpc, err := a.networkOf(ctx, region)
	if err != nil {
		return err
	}
	entries, err := a.entries(ctx, kind, region)
	if err != nil {
		return err
	}
	subnets, err := network.Subnets(ctx, vpc.ID)
	if err != nil {
		return fmt.Errorf("finding the subnets of %s: %w", region, err)
	}
	tags := map[string]string{drillTag: a.Environment, "Name": "drill-" + a.Environment}
	var cut []Subnet
	for _, subnet := range subnets {
		if tier := map[scenario.Kind]string{scenario.AppDown: public, scenario.DBDown: isolated}[kind]; tier == "" || tier == subnet.Tier {
			tags[associationTag+subnet.ID] = subnet.ACL
			cut = append(cut, subnet)
		}
	}
	if len(cut) == 0 {
		return fmt.Errorf("making %s %s: none of the %d subnets is of the tier that it cuts", region, kind, len(subnets))
	}
	acl, err := network.CreateACL(ctx, vpc.ID, tags, entries)
	if err != nil {
		return fmt.Errorf("making the network ACL that cuts %s off: %w", region, err)
	}
	for _, subnet := range cut {
		if err := network.Associate(ctx, subnet.Association, acl); err != nil {
			return fmt.Errorf("cutting off subnet %s of %s: %w", subnet.ID, region, err)
		}
	}
	return nil
}

// entries are the rules of a fault: none, or, of a split, everything but the other region.
func (a AWS) entries(ctx context.Context, kind scenario.Kind, region string) ([]Entry, error) {
	if kind != scenario.Split {
		return nil, nil
	}
	var entries []Entry
	for other := range a.Networks {
		if other == region {
			continue
		}
		_, vpc, err := a.networkOf(ctx, other)
		if err != nil {
			return nil, err
		}
		entries = append(entries, Entry{Number: len(entries) + 1, CIDR: vpc.CIDR})
	}
	return append(entries, Entry{Number: 100, CIDR: "0.0.0.0/0", Allow: true}), nil
}

// Heal implements Injector.
func (a AWS) Heal(ctx context.Context, regions ...string) error {
	var faults []error
	for _, region := range regions {
		if err := a.heal(ctx, region); err != nil {
			faults = append(faults, fmt.Errorf("healing %s: %w", region, err))
		}
	}
	return errors.Join(faults...)
}

func (a AWS) heal(ctx context.Context, region string) error {
	network, vpc, err := a.networkOf(ctx, region)
	if err != nil {
		return err
	}
	acls, err := network.ACLs(ctx, vpc.ID, drillTag, a.Environment)
	if err != nil || len(acls) == 0 {
		return err
	}
	subnets, err := network.Subnets(ctx, vpc.ID)
	if err != nil {
		return err
	}
	var faults []error
	for _, acl := range acls {
		faults = append(faults, restore(ctx, network, acl, subnets))
	}
	return errors.Join(faults...)
}

// restore gives the subnets of an ACL their previous ACL, and deletes it unless a subnet still has it.
func restore(ctx context.Context, network Network, acl ACL, subnets []Subnet) error {
	var faults []error
	for _, subnet := range subnets {
		if original := acl.Tags[associationTag+subnet.ID]; subnet.ACL == acl.ID && original != "" {
			faults = append(faults, network.Associate(ctx, subnet.Association, original))
		}
	}
	if err := errors.Join(faults...); err != nil {
		return err
	}
	return network.DeleteACL(ctx, acl.ID)
}

func (a AWS) networkOf(ctx context.Context, region string) (Network, VPC, error) {
	network := a.Networks[region]
	if network == nil {
		return nil, VPC{}, fmt.Errorf("there is no network in %s", region)
	}
	vpc, err := network.VPC(ctx, a.Environment)
	if err != nil {
		return nil, VPC{}, fmt.Errorf("finding the VPC of %s in %s: %w", a.Environment, region, err)
	}
	return network, vpc, nil
}

// checkPermission refuses an environment that is not tagged for drills.
func (a AWS) checkPermission(ctx context.Context) error {
	if settings.ProfileOf(a.Environment) != settings.Dev && a.Confirmed != a.Environment {
		return fmt.Errorf("environment %s is not dev by its name and may serve users: name it twice (CONFIRM=%s)", a.Environment, a.Environment)
	}
	for region := range a.Networks {
		_, vpc, err := a.networkOf(ctx, region)
		if err != nil {
			return err
		}
		if vpc.Tags[ChaosTag] != ChaosAllowed {
			return fmt.Errorf("%s of %s in %s is not opened for drills: tag it %s=%s", vpc.ID, a.Environment, region, ChaosTag, ChaosAllowed)
		}
	}
	return nil
}

// Limits implements Injector.
func (AWS) Limits(kind scenario.Kind) []string {
	limits := []string{
		"Network ACLs cut the VPC off, not AWS's APIs, Aurora's storage replication or EventBridge's forwarding, which do not pass through it.",
	}
	if kind == scenario.DBDown {
		limits = append(
			limits,
			"The database goes on running and replicating: the controller rightly takes this for an application that is lost.",
		)
	}
	return limits
}
