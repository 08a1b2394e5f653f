package gateway

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"warmstandby/test/local/fault"
	"warmstandby/test/local/route53"
)

// serveBalancer starts what answers at the address of a load balancer of a region.
func (f *fake) serveBalancer(region string) string {
	server := httptest.NewServer(
		f.gateway.Balancer(route53.Balancer{Name: "app", Region: region, DNSName: "app-1." + region + ".elb.amazonaws.com."}),
	)
	f.t.Cleanup(server.Close)
	return server.URL
}

// A load balancer's address reaches it whatever the host is.
func TestBalancerByAddress(t *testing.T) {
	f := newFake(t, t.TempDir(), echo)
	endpoint := f.serveBalancer("us-west-2")
	for name, test := range map[string]struct{ host, path, want string }{
		"a name of the platform's":            {"app.example.test", "/records?x=1", " host=app.example.test uri=/_alb/app/records?x=1 "},
		"with a port, which names a listener": {"app.example.test:8080", "/", " host=app.example.test:8080 uri=/_alb/app/ "},
		"its address":                         {"127.53.1.2:4566", "/", " host=127.53.1.2:4566 uri=/_alb/app/ "},
		"a path as it was sent":               {"app.example.test", "/a%2Fb/../c//d", " uri=/_alb/app/a%2Fb/../c//d "},
		"a path of the instance's own":        {"app.example.test", "/_local/status", " uri=/_alb/app/_local/status "},
		"its own DNS name":                    {"app-1.us-west-2.elb.amazonaws.com", "/x", " host=app-1.us-west-2.elb.amazonaws.com uri=/x "},
		"another load balancer's name": {
			"app-2.us-east-1.elb.amazonaws.com:8080", "/x", " host=app-1.us-west-2.elb.amazonaws.com:8080 uri=/x ",
		},
		"a bucket's name": {"bucket.s3.us-east-1.amazonaws.com", "/key", " host=app-1.us-west-2.elb.amazonaws.com uri=/key "},
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, endpoint+test.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Host = test.host
		request.Header.Set(regionHeader, "eu-west-1")
		// A signature of another region's, which is the target's to judge.
		request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=k/20250101/us-east-1/s3/aws4_request, Signature=0")
		if _, body := f.send(request); !strings.Contains(body, test.want) || !strings.Contains(body, " region=us-west-2 ") {
			t.Errorf("%s: the emulator got %s, want %s", name, body, test.want)
		}
	}
	if f.saves.Load() != 0 || f.touches.Load() == 0 {
		t.Errorf("of its traffic %d answers wait for a save and %d are saved later", f.saves.Load(), f.touches.Load())
	}
}

// A client may take a load balancer for its proxy and gets no tunnel.
func TestBalancerAsProxy(t *testing.T) {
	f := newFake(t, t.TempDir(), echo)
	endpoint, err := url.Parse(f.serveBalancer("us-west-2"))
	if err != nil {
		t.Fatal(err)
	}
	client := http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(endpoint), DisableKeepAlives: true}}
	response, err := client.Get("http://app.example.test/x")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if body, err := io.ReadAll(response.Body); err != nil || !strings.Contains(string(body), " host=app.example.test uri=/_alb/app/x ") {
		t.Errorf("the emulator got %s, %v", body, err)
	}
	if _, err := client.Get("https://app.example.test/x"); err == nil || !strings.Contains(err.Error(), "Method Not Allowed") {
		t.Errorf("a tunnel is answered %v", err)
	}
}

func TestALoadBalancersAddressSuffersItsRegionsFaults(t *testing.T) {
	for kind, want := range map[fault.Kind]int{
		fault.AppDown: http.StatusBadGateway, fault.Throttled: http.StatusOK, fault.Unreachable: 0, fault.Slow: 0,
	} {
		f := newFake(t, t.TempDir(), echo)
		delay := time.Duration(0)
		if kind == fault.Slow {
			delay = time.Hour
		}
		f.addFault(kind, delay)
		for region, status := range map[string]int{lostRegion: want, otherRegion: http.StatusOK} {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, f.serveBalancer(region), nil)
			if err != nil {
				t.Fatal(err)
			}
			if got, _ := f.sendExpecting(status, request); got != status {
				t.Errorf("%s: the load balancer of %s answers %d, want %d", kind, region, got, status)
			}
		}
	}
}
