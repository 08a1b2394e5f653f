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
	// balancerDomain is the suffix of load balancers' DNS names. AWS: Elastic Load Balancing User Guide, "DNS name".
	balancerDomain = ".elb.amazonaws.com."
	// balancerTTL is the TTL of load balancers' addresses and of aliases to them, in seconds. AWS: Amazon Route 53 Developer
	// Guide, "Choosing between alias and non-alias records".
	balancerTTL = 60
	// maxIndirections bounds a chain of aliases or CNAMEs; a longer one is treated as a loop.
	maxIndirections = 8
)

// view is the data that one answer is computed from.
type view struct {
	*state
	listeners *balancerListeners
	// includeUnreachable also answers with addresses of load balancers to which clients cannot connect.
	includeUnreachable bool
}

// view returns the current view. The caller holds mu for as long as it uses the view.
func (p *Plane) view() view { return view{state: &p.state, listeners: p.listeners} }

// resolution is the result of resolving a name: the content of a DNS message.
type resolution struct {
	code              int // dns.RcodeSuccess, …
	answer, authority []dns.RR
	delegated         bool // authority says who answers
}

var errTooManyIndirections = errors.New("aliases or CNAMEs lead in a circle, or through more than 8 names")

// resolve resolves a name and type. An error is answered with SERVFAIL.
func (v view) resolve(name string, kind uint16) (resolution, error) {
	var r resolution
	for range maxIndirections {
		next, err := v.step(&r, name, kind)
		if err != nil || next == "" {
			return r, err
		}
		name = next
	}
	return r, errTooManyIndirections
}

// step adds the records of one name; next is the target of a CNAME, or "".
func (v view) step(r *resolution, name string, kind uint16) (next string, err error) {
	if strings.HasSuffix(name, balancerDomain) {
		return "", v.balancerName(r, name, kind)
	}
	zone, err := v.zone(name)
	if err != nil {
		return "", err
	}
	if zone == nil {
		if len(r.answer) == 0 {
			r.code = dns.RcodeRefused
		}
		return "", nil // a resolver asks other servers for the rest of the chain
	}
	if servers := zone.delegation(name); len(servers) > 0 {
		r.delegated = true
		r.authority, err = servers[0].toRR(servers[0].Name)
		return "", err
	}
	owner := zone.owner(name)
	if owner == "" {
		r.code = dns.RcodeNameError
		r.authority, err = zone.negativeAuthority()
		return "", err
	}
	records, err := v.lookup(zone, owner, name, dns.TypeToString[kind], maxIndirections)
	if err != nil {
		return "", err
	}
	if len(records) == 0 && kind != dns.TypeCNAME {
		if records, err = v.lookup(zone, owner, name, "CNAME", maxIndirections); err != nil {
			return "", err
		}
	}
	r.answer = append(r.answer, records...)
	if len(records) == 0 {
		r.authority, err = zone.negativeAuthority()
		return "", err
	}
	if alias, ok := records[0].(*dns.CNAME); ok && kind != dns.TypeCNAME {
		return canonicalName(alias.Target), nil
	}
	return "", nil
}

// balancerName answers for load balancers' own DNS names.
func (v view) balancerName(r *resolution, name string, kind uint16) error {
	if v.balancer(name) != nil {
		records, err := v.address(name, name, dns.TypeToString[kind])
		r.answer = append(r.answer, records...)
		if err != nil || len(records) > 0 {
			return err
		}
	} else {
		r.code = dns.RcodeNameError
	}
	domain := strings.TrimPrefix(balancerDomain, ".")
	r.authority = []dns.RR{&dns.SOA{
		Hdr: dns.RR_Header{Name: domain, Rrtype: dns.TypeSOA, Class: dns.ClassINET, Ttl: balancerTTL},
		Ns:  "ns-1." + domain, Mbox: "hostmaster." + domain, Serial: 1, Refresh: 7200, Retry: 900, Expire: 1209600, Minttl: balancerTTL,
	}}
	return nil
}

// lookup returns the records of a name in the zone, renamed to the name in the question; no records is not an error. depth
// bounds the chain of aliases.
func (v view) lookup(zone *Zone, owner, question, kind string, depth int) ([]dns.RR, error) {
	if depth == 0 {
		return nil, errTooManyIndirections
	}
	sets := zone.setsOf(owner, kind)
	if len(sets) == 0 {
		return nil, nil
	}
	set, err := v.selectSet(zone, sets)
	if err != nil {
		return nil, err
	}
	if set.Alias == nil {
		return set.toRR(question)
	}
	switch target := set.Alias.Name; {
	case v.balancer(target) != nil:
		return v.address(target, question, kind)
	case strings.HasSuffix(target, balancerDomain):
		return nil, nil // the load balancer was deleted
	case dns.IsSubDomain(zone.Name, target):
		return v.lookup(zone, zone.owner(target), question, kind, depth-1)
	default:
		return nil, fmt.Errorf("%s %s is an alias of %s, which is neither a load balancer nor in the zone", set.Name, set.Type, target)
	}
}

// address returns a load balancer's A record. It has no IPv6 address.
func (v view) address(balancer, question, kind string) ([]dns.RR, error) {
	if kind != "A" {
		return nil, nil
	}
	address, err := v.listeners.addressOf(balancer)
	if err != nil && !(v.includeUnreachable && address.IsValid()) {
		return nil, err
	}
	return []dns.RR{&dns.A{
		Hdr: dns.RR_Header{Name: question, Rrtype: typeA, Class: dns.ClassINET, Ttl: balancerTTL},
		A:   net.IP(address.AsSlice()),
	}}, nil
}

func addressOfRecord(record dns.RR) (netip.Addr, bool) {
	if a, ok := record.(*dns.A); ok {
		address, ok := netip.AddrFromSlice(a.A)
		return address.Unmap(), ok
	}
	return netip.Addr{}, false
}
