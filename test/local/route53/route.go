package route53

import (
	"fmt"
	"net/netip"

	"github.com/miekg/dns"
)

// Failure is why a name leads to no load balancer.
type Failure int

// The failures.
const (
	NoZone    Failure = iota // no public hosted zone has the name
	NoName                   // its zone has no such name: NXDOMAIN
	NoAddress                // the name has no IPv4 address: NODATA
	NoAnswer                 // nobody can tell what the name leads to: SERVFAIL
	Elsewhere                // the name leads to what is no load balancer of the embedded AWS
)

// RouteError says that a name leads to no load balancer, and why.
type RouteError struct {
	Failure Failure
	Reason  string
}

func (e RouteError) Error() string { return e.Reason }

// Route returns the load balancer to which a name leads at this moment: whose address a resolver gets that asks this data
// plane's DNS, and where its client then connects. It also finds a load balancer that has no address because the system's
// loopback interface has none for it, as on macOS: DNS can lead nobody there, and who asks here needs no address. The error is
// a RouteError.
func (p *Plane) Route(host string) (Balancer, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	name := absolute(host)
	if _, ok := dns.IsDomainName(name); !ok {
		return Balancer{}, RouteError{NoZone, fmt.Sprintf("%q is no domain name", host)}
	}
	v := p.view()
	v.unlisted = true
	found, err := v.resolve(name, typeA)
	if err != nil {
		return Balancer{}, RouteError{NoAnswer, fmt.Sprintf("Route 53 answers %s with SERVFAIL: %v", name, err)}
	}
	last := name // the name that the last CNAME leads to
	var addresses []netip.Addr
	for _, record := range found.answer {
		if alias, is := record.(*dns.CNAME); is {
			last = absolute(alias.Target)
		}
		address, is := addressIn(record)
		if !is {
			continue
		}
		if balancer := p.state.balancer(p.doors.nameOf(address)); balancer != nil {
			return *balancer, nil
		}
		addresses = append(addresses, address)
	}
	switch zone, _ := v.zone(last); {
	case found.code == dns.RcodeRefused:
		return Balancer{}, RouteError{NoZone, "no hosted zone of the embedded AWS has " + name}
	case found.code == dns.RcodeNameError:
		return Balancer{}, RouteError{NoName, fmt.Sprintf("Route 53 answers %s with NXDOMAIN: there is no %s", name, last)}
	case found.elsewhere:
		return Balancer{}, RouteError{Elsewhere, fmt.Sprintf("%s is delegated to name servers that are not the embedded AWS's", last)}
	case len(addresses) > 0:
		return Balancer{}, RouteError{Elsewhere, fmt.Sprintf("%s leads to %s, which is no load balancer of the embedded AWS", name, addresses[0])}
	case zone == nil && last != name:
		return Balancer{}, RouteError{Elsewhere, fmt.Sprintf("%s is an alias (CNAME) of %s, which no hosted zone of the embedded AWS has", name, last)}
	}
	return Balancer{}, RouteError{NoAddress, fmt.Sprintf("Route 53 has no IPv4 address of %s, or the load balancer that it was an alias of is gone", last)}
}
