package network

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"net/netip"
)

// ZoneCount is the number of availability zones of a VPC. Aurora keeps its copies in three, and with three the loss of one
// leaves two.
const ZoneCount = 3

// Tier is a type of subnet, by its routes.
type Tier string

// The tiers, as awsx spells them.
const (
	Private  Tier = "Private"  // Functions: egress through VPC endpoints, or a NAT gateway where there is one.
	Public   Tier = "Public"   // Load balancers: ingress and egress through the internet gateway.
	Isolated Tier = "Isolated" // Databases: no egress.
)

// tiers are each tier's share of a zone's range, in the order in which a zone is filled: half for functions, whose network
// interfaces grow with load, a quarter for each of the others. The shares fill the zone, so that no gap moves a subnet. The
// zones take three quarters of the VPC, and the last one is free.
var tiers = [...]struct {
	Tier
	halvings int // how often the zone's range is halved to the tier's
}{
	{Private, 1}, {Public, 2}, {Isolated, 2},
}

// zoneHalvings is how often the VPC's range is halved to a zone's: for the number of zones, rounded up to a power of two.
var zoneHalvings = bits.Len(ZoneCount - 1)

// Layout is the ranges of a VPC's subnets.
type Layout struct {
	vpc netip.Prefix
}

// NewLayout returns the layout of a VPC. The VPC's range must leave every subnet at least a /28, AWS's smallest (Amazon VPC
// User Guide, "Subnet CIDR blocks").
func NewLayout(vpc netip.Prefix) (Layout, error) {
	const smallestSubnet = 28
	layout := Layout{vpc: vpc.Masked()}
	for _, tier := range tiers {
		if mask := layout.zoneMask() + tier.halvings; !vpc.Addr().Is4() || mask > smallestSubnet {
			return Layout{}, fmt.Errorf("laying out %s: its %s subnets would be /%d, the smallest that AWS has is /%d",
				vpc, tier.Tier, mask, smallestSubnet)
		}
	}
	return layout, nil
}

// Ranges returns the ranges of the tier's subnets, one for each zone, in the order of zones.
func (l Layout) Ranges(tier Tier) []netip.Prefix {
	var ranges []netip.Prefix
	for zone := range ZoneCount {
		offset := uint32(zone) << (32 - l.zoneMask())
		for _, row := range tiers {
			mask := l.zoneMask() + row.halvings
			if row.Tier == tier {
				ranges = append(ranges, netip.PrefixFrom(l.address(offset), mask))
			}
			offset += 1 << (32 - mask)
		}
	}
	return ranges
}

func (l Layout) zoneMask() int { return l.vpc.Bits() + zoneHalvings }

func (l Layout) address(offset uint32) netip.Addr {
	base := l.vpc.Addr().As4()
	var address [4]byte
	binary.BigEndian.PutUint32(address[:], binary.BigEndian.Uint32(base[:])+offset)
	return netip.AddrFrom4(address)
}
