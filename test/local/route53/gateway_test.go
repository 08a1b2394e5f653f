package route53_test

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"warmstandby/test/local/gateway"
	"warmstandby/test/local/route53"
)

// A user whose proxy is the gateway asks for one URL while the primary region fails and comes back.
func TestTheSameURLReachesTheRegionThatRoute53Chooses(t *testing.T) {
	emulator := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s is asked for %s", r.Host, r.URL.Path)
	}))
	t.Cleanup(emulator.Close)
	base, err := url.Parse(emulator.URL)
	if err != nil {
		t.Fatal(err)
	}
	plane, _ := route53.StartPlane(t, route53.FailoverSnapshot())
	handler, err := gateway.New(gateway.Options{
		Emulator: base, Folder: t.TempDir(), Regions: []string{"us-east-1", "us-west-2"}, Route53: plane, Log: log.New(io.Discard, "", 0),
		Save: func(taken func()) error { taken(); return nil }, Touch: func() {},
	})
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewServer(handler)
	t.Cleanup(front.Close)
	proxy, err := url.Parse(front.URL)
	if err != nil {
		t.Fatal(err)
	}
	client := http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(proxy)}} // connections are kept, as a client keeps them to its proxy
	get := func(address string) string {
		response, err := client.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	for _, step := range []struct {
		name string
		turn func()
		want string // the load balancer behind the global name
	}{
		{"all is well", func() {}, "alb-east-1"},
		{"the primary's health check has failed", func() { plane.ForceStatus("east", false) }, "alb-west-1"},
		{"both have", func() { plane.ForceStatus("west", false) }, "alb-east-1"},
		{"the standby's is good again", func() { plane.ForceStatus("west", true) }, "alb-west-1"},
		{"the primary's is good again", func() { plane.ForceStatus("east", true) }, "alb-east-1"},
	} {
		step.turn()
		for address, want := range map[string]string{
			"http://app.test/records": step.want, "http://APP.TEST.:80/records": step.want,
			"http://us-east-1.app.test/records": "alb-east-1", "http://us-west-2.app.test/records": "alb-west-1",
		} {
			if got := get(address); !strings.HasSuffix(got, "/_alb/"+want+"/records") {
				t.Errorf("%s: at %s %s, want %s", step.name, address, got, want)
			}
		}
	}
}
