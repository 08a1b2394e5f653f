package route53

import (
	"fmt"
	"strings"

	"github.com/miekg/dns"
)

// absolute returns a name as a Snapshot has it. Route 53 writes the asterisk of a wildcard as \052.
// AWS: Amazon Route 53 Developer Guide, "DNS domain name format".
func absolute(name string) string {
	return dns.CanonicalName(strings.ReplaceAll(name, `\052`, "*"))
}

// zone returns the public hosted zone that a name lies in, the closest; nil when there is none. Of several with one name AWS
// answers by the name servers that were asked, of which there is one here: nobody can tell which is meant.
func (v view) zone(name string) (*Zone, error) {
	var found *Zone
	several := false
	for i := range v.Zones {
		zone := &v.Zones[i]
		if zone.Private || !dns.IsSubDomain(zone.Name, name) {
			continue
		}
		switch {
		case found == nil || len(zone.Name) > len(found.Name):
			found, several = zone, false
		case zone.Name == found.Name:
			several = true
		}
	}
	if several {
		return nil, fmt.Errorf("there are several hosted zones %s", found.Name)
	}
	return found, nil
}

// sets returns the record sets of a name and type.
func (z *Zone) sets(name, kind string) []Set {
	var found []Set
	for _, set := range z.Sets {
		if set.Name == name && set.Type == kind {
			found = append(found, set)
		}
	}
	return found
}

// owner returns the name whose records answer for a name of the zone: its own, else the wildcard's below its closest name
// that exists (RFC 4592); "" when the name does not exist. One that only others lie below exists, without records.
func (z *Zone) owner(name string) string {
	if z.exists(name) {
		return name
	}
	for below := name; below != z.Name; {
		parent := parentOf(below)
		if parent == "" {
			return ""
		}
		if z.exists(parent) {
			if wildcard := "*." + parent; z.exists(wildcard) {
				return wildcard
			}
			return ""
		}
		below = parent
	}
	return ""
}

func (z *Zone) exists(name string) bool {
	if name == z.Name {
		return true
	}
	for _, set := range z.Sets {
		if dns.IsSubDomain(name, set.Name) {
			return true
		}
	}
	return false
}

// delegation returns the name servers of a part of the zone that a name lies in and that is answered elsewhere, or nothing.
func (z *Zone) delegation(name string) []Set {
	for below := name; below != z.Name && below != ""; {
		if servers := z.sets(below, "NS"); len(servers) > 0 {
			return servers
		}
		below = parentOf(below)
	}
	return nil
}

// parentOf returns a name without its first label, or "" when that was the last.
func parentOf(name string) string {
	next, end := dns.NextLabel(name, 0)
	if end {
		return ""
	}
	return name[next:]
}

// records returns a set's values as records of a name.
func (s Set) records(name string) ([]dns.RR, error) {
	var all []dns.RR
	for _, value := range s.Values {
		record, err := dns.NewRR(fmt.Sprintf(". %d IN %s %s", s.TTL, s.Type, value))
		if err != nil {
			return nil, fmt.Errorf("reading the value %q of %s %s: %w", value, s.Name, s.Type, err)
		}
		if record == nil {
			return nil, fmt.Errorf("the record %s %s has an empty value", s.Name, s.Type)
		}
		record.Header().Name = name
		all = append(all, record)
	}
	return all, nil
}

// negative is the authority part of an answer that there is nothing: the zone's SOA, with the TTL for which that is true (RFC
// 2308, section 3).
func (z *Zone) negative() ([]dns.RR, error) {
	sets := z.sets(z.Name, "SOA")
	if len(sets) == 0 {
		return nil, fmt.Errorf("the zone %s has no SOA", z.Name)
	}
	records, err := sets[0].records(z.Name)
	for _, record := range records {
		if soa, ok := record.(*dns.SOA); ok {
			soa.Hdr.Ttl = min(soa.Hdr.Ttl, soa.Minttl)
		}
	}
	return records, err
}
