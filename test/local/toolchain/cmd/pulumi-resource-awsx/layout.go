package main

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"net/netip"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const (
	addressBits = 32 // of an IPv4 address

	// Automatic subnets use at most a /16 of each zone, and leave the rest for later.
	widestAutomaticZone = 16
	// Automatic subnets take a half and a quarter of a zone; AWS has no subnet smaller than a /28.
	narrowestAutomaticZone = 26
)

// vpcLayout is what the layout of a VPC is made from.
type vpcLayout struct {
	name     string       // prefix of the subnets' names
	vpc      netip.Prefix // masked
	zones    []string     // availability zones
	zoneMask *int         // of the range of each zone; nil divides the VPC evenly
	specs    []subnetSpec // normalised; nil for one private and one public subnet a zone
}

// subnet is one range of the layout, in the order in which it lies in the VPC.
type subnet struct {
	name  string // as resource and as Name tag
	zone  int    // index into the zones
	kind  kind
	label string // the type as it was given: the SubnetType tag
	cidr  netip.Prefix
	tags  pulumi.StringMapInput
}

// subnets places the specs, in their order, in each zone's range, as the strategy "Auto" does. It gives the subnets
// zone by zone, unused ranges included, and the specs that were placed. No two subnets overlap and all are in the VPC.
func (l vpcLayout) subnets() ([]subnet, []subnetSpec, error) {
	zoneMask := valueOr(l.zoneMask, l.vpc.Bits()+newBits(len(l.zones)))
	if zoneMask < 1 || zoneMask > addressBits {
		return nil, nil, fmt.Errorf("an availability zone of %s would be a /%d: give a larger cidrBlock, fewer zones, "+
			"or an availabilityZoneCidrMask of 1 to %d", l.vpc, zoneMask, addressBits)
	}
	specs := l.specs
	if specs == nil {
		var err error
		if specs, err = automaticSpecs(zoneMask); err != nil {
			return nil, nil, err
		}
	}
	if len(specs) == 0 {
		return nil, nil, officialError("No subnets specified")
	}
	evenMask := zoneMask + newBits(len(specs))
	if err := fits(specs, zoneMask, evenMask); err != nil {
		return nil, nil, err
	}
	placed, err := l.place(specs, zoneMask, evenMask)
	if err != nil {
		return nil, nil, err
	}
	if err := overlaps(placed); err != nil {
		return nil, nil, err
	}
	for _, s := range placed {
		if s.cidr.Bits() < l.vpc.Bits() || !l.vpc.Contains(s.cidr.Addr()) {
			return nil, nil, outside(s.name, s.cidr.String(), l.vpc)
		}
	}
	return placed, specs, nil
}

// automaticSpecs is what a zone holds when no spec is given: half of it private, a quarter public.
func automaticSpecs(zoneMask int) ([]subnetSpec, error) {
	if zoneMask > narrowestAutomaticZone {
		return nil, officialErrorf("Automatic subnet creation requires a VPC with at least /%d available per AZ, "+
			"but only /%d is available.If you do need very small subnets, please specify them explicitly.",
			narrowestAutomaticZone, zoneMask)
	}
	base := max(zoneMask, widestAutomaticZone)
	half, quarter := base+1, base+2
	return []subnetSpec{{Type: "Private", CIDRMask: &half}, {Type: "Public", CIDRMask: &quarter}}, nil
}

// fits checks the sizes of the specs against the size of a zone.
func fits(specs []subnetSpec, zoneMask, evenMask int) error {
	if evenMask > addressBits {
		return fmt.Errorf("%d subnets do not fit into an availability zone of /%d: give a larger cidrBlock or fewer subnetSpecs",
			len(specs), zoneMask)
	}
	required := 0
	for _, spec := range specs {
		required += addresses(valueOr(spec.CIDRMask, evenMask))
	}
	if available := addresses(zoneMask); required > available {
		return officialErrorf("Subnets are too large for VPC. VPC has %d addresses, but subnets require %d addresses.",
			available, required)
	}
	return nil
}

// place puts each spec at the first address after the one before that is a multiple of its size.
func (l vpcLayout) place(specs []subnetSpec, zoneMask, evenMask int) ([]subnet, error) {
	var placed []subnet
	zoneSize := uint64(addresses(zoneMask))
	first := addressOf(l.vpc.Addr()) &^ (zoneSize - 1)
	for zone := range l.zones {
		next := first + uint64(zone)*zoneSize
		for _, spec := range specs {
			mask := valueOr(spec.CIDRMask, evenMask)
			size := uint64(addresses(mask))
			start := (next + size - 1) &^ (size - 1)
			next = start + size
			k, err := spec.kind()
			if err != nil {
				return nil, err
			}
			name := fmt.Sprintf("%s-%s-%d", l.name, spec.label(), zone+1)
			if next > 1<<addressBits {
				return nil, outside(name, fmt.Sprintf("a /%d after 255.255.255.255", mask), l.vpc)
			}
			placed = append(placed, subnet{
				name: name, zone: zone, kind: k, label: spec.Type, tags: spec.Tags,
				cidr: netip.PrefixFrom(addressAt(start), mask),
			})
		}
	}
	return placed, nil
}

// overlaps lists the subnets that share addresses with another: alignment can push a zone's last subnet into the next.
func overlaps(placed []subnet) error {
	var lines strings.Builder
	count := 0
	for i, s := range placed {
		for j, other := range placed {
			if i != j && s.cidr.Overlaps(other.cidr) {
				count++
				fmt.Fprintf(&lines, "%d. %s: %s\n", count, s.name, s.cidr)
				break
			}
		}
	}
	if count == 0 {
		return nil
	}
	return officialErrorf("The following subnets overlap with at least one other subnet. Make the CIDR for the VPC larger, "+
		"reduce the size of the subnets per AZ, or use less Availability Zones:\n\n%s", lines.String())
}

// outside is the error for a subnet beyond the VPC, which the official plugin leaves to AWS to refuse.
func outside(name, where string, vpc netip.Prefix) error {
	return fmt.Errorf("subnet %s (%s) is not inside the VPC's cidrBlock %s: AWS refuses it; "+
		"raise availabilityZoneCidrMask or use fewer availability zones", name, where, vpc)
}

// newBits is by how many bits a mask grows when a range is divided into count equal parts.
func newBits(count int) int {
	return bits.Len(uint(max(count, 1) - 1))
}

func addressOf(a netip.Addr) uint64 {
	b := a.As4()
	return uint64(binary.BigEndian.Uint32(b[:]))
}

func addressAt(n uint64) netip.Addr {
	return netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, uint32(n))))
}
