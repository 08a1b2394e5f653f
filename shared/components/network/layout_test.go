package network

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
)

// The ranges of a /16 are recorded from awsx, with the masks that NewVPC gives it.
func TestLayout(t *testing.T) {
	tests := []struct {
		vpc  string
		want map[Tier]string
	}{
		{"10.0.0.0/16", map[Tier]string{
			Private:  "10.0.0.0/19 10.0.64.0/19 10.0.128.0/19",
			Public:   "10.0.32.0/20 10.0.96.0/20 10.0.160.0/20",
			Isolated: "10.0.48.0/20 10.0.112.0/20 10.0.176.0/20",
		}},
		{"192.168.16.0/20", map[Tier]string{
			Private:  "192.168.16.0/23 192.168.20.0/23 192.168.24.0/23",
			Public:   "192.168.18.0/24 192.168.22.0/24 192.168.26.0/24",
			Isolated: "192.168.19.0/24 192.168.23.0/24 192.168.27.0/24",
		}},
		{"10.0.0.128/24", map[Tier]string{ // the last that fits, given by an address inside it
			Private:  "10.0.0.0/27 10.0.0.64/27 10.0.0.128/27",
			Public:   "10.0.0.32/28 10.0.0.96/28 10.0.0.160/28",
			Isolated: "10.0.0.48/28 10.0.0.112/28 10.0.0.176/28",
		}},
	}
	for _, test := range tests {
		t.Run(test.vpc, func(t *testing.T) {
			layout, err := NewLayout(netip.MustParsePrefix(test.vpc))
			if err != nil {
				t.Fatal(err)
			}
			for tier, want := range test.want {
				if got := strings.Trim(fmt.Sprint(layout.Ranges(tier)), "[]"); got != want {
					t.Errorf("the %s subnets are %s, want %s", tier, got, want)
				}
			}
		})
	}
}

// A range without room for every subnet is refused.
func TestLayoutRefuses(t *testing.T) {
	for _, test := range []struct{ vpc, wantErr string }{
		{"10.0.0.0/25", "its Public subnets would be /29, the smallest that AWS has is /28"},
		{"10.0.0.0/32", "its Private subnets would be /35"},
		{"fd00::/16", "laying out fd00::/16"},
	} {
		if _, err := NewLayout(netip.MustParsePrefix(test.vpc)); err == nil || !strings.Contains(err.Error(), test.wantErr) {
			t.Errorf("NewLayout(%s): %v, want an error with %q", test.vpc, err, test.wantErr)
		}
	}
}

func FuzzLayout(f *testing.F) {
	for _, seed := range []string{
		"10.0.0.0/16", "172.16.0.0/20", "192.168.255.255/24", "10.0.0.0/25", "255.255.255.255/16", "0.0.0.0/0", "fd00::/16",
		"::ffff:10.0.0.0/112",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		vpc, err := netip.ParsePrefix(text)
		if err != nil {
			return
		}
		layout, err := NewLayout(vpc)
		if fits := vpc.Addr().Is4() && vpc.Bits() <= 24; fits != (err == nil) {
			t.Fatalf("NewLayout(%s): %v; a /24 is the smallest that leaves each subnet a /28", vpc, err)
		}
		if err != nil {
			return
		}
		var all []netip.Prefix
		for _, tier := range []Tier{Private, Public, Isolated} {
			ranges := layout.Ranges(tier)
			if len(ranges) != ZoneCount {
				t.Fatalf("%s has %d %s subnets, want one a zone", vpc, len(ranges), tier)
			}
			all = append(all, ranges...)
		}
		for i, one := range all {
			if one != one.Masked() || one.Bits() <= vpc.Bits() || !vpc.Contains(one.Addr()) {
				t.Errorf("subnet %s is not inside %s", one, vpc)
			}
			for _, other := range all[:i] {
				if one.Overlaps(other) {
					t.Errorf("in %s the subnets %s and %s overlap", vpc, one, other)
				}
			}
		}
	})
}
