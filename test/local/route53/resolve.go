package route53

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"github.com/miekg/dns"
)

const (
	typeA = dns.TypeA
	// balancerDomain ends the DNS names of load balancers. AWS: Elastic Load Balancing User Guide, "DNS name".
	balancerDomain = ".elb.amazonaws.com."
	// balancerTTL is that of load balancers' addresses and of aliases that lead to them, in seconds. AWS: Amazon Route 53
	// Developer Guide, "Choosing between alias and non-alias records".
	balancerTTL = 60
	// chain is how many names may lead on to others, by aliases or CNAMEs, before it is taken for a circle.
	chain = 8
)

// view is what one answer is made of.
type view struct {
	*state
	doors *doors
	// unlisted has load balancers answered too that have an address at which nobody listens.
	unlisted bool
}

// view returns it. The caller holds mu, also while it uses it.
func (p *Plane) view() view { return view{state: &p.state, doors: p.doors} }

// found is what there is of a name: what goes into a message.
type found struct {
	code              int // dns.RcodeSuccess, …
	answer, authority []dns.RR
	elsewhere         bool // authority says who answers
}

var errCircle = errors.New("aliases or CNAMEs lead in a circle, or through more than 8 names")

// resolve looks for a name's records of a type. An error says why nobody can tell, and is a SERVFAIL.
func (v view) resolve(name string, kind uint16) (found, error) {
	var f found
	for range chain {
		next, err := v.step(&f, name, kind)
		if err != nil || next == "" {
			return f, err
		}
		name = next
	}
	return f, errCircle
}

// step adds what there is of one name; next is where a CNAME leads on to, or "".
func (v view) step(f *found, name string, kind uint16) (next string, err error) {
	if strings.HasSuffix(name, balancerDomain) {
		return "", v.balancerName(f, name, kind)
	}
	zone, err := v.zone(name)
	if err != nil {
		return "", err
	}
	if zone == nil {
		if len(f.answer) == 0 {
			f.code = dns.RcodeRefused
		}
		return "", nil // a resolver finds the rest of a chain elsewhere
	}
	if servers := zone.delegation(name); len(servers) > 0 {
		f.elsewhere = true
		f.authority, err = servers[0].records(servers[0].Name)
		return "", err
	}
	owner := zone.owner(name)
	if owner == "" {
		f.code = dns.RcodeNameError
		f.authority, err = zone.negative()
		return "", err
	}
	records, err := v.values(zone, owner, name, dns.TypeToString[kind], chain)
	if err != nil {
		return "", err
	}
	if len(records) == 0 && kind != dns.TypeCNAME {
		if records, err = v.values(zone, owner, name, "CNAME", chain); err != nil {
			return "", err
		}
	}
	f.answer = append(f.answer, records...)
	if len(records) == 0 {
		f.authority, err = zone.negative()
		return "", err
	}
	if alias, ok := records[0].(*dns.CNAME); ok && kind != dns.TypeCNAME {
		return absolute(alias.Target), nil
	}
	return "", nil
}

// balancerName answers for the DNS names that load balancers have of AWS's own.
func (v view) balancerName(f *found, name string, kind uint16) error {
	if v.balancer(name) != nil {
		records, err := v.address(name, name, dns.TypeToString[kind])
		f.answer = append(f.answer, records...)
		if err != nil || len(records) > 0 {
			return err
		}
	} else {
		f.code = dns.RcodeNameError
	}
	domain := strings.TrimPrefix(balancerDomain, ".")
	f.authority = []dns.RR{&dns.SOA{
		Hdr: dns.RR_Header{Name: domain, Rrtype: dns.TypeSOA, Class: dns.ClassINET, Ttl: balancerTTL},
		Ns:  "ns-1." + domain, Mbox: "hostmaster." + domain, Serial: 1, Refresh: 7200, Retry: 900, Expire: 1209600, Minttl: balancerTTL,
	}}
	return nil
}

// values returns the records that a name of the zone has, under the name that was asked for; none is no error. depth bounds how
// many aliases lead on to others.
func (v view) values(zone *Zone, owner, asked, kind string, depth int) ([]dns.RR, error) {
	if depth == 0 {
		return nil, errCircle
	}
	sets := zone.sets(owner, kind)
	if len(sets) == 0 {
		return nil, nil
	}
	set, err := v.choose(zone, sets)
	if err != nil {
		return nil, err
	}
	if set.Alias == nil {
		return set.records(asked)
	}
	switch target := set.Alias.Name; {
	case v.balancer(target) != nil:
		return v.address(target, asked, kind)
	case strings.HasSuffix(target, balancerDomain):
		return nil, nil // the load balancer has gone
	case dns.IsSubDomain(zone.Name, target):
		return v.values(zone, zone.owner(target), asked, kind, depth-1)
	default:
		return nil, fmt.Errorf("%s %s is an alias of %s, which is neither a load balancer nor in the zone", set.Name, set.Type, target)
	}
}

// address returns a load balancer's record. It has an IPv4 address only.
func (v view) address(balancer, asked, kind string) ([]dns.RR, error) {
	if kind != "A" {
		return nil, nil
	}
	address, err := v.doors.find(balancer)
	if err != nil && !(v.unlisted && address.IsValid()) {
		return nil, err
	}
	return []dns.RR{&dns.A{
		Hdr: dns.RR_Header{Name: asked, Rrtype: typeA, Class: dns.ClassINET, Ttl: balancerTTL},
		A:   net.IP(address.AsSlice()),
	}}, nil
}

func addressIn(record dns.RR) (netip.Addr, bool) {
	if a, ok := record.(*dns.A); ok {
		address, ok := netip.AddrFromSlice(a.A)
		return address.Unmap(), ok
	}
	return netip.Addr{}, false
}
