package route53

import (
	"fmt"
	"net/netip"

	"github.com/miekg/dns"
)

// Failure is the reason why a name leads to no load balancer.
type Failure int

// The failures.
const (
	NoZone          Failure = iota // no public hosted zone contains the name
	NoName                         // the zone has no such name: NXDOMAIN
	NoAddress                      // the name has no IPv4 address: NODATA
	NoAnswer                       // the name cannot be resolved: SERVFAIL
	OutsideEmulator                // the name leads to something other than a load balancer of the emulator
)

// RouteError is the error of a name that leads to no load balancer.
type RouteError struct {
	Failure Failure
	Reason  string
}

// Error returns the reason.
func (e RouteError) Error() string { return e.Reason }

// Route returns the load balancer to which a name leads at this moment: the one whose address a resolver gets from this data
// plane's DNS, and to which its client then connects. It also finds a load balancer whose address the system's loopback
// interface lacks, as on macOS: the caller needs no address. The error is a RouteError.
func (p *Plane) Route(host string) (Balancer, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	name := canonicalName(host)
	if _, ok := dns.IsDomainName(name); !ok {
		return Balancer{}, RouteError{NoZone, fmt.Sprintf("%q is no domain name", host)}
	}
	v := p.view()
	v.includeUnreachable = true
	result, err := v.resolve(name, typeA)
	if err != nil {
		return Balancer{}, RouteError{NoAnswer, fmt.Sprintf("Route 53 answers %s with SERVFAIL: %v", name, err)}
	}
	last := name // the name that the last CNAME leads to
	var addresses []netip.Addr
	for _, record := range result.answer {
		if alias, is := record.(*dns.CNAME); is {
			last = canonicalName(alias.Target)
		}
		address, is := addressOfRecord(record)
		if !is {
			continue
		}
		if balancer := p.state.balancer(p.listeners.nameOf(address)); balancer != nil {
			return *balancer, nil
		}
		addresses = append(addresses, address)
	}
	switch zone, _ := v.zone(last); {
	case result.code == dns.RcodeRefused:
		return Balancer{}, RouteError{NoZone, "no hosted zone of the local AWS emulator has " + name}
	case result.code == dns.RcodeNameError:
		return Balancer{}, RouteError{NoName, fmt.Sprintf("Route 53 answers %s with NXDOMAIN: there is no %s", name, last)}
	case result.delegated:
		return Balancer{}, RouteError{OutsideEmulator, fmt.Sprintf("%s is delegated to name servers that are not the local AWS emulator's", last)}
	case len(addresses) > 0:
		return Balancer{}, RouteError{
			OutsideEmulator,
			fmt.Sprintf("%s leads to %s, which is no load balancer of the local AWS emulator", name, addresses[0]),
		}
	case zone == nil && last != name:
		return Balancer{}, RouteError{
			OutsideEmulator,
			fmt.Sprintf("%s is an alias (CNAME) of %s, which no hosted zone of the local AWS emulator has", name, last),
		}
	}
	return Balancer{}, RouteError{
		NoAddress,
		fmt.Sprintf("Route 53 has no IPv4 address of %s, or the load balancer that it was an alias of is gone", last),
	}
}
