package settings

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
)

// regionForm is the form of an AWS region's name: an area, one direction or two words, a number.
var regionForm = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+){1,2}-[1-9]$`)

// The mask of a VPC's range is between these. AWS accepts no VPC larger than a /16 (Amazon VPC User Guide, VPC CIDR blocks); in one
// smaller than a /20, nine subnets (three kinds in three zones) would have too few addresses for a function's network interfaces.
const (
	largestVPCBits  = 16
	smallestVPCBits = 20
)

// privateRanges are those of RFC 1918, section 3.
var privateRanges = [...]netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"),
	netip.MustParsePrefix("172.16.0.0/12"),
	netip.MustParsePrefix("192.168.0.0/16"),
}

// networks returns the networks of the primary and of the standby region.
func (r *reader) networks() (primary, standby Network) {
	primary.Region = r.region(keyPrimaryRegion)
	standby.Region = r.region(keyStandbyRegion)
	if primary.Region == standby.Region && primary.Region != "" {
		r.refuse(keyStandbyRegion, "a region other than "+keyPrimaryRegion, strconv.Quote(standby.Region)+" for both")
	}
	var primaryRead, standbyRead bool
	primary.CIDR, primaryRead = r.vpcRange(keyPrimaryCIDR)
	standby.CIDR, standbyRead = r.vpcRange(keyStandbyCIDR)
	if primaryRead && standbyRead && primary.CIDR.Overlaps(standby.CIDR) {
		r.refuse(keyStandbyCIDR, "a range apart from "+keyPrimaryCIDR+", because peered VPCs may not overlap",
			fmt.Sprintf("%s, which overlaps %s %s", standby.CIDR, keyPrimaryCIDR, primary.CIDR))
	}
	primary.ZoneIDs, standby.ZoneIDs = r.zoneIDs(keyPrimaryZoneIDs), r.zoneIDs(keyStandbyZoneIDs)
	return primary, standby
}

// region returns an AWS region's name, empty if it is not of that form.
func (r *reader) region(key string) string {
	name := r.string(key)
	if !regionForm.MatchString(name) {
		r.refuse(key, "the name of an AWS region, such as us-east-1", strconv.Quote(name))
		return ""
	}
	return name
}

// vpcRange returns a VPC's range, and whether the value is an IPv4 range: then it can be compared with the other VPC's range even if
// it is refused.
func (r *reader) vpcRange(key string) (netip.Prefix, bool) {
	text := r.string(key)
	prefix, err := netip.ParsePrefix(text)
	if err != nil || !prefix.Addr().Is4() {
		r.refuse(key, "an IPv4 range, such as 10.0.0.0/16", strconv.Quote(text))
		return netip.Prefix{}, false
	}
	if prefix != prefix.Masked() {
		r.refuse(key, fmt.Sprintf("%s, with no bits set behind the mask", prefix.Masked()), text)
	}
	if prefix.Bits() < largestVPCBits || prefix.Bits() > smallestVPCBits {
		r.refuse(key, fmt.Sprintf("a mask of /%d to /%d", largestVPCBits, smallestVPCBits), text)
	}
	private := func(allowed netip.Prefix) bool {
		return allowed.Bits() <= prefix.Bits() && allowed.Contains(prefix.Addr())
	}
	if !slices.ContainsFunc(privateRanges[:], private) {
		r.refuse(key, "a private range, inside "+orList(privateRanges[:])+" (RFC 1918)", text)
	}
	return prefix, true
}
