package route53

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
)

func TestANameLeadsToTheLoadBalancerThatDNSAnswers(t *testing.T) {
	of := failoverSnapshot(
		alias("*.wild.app.test.", westBalancer, false), alias("over.app.test.", "app.test.", false),
		record("to.app.test.", "CNAME", "us-west-2.app.test."), record("to-balancer.app.test.", "CNAME", strings.TrimSuffix(westBalancer, ".")),
		record("foreign.app.test.", "A", "192.0.2.1"), record("loopback.app.test.", "A", "127.0.0.1"), record(
			"unused.app.test.", "A", "127.53.254.254",
		),
		record("to-foreign.app.test.", "CNAME", "foreign.app.test."),
		record("away.app.test.", "CNAME", "www.example.com."), record("to-nothing.app.test.", "CNAME", "nothing.app.test."),
		record("txt.app.test.", "TXT", `"x"`), record("six.app.test.", "AAAA", "::1"), record("to-txt.app.test.", "CNAME", "txt.app.test."),
		record("part.app.test.", "NS", "ns.elsewhere.example."), alias("gone.app.test.", "gone.us-east-1.elb.amazonaws.com.", false),
		alias("circle.app.test.", "circle.app.test.", false), alias("other-service.app.test.", "d1.cloudfront.net.", false),
	)
	of.Zones = append(of.Zones, newZone("two.test."), newZone("two.test."), newZone(
		"other.test.", record("x.other.test.", "CNAME", "app.test."),
	),
		Zone{Name: "private.test.", Private: true, Sets: []RecordSet{alias("private.test.", eastBalancer, false)}})
	p, _ := newPlane(t, of)
	p.mu.Lock()
	p.state.Zones[0].Sets = append(
		p.state.Zones[0].Sets, record("address.app.test.", "A", "192.0.2.1", p.mustAddress(t, westBalancer).String()),
	)
	p.mu.Unlock()
	for _, test := range []struct {
		name, host string
		want       string // the load balancer
		failure    Failure
		says       string
	}{
		{"the name that fails over", "app.test", eastBalancer, 0, ""},
		{"a region's own", "us-west-2.app.test", westBalancer, 0, ""},
		{"in capitals, with a dot at its end", "US-West-2.APP.test.", westBalancer, 0, ""},
		{"by a wildcard", "any.thing.wild.app.test", westBalancer, 0, ""},
		{"an alias of a name that fails over", "over.app.test", eastBalancer, 0, ""},
		{"a CNAME", "to.app.test", westBalancer, 0, ""},
		{"a CNAME of a load balancer's own name", "to-balancer.app.test", westBalancer, 0, ""},
		{"a CNAME to another zone", "x.other.test", eastBalancer, 0, ""},
		{"addresses of which one is a load balancer's", "address.app.test", westBalancer, 0, ""},
		{"a name of no zone", "example.com", "", NoZone, "no hosted zone"},
		{"a private zone's", "private.test", "", NoZone, "no hosted zone"},
		{"what is no name", strings.Repeat("a", 64) + ".app.test", "", NoZone, "no domain name"},
		{"a name that the zone does not have", "nothing.app.test", "", NoName, "NXDOMAIN: there is no nothing.app.test."},
		{"a CNAME to one", "to-nothing.app.test", "", NoName, "NXDOMAIN: there is no nothing.app.test."},
		{"a name of another type", "txt.app.test", "", NoAddress, "no IPv4 address of txt.app.test."},
		{"a CNAME to one of another type", "to-txt.app.test", "", NoAddress, "no IPv4 address of txt.app.test."},
		{"an IPv6 address", "six.app.test", "", NoAddress, "no IPv4 address"},
		{"an alias of a load balancer that is gone", "gone.app.test", "", NoAddress, "is gone"},
		{"two zones of one name", "two.test", "", NoAnswer, "SERVFAIL: there are several hosted zones"},
		{"aliases in a circle", "circle.app.test", "", NoAnswer, "in a circle"},
		{"an alias of another service", "other-service.app.test", "", NoAnswer, "d1.cloudfront.net"},
		{"an address elsewhere", "foreign.app.test", "", OutsideEmulator, "leads to 192.0.2.1, which is no load balancer"},
		{"a CNAME to an address elsewhere", "to-foreign.app.test", "", OutsideEmulator, "leads to 192.0.2.1"},
		{"this machine", "loopback.app.test", "", OutsideEmulator, "leads to 127.0.0.1"},
		{"an address of load balancers that none has", "unused.app.test", "", OutsideEmulator, "leads to 127.53.254.254"},
		{"a CNAME to a name of no zone", "away.app.test", "", OutsideEmulator, "is an alias (CNAME) of www.example.com."},
		{"a delegated name", "x.part.app.test", "", OutsideEmulator, "delegated"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := p.Route(test.host)
			if got.DNSName != test.want {
				t.Errorf("%s leads to %q, want %q", test.host, got.DNSName, test.want)
			}
			if failure := (RouteError{}); (err == nil) != (test.want != "") || err != nil && (!errors.As(err, &failure) ||
				failure.Failure != test.failure || !strings.Contains(err.Error(), test.says)) {
				t.Errorf("%s: the error is %#v, want failure %d that says %q", test.host, err, test.failure, test.says)
			}
		})
	}
}

// As on macOS, whose loopback interface has the one address 127.0.0.1.
func TestBalancerWithoutAddress(t *testing.T) {
	p, _ := newPlane(t, failoverSnapshot())
	p.listeners.listeners[eastBalancer].unreachable = errors.New("this system has no 127.53.1.1")
	if got, err := p.Route("app.test"); err != nil || got.DNSName != eastBalancer {
		t.Errorf("it leads to %q, %v", got.DNSName, err)
	}
	if code, _, _ := p.ask("app.test.", "A"); code != "SERVFAIL" {
		t.Errorf("DNS answers %s, want SERVFAIL", code)
	}
	p.listeners.listeners[eastBalancer].address = netip.Addr{}
	if _, err := p.Route("app.test"); err == nil {
		t.Error("a load balancer without any address is led to")
	}
}

// FuzzRoute: a host leads to a load balancer or nowhere, and every error says why.
func FuzzRoute(f *testing.F) {
	for _, seed := range []string{
		"app.test", "APP.test.", "*.wild.app.test", `\052.app.test`, "", ".", "..", "a..b", "127.0.0.1", "\x00.app.test",
	} {
		f.Add(seed)
	}
	p, _ := newPlane(f, failoverSnapshot(alias("*.wild.app.test.", westBalancer, false)))
	f.Fuzz(func(t *testing.T, host string) {
		got, err := p.Route(host)
		failure := RouteError{}
		if (err == nil) != (got.DNSName != "") || err != nil && (!errors.As(err, &failure) || failure.Reason == "") {
			t.Errorf("%q leads to %q, %v", host, got.DNSName, err)
		}
	})
}
