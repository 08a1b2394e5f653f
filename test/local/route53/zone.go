package route53

import (
	"fmt"
	"strings"

	"github.com/miekg/dns"
)

// canonicalName returns a name in the form of a Snapshot: absolute, in lower case. Route 53 writes the asterisk of a wildcard
// as \052. AWS: Amazon Route 53 Developer Guide, "DNS domain name format".
func canonicalName(name string) string {
	return dns.CanonicalName(strings.ReplaceAll(name, `\052`, "*"))
}

// zone returns the closest public hosted zone that contains a name, or nil. If several zones have one name, AWS answers by the
// name servers that the client queried; there is only one here, so that is an error.
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

// setsOf returns the record sets of a name and type.
func (z *Zone) setsOf(name, kind string) []RecordSet {
	var found []RecordSet
	for _, set := range z.Sets {
		if set.Name == name && set.Type == kind {
			found = append(found, set)
		}
	}
	return found
}

// owner returns the name whose records answer for a name of the zone: the name itself, else the wildcard under its closest
// existing ancestor (RFC 4592); "" when the name does not exist. A name that only has descendants exists, without records.
func (z *Zone) owner(name string) string {
	if z.exists(name) {
		return name
	}
	for descendant := name; descendant != z.Name; {
		parent := parentName(descendant)
		if parent == "" {
			return ""
		}
		if z.exists(parent) {
			if wildcard := "*." + parent; z.exists(wildcard) {
				return wildcard
			}
			return ""
		}
		descendant = parent
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

// delegation returns the NS record sets of the delegated part of the zone that contains a name, or nothing.
func (z *Zone) delegation(name string) []RecordSet {
	for descendant := name; descendant != z.Name && descendant != ""; {
		if servers := z.setsOf(descendant, "NS"); len(servers) > 0 {
			return servers
		}
		descendant = parentName(descendant)
	}
	return nil
}

// parentName returns a name without its first label, or "" when that was the last.
func parentName(name string) string {
	next, end := dns.NextLabel(name, 0)
	if end {
		return ""
	}
	return name[next:]
}

// toRR returns the set's values as resource records of a name.
func (s RecordSet) toRR(name string) ([]dns.RR, error) {
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

// negativeAuthority is the authority section of a negative answer: the zone's SOA, with the negative caching TTL (RFC 2308,
// section 3).
func (z *Zone) negativeAuthority() ([]dns.RR, error) {
	sets := z.setsOf(z.Name, "SOA")
	if len(sets) == 0 {
		return nil, fmt.Errorf("the zone %s has no SOA", z.Name)
	}
	records, err := sets[0].toRR(z.Name)
	for _, record := range records {
		if soa, ok := record.(*dns.SOA); ok {
			soa.Hdr.Ttl = min(soa.Hdr.Ttl, soa.Minttl)
		}
	}
	return records, err
}
