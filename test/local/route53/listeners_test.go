package route53

import (
	"io"
	"net/http"
	"net/netip"
	"strings"
	"testing"
)

// Each load balancer has an address of its own where it answers whatever the host is.
func TestBalancerAddresses(t *testing.T) {
	p, _ := newPlane(t, failoverSnapshot())
	pool := netip.MustParsePrefix("127.53.0.0/16")
	if east, west := p.mustAddress(t, eastBalancer), p.mustAddress(t, westBalancer); east == west || !pool.Contains(east) ||
		!pool.Contains(west) {
		t.Errorf("the addresses are %s and %s", east, west)
	}
	for _, balancer := range []string{eastBalancer, westBalancer} {
		socket, err := p.listeners.socket(balancer)
		if err != nil {
			t.Fatal(err)
		}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+socket+"/x", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Host = "app.test"
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if want := strings.SplitN(balancer, ".", 2)[0] + " asked for /x of app.test"; err != nil || string(body) != want {
			t.Errorf("%s answers %q, %v; want %q", socket, body, err, want)
		}
	}
}

func TestALoadBalancersAddressStaysAndEndsWithIt(t *testing.T) {
	of := failoverSnapshot()
	p, _ := newPlane(t, of)
	before := p.mustAddress(t, westBalancer)
	of.Balancers = of.Balancers[1:]
	p.apply(of, testTime)
	if _, err := p.listeners.addressOf(eastBalancer); err == nil {
		t.Error("a load balancer that was removed has an address")
	}
	if code, _, _ := p.ask("us-east-1.app.test.", "A"); code != "NOERROR" {
		t.Errorf("the alias of a load balancer that has gone is answered %s", code)
	}
	of.Balancers = append(of.Balancers, newBalancer("us-east-1", "another.us-east-1.elb.amazonaws.com."))
	p.apply(of, testTime)
	if after := p.mustAddress(t, westBalancer); after != before {
		t.Errorf("while others come and go its address becomes %s, was %s", after, before)
	}
}

func TestAnAddressThatIsTakenIsNotGivenTwice(t *testing.T) {
	d := newBalancerListeners(Options{})
	seen := map[netip.Addr]bool{}
	for range 20 {
		address := d.freeAddress("one-name")
		if seen[address] {
			t.Fatalf("%s is given twice", address)
		}
		seen[address] = true
		d.listeners[address.String()] = &balancerListener{address: address}
	}
}
