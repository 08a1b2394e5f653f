package gateway

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"warmstandby/test/local/fault"
	"warmstandby/test/local/route53"
)

// zones is a data plane whose names lead where a test says.
type zones struct {
	dataPlane
	names map[string]any // a load balancer or an error, by name
}

func (z *zones) Route(name string) (route53.Balancer, error) {
	switch to := z.names[strings.ToLower(strings.TrimSuffix(name, "."))].(type) {
	case route53.Balancer:
		return to, nil
	case error:
		return route53.Balancer{}, to
	}
	return route53.Balancer{}, route53.RouteError{Failure: route53.NoZone, Reason: "no zone has " + name}
}

// proxying returns a client that takes a gateway for its proxy.
func (f *fake) proxying() *http.Client {
	f.t.Helper()
	own, err := url.Parse(f.url)
	if err != nil {
		f.t.Fatal(err)
	}
	return &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(own), DisableKeepAlives: true}}
}

func TestTheGatewayIsAProxyForTheNamesOfHostedZones(t *testing.T) {
	f := newFake(t, t.TempDir(), echo)
	balancer := route53.Balancer{
		Name: "alb", Region: "us-west-2", DNSName: "alb-1.us-west-2.elb.amazonaws.com.",
		Listeners: []route53.Listener{{Port: 80, Protocol: "HTTP"}, {Port: 8080, Protocol: "HTTP"}},
	}
	leads := func(failure route53.Failure, reason string) error {
		return route53.RouteError{Failure: failure, Reason: reason}
	}
	f.gateway.route53 = &zones{names: map[string]any{
		"app.test": balancer, account + ".app.test": balancer, "app.localhost": balancer,
		"bare.test":    route53.Balancer{Name: "bare", Region: "us-east-1"},
		"nothing.test": leads(route53.NoName, "there is no nothing.test."), "txt.test": leads(route53.NoAddress, "no IPv4 address"),
		"two.test": leads(route53.NoAnswer, "several hosted zones"), "foreign.test": leads(route53.OutsideEmulator, "leads to 192.0.2.1"),
		"192.0.2.1": balancer, "::1": balancer,
	}}
	for _, test := range []struct {
		name, url string
		status    int
		says      string
		field     string // Proxy-Status
	}{
		{"a name", "http://app.test/records?x=1", 200, " host=app.test uri=/_alb/alb/records?x=1 region=us-west-2 ", ""},
		{"in capitals, with a dot at its end", "http://APP.test./x", 200, " uri=/_alb/alb/x region=us-west-2 ", ""},
		{"with its scheme's own port", "http://app.test:80/x", 200, " uri=/_alb/alb/x ", ""},
		{"with another listener's port", "http://app.test:8080/x", 200, " host=app.test:8080 uri=/_alb/alb/x ", ""},
		{
			"with a port where nothing listens", "http://app.test:81/x", 502,
			"app.test leads to load balancer alb of us-west-2, which listens at 80, 8080, not at 81", "warmstandby; error=connection_refused",
		},
		{
			"whose load balancer has no listener", "http://bare.test/x", 502, "listens at no port, not at 80",
			"warmstandby; error=connection_refused",
		},
		{"that begins like an account", "http://" + account + ".app.test/x", 200, " host=" + account + ".app.test uri=/_alb/alb/x ", ""},
		{"of a zone under localhost", "http://app.localhost/x", 200, " host=alb-1.us-west-2.elb.amazonaws.com uri=/x region=us-west-2 ", ""},
		{
			"that the zone does not have", "http://nothing.test/x", 404, "there is no nothing.test.", "warmstandby; error=dns_error; rcode=NXDOMAIN",
		},
		{"without an address", "http://txt.test/x", 502, "no IPv4 address", "warmstandby; error=dns_error; rcode=NOERROR"},
		{"of two zones, which is ambiguous", "http://two.test/x", 502, "several hosted zones", "warmstandby; error=dns_error; rcode=SERVFAIL"},
		{
			"that leads elsewhere", "http://foreign.test/x", 403, "leads to 192.0.2.1: the local AWS emulator's gateway is a proxy for nothing else",
			"warmstandby; error=destination_ip_prohibited",
		},
		{"of no zone", "http://example.com/x", 403, "put it in NO_PROXY", ""},
		{"that ends like one of AWS's", "http://bucket.s3.localhost/x", 200, " host=bucket.s3.localhost uri=/x ", ""},
		{"an address, which is no name", "http://192.0.2.1/x", 403, "put it in NO_PROXY", ""},
		{"an IPv6 address", "http://[::1]/x", 403, "put it in NO_PROXY", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			response, err := f.proxying().Get(test.url)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			body, err := io.ReadAll(response.Body)
			if err != nil || response.StatusCode != test.status || !strings.Contains(string(body), test.says) ||
				response.Header.Get("Proxy-Status") != test.field {
				t.Errorf(
					"%s is answered %d %s (%q), %v; want %d %q (%q)", test.url, response.StatusCode, body, response.Header.Get("Proxy-Status"), err,
					test.status, test.says, test.field,
				)
			}
		})
	}
}

// A name of a zone suffers the faults of the region that it leads to.
func TestZoneNameDuringFault(t *testing.T) {
	f := newFake(t, t.TempDir(), echo)
	names := map[string]any{}
	for _, region := range []string{lostRegion, otherRegion} {
		names[region+".app.test"] = route53.Balancer{Name: "alb", Region: region, Listeners: []route53.Listener{{Port: 80, Protocol: "HTTP"}}}
	}
	f.gateway.route53 = &zones{names: names}
	f.addFault(fault.AppDown, 0)
	for region, want := range map[string]int{lostRegion: http.StatusBadGateway, otherRegion: http.StatusOK} {
		response, err := f.proxying().Get(fmt.Sprintf("http://%s.app.test/x", region))
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != want || response.Header.Get("Proxy-Status") != "" {
			t.Errorf("%s answers %d, want %d of its load balancer", region, response.StatusCode, want)
		}
	}
}
