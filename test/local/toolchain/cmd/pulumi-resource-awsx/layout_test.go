package main

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
)

// specsOf reads "Private/20 Public Unused=4096": types with a mask or a size.
func specsOf(t *testing.T, text string) []subnetSpec {
	t.Helper()
	var specs []subnetSpec
	for _, word := range strings.Fields(text) {
		var spec subnetSpec
		var n int
		if name, mask, ok := strings.Cut(word, "/"); ok {
			spec.Type, spec.CIDRMask = name, &n
			word = mask
		} else if name, size, ok := strings.Cut(word, "="); ok {
			spec.Type, spec.Size = name, &n
			word = size
		} else {
			specs = append(specs, subnetSpec{Type: word})
			continue
		}
		if _, err := fmt.Sscan(word, &n); err != nil {
			t.Fatalf("reading %q: %v", text, err)
		}
		specs = append(specs, spec)
	}
	specs, err := normalised(specs)
	if err != nil {
		t.Fatalf("normalising %q: %v", text, err)
	}
	return specs
}

func TestSubnetsLieWhereTheOfficialPluginPutsThem(t *testing.T) {
	for name, c := range map[string]struct {
		vpc      string
		zones    int
		zoneMask int
		specs    string // none: automatic
		want     string // of all zones
	}{
		"automatic in one zone": {"10.0.0.0/16", 1, 0, "", "private-1 10.0.0.0/17, public-1 10.0.128.0/18"},
		"automatic in two zones": {
			"10.0.0.0/16", 2, 0, "", "private-1 10.0.0.0/18, public-1 10.0.64.0/19, private-2 10.0.128.0/18, public-2 10.0.192.0/19",
		},
		"automatic in three zones": {"10.0.0.0/16", 3, 0, "", "private-1 10.0.0.0/19, public-1 10.0.32.0/20, private-2 10.0.64.0/19, " +
			"public-2 10.0.96.0/20, private-3 10.0.128.0/19, public-3 10.0.160.0/20"},
		"automatic in a VPC larger than a /16": {"10.0.0.0/8", 1, 0, "", "private-1 10.0.0.0/17, public-1 10.0.128.0/18"},
		"one kind fills the zone":              {"10.0.0.0/16", 2, 0, "Private", "private-1 10.0.0.0/17, private-2 10.0.128.0/17"},
		"two kinds halve the zone":             {"10.0.0.0/16", 1, 18, "Isolated Public", "isolated-1 10.0.0.0/19, public-1 10.0.32.0/19"},
		"three kinds quarter the zone": {
			"10.0.0.0/16", 1, 18, "Private Isolated Public", "private-1 10.0.0.0/20, isolated-1 10.0.16.0/20, public-1 10.0.32.0/20",
		},
		"masks keep their order": {
			"10.0.0.0/16", 1, 18, "Private/20 Isolated/22 Public/24", "private-1 10.0.0.0/20, isolated-1 10.0.16.0/22, public-1 10.0.20.0/24",
		},
		"a size stands for its mask": {"10.0.0.0/16", 1, 18, "Private=4096 Public=256", "private-1 10.0.0.0/20, public-1 10.0.16.0/24"},
		"unused takes space": {
			"10.0.0.0/16", 1, 18, "Private/19 Unused/20 Public/20", "private-1 10.0.0.0/19, unused-1 10.0.32.0/20, public-1 10.0.48.0/20",
		},
		"a larger one is aligned upwards": {
			"10.1.0.0/16", 1, 18, "Public/24 Private/20 Isolated/24", "public-1 10.1.0.0/24, private-1 10.1.16.0/20, isolated-1 10.1.32.0/24",
		},
	} {
		t.Run(name, func(t *testing.T) {
			layout := vpcLayout{name: "n", vpc: netip.MustParsePrefix(c.vpc), zones: make([]string, c.zones)}
			if c.zoneMask > 0 {
				layout.zoneMask = &c.zoneMask
			}
			if c.specs != "" {
				layout.specs = specsOf(t, c.specs)
			}
			placed, _, err := layout.subnets()
			if err != nil {
				t.Fatalf("subnets: %v", err)
			}
			var got []string
			for _, s := range placed {
				got = append(got, strings.TrimPrefix(s.name, "n-")+" "+s.cidr.String())
			}
			if joined := strings.Join(got, ", "); joined != c.want {
				t.Errorf("got  %s\nwant %s", joined, c.want)
			}
		})
	}
}

func TestNormalisedFillsInMaskAndSize(t *testing.T) {
	specs := specsOf(t, "Public/24 Private=4096 Isolated")
	same(t, "layout", layoutOutput(specs), []any{
		map[string]any{"type": "Public", "cidrMask": 24, "size": 256},
		map[string]any{"type": "Private", "cidrMask": 20, "size": 4096},
		map[string]any{"type": "Isolated"},
	})
}

// FuzzSubnets: whatever the inputs, the result is an error or subnets inside the VPC that do not overlap.
func FuzzSubnets(f *testing.F) {
	f.Add("10.0.0.0/16", 3, 0, []byte{24, 20, 24})
	f.Add("10.0.0.0/23", 2, 0, []byte{26, 25, 26})
	f.Add("255.255.255.0/24", 8, 25, []byte{28})
	f.Add("0.0.0.0/0", 1, 0, []byte{})
	f.Add("10.0.64.0/18", 1, 16, []byte{0, 0})
	f.Fuzz(func(t *testing.T, vpc string, zones, zoneMask int, masks []byte) {
		cidr, err := netip.ParsePrefix(vpc)
		if err != nil || !cidr.Addr().Is4() || len(masks) > 64 {
			return
		}
		// A region has at most six zones; sixteen keeps the pairs to compare few.
		layout := vpcLayout{name: "n", vpc: cidr.Masked(), zones: make([]string, 1+(zones&15))}
		if zoneMask != 0 {
			layout.zoneMask = &zoneMask
		}
		kinds := []string{"Public", "Private", "Isolated", "Unused"}
		for i, m := range masks {
			spec := subnetSpec{Type: kinds[i%len(kinds)]}
			if mask := int(m); mask != 0 {
				spec.CIDRMask = &mask
			}
			layout.specs = append(layout.specs, spec)
		}
		if layout.specs, err = normalised(layout.specs); err != nil {
			return
		}
		if len(layout.specs) == 0 {
			layout.specs = nil
		}
		placed, specs, err := layout.subnets()
		if err != nil {
			return
		}
		if want := len(layout.zones) * len(specs); len(placed) != want {
			t.Fatalf("%d subnets, want %d", len(placed), want)
		}
		for i, s := range placed {
			if s.cidr != s.cidr.Masked() || s.cidr.Bits() < cidr.Bits() || !cidr.Contains(s.cidr.Addr()) {
				t.Errorf("%s is not a range inside %s", s.cidr, cidr)
			}
			for _, other := range placed[:i] {
				if s.cidr.Overlaps(other.cidr) {
					t.Errorf("%s and %s overlap", s.cidr, other.cidr)
				}
			}
		}
	})
}
