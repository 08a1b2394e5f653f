package main

import (
	"fmt"
	"strconv"
	"strings"
)

// kind is what a subnet is for, in lower case; it decides the subnet's routes.
type kind string

const (
	public   kind = "public"   // routed to the internet gateway
	private  kind = "private"  // routed to a NAT gateway, when there is one
	isolated kind = "isolated" // not routed
	unused   kind = "unused"   // takes space in the layout and is not created
)

// The masks that have a size: IPv4 ranges of 2^32 down to 4 addresses.
const (
	widestMask    = 0
	narrowestMask = 30
)

// kind reads the type, for which upper and lower case are the same except that "Unused" must be written so: the
// official plugin takes another spelling of it for a subnet.
func (s subnetSpec) kind() (kind, error) {
	switch k := kind(strings.ToLower(s.Type)); {
	case k == public, k == private, k == isolated:
		return k, nil
	case s.Type == "Unused":
		return unused, nil
	}
	return "", notImplemented(fmt.Sprintf("%q (Public, Private, Isolated and Unused are)", s.Type))
}

// label is the middle of the names of the subnets made from the spec.
func (s subnetSpec) label() string {
	return valueOr(s.Name, strings.ToLower(s.Type))
}

// normalised gives the specs with mask and size both filled in where either was given. Every fault is reported at once.
func normalised(specs []subnetSpec) ([]subnetSpec, error) {
	var issues, invalid []string
	for i, spec := range specs {
		if spec.Size != nil && maskOf(*spec.Size) < 0 {
			invalid = append(invalid, strconv.Itoa(*spec.Size))
		}
		if m := spec.CIDRMask; m != nil && (*m <= widestMask || *m > narrowestMask) {
			issues = append(issues, fmt.Sprintf("The cidrMask in subnetSpecs[%d] is %d; it must be %d to %d.",
				i, *m, widestMask+1, narrowestMask))
		}
	}
	if len(invalid) > 0 {
		var valid []string
		for mask := widestMask; mask <= narrowestMask; mask++ {
			valid = append(valid, strconv.Itoa(addresses(mask)))
		}
		issues = append(issues, fmt.Sprintf("The following subnet sizes are invalid: %s. Valid sizes are: %s.",
			strings.Join(invalid, ", "), strings.Join(valid, ", ")))
	}
	out := make([]subnetSpec, len(specs))
	for i, spec := range specs {
		out[i] = spec
		switch mask, size := spec.CIDRMask, spec.Size; {
		case mask == nil && size == nil:
		case mask == nil:
			derived := maskOf(*size)
			out[i].CIDRMask = &derived
		default:
			expected := addresses(*mask)
			if size != nil && *size != expected {
				issues = append(issues, fmt.Sprintf(
					"Subnet size %d does not match the expected size for a /%d subnet (%d).", *size, *mask, expected))
			}
			out[i].Size = &expected
		}
	}
	if len(issues) > 0 {
		return nil, officialErrorf("Invalid subnet specifications:\n - %s", strings.Join(issues, "\n - "))
	}
	return out, nil
}

// addresses is the number of addresses of an IPv4 range with the given mask.
func addresses(mask int) int {
	return 1 << (addressBits - min(max(mask, 0), addressBits))
}

// maskOf is the mask of a range of the given number of addresses, or -1 if there is none.
func maskOf(size int) int {
	for mask := widestMask; mask <= narrowestMask; mask++ {
		if addresses(mask) == size {
			return mask
		}
	}
	return -1
}
