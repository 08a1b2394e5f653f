package gateway

import (
	"net/http"
	"testing"

	"warmstandby/test/local/fault"
)

// from makes a request one of a function in a region: through its proxy, or by an SDK.
func from(region string, request *http.Request, proxied bool) *http.Request {
	if proxied {
		sender := http.Request{Header: http.Header{}}
		sender.SetBasicAuth(region, "")
		request.Header.Set(proxyCredentials, sender.Header.Get("Authorization"))
		return request
	}
	request.Header.Set("User-Agent", "aws-sdk-go-v2/1.41.7 ua/2.1 os/linux lang/go#1.26.3 api/rds#1.2.3 app/"+region+" m/E")
	return request
}

// The functions of an isolated region reach no other and everybody else reaches all.
func TestFunctionsOfIsolatedRegion(t *testing.T) {
	f := newFake(t, t.TempDir(), echo)
	api := func(region string) *http.Request { return f.request(http.MethodGet, "/bucket", region, "s3", "", "") }
	for name, test := range map[string]struct {
		request *http.Request
		want    int
	}{
		"a probe of the other region's load balancer":          {from(lostRegion, f.balancerRequest(otherRegion), true), 0},
		"an API call to the other region":                      {from(lostRegion, api(otherRegion), false), 0},
		"a probe of its load balancer from the other region":   {from(otherRegion, f.balancerRequest(lostRegion), true), 0},
		"an API call to it from the other region":              {from(otherRegion, api(lostRegion), false), 0},
		"a probe of its own load balancer":                     {from(lostRegion, f.balancerRequest(lostRegion), true), 200},
		"an API call to itself":                                {from(lostRegion, api(lostRegion), false), 200},
		"a user's request to it":                               {f.balancerRequest(lostRegion), 200},
		"a user's request to the other region":                 {f.balancerRequest(otherRegion), 200},
		"an operator's API call to it":                         {api(lostRegion), 200},
		"an SDK with an application id that is no region":      {from("clinic", api(lostRegion), false), 200},
		"a proxy's user who is no region":                      {from("clinic", f.balancerRequest(lostRegion), true), 200},
		"an API call of the other region to one that is third": {from(otherRegion, api("eu-west-1"), false), 200},
	} {
		f.addFault(fault.Isolated, 0)
		if got, _ := f.sendExpecting(test.want, test.request); got != test.want {
			t.Errorf("%s: status %d, want %d (0 is none)", name, got, test.want)
		}
		if err := f.faults.Heal(""); err != nil {
			t.Fatal(err)
		}
		if got, _ := f.sendExpecting(http.StatusOK, test.request); got != http.StatusOK {
			t.Errorf("%s, once healed: status %d", name, got)
		}
	}
}

// A fault of replication or a split keeps no function from other regions.
func TestFunctionsDuringSplit(t *testing.T) {
	f := newFake(t, t.TempDir(), echo)
	for _, kind := range []fault.Kind{fault.Split, fault.ReplicationStalled} {
		f.addFault(kind, 0)
		if got, _ := f.sendExpecting(http.StatusOK, from(lostRegion, f.balancerRequest(otherRegion), true)); got != http.StatusOK {
			t.Errorf("with %s a probe gets the status %d", kind, got)
		}
	}
}

func FuzzOriginRegion(f *testing.F) {
	f.Add("Basic dXMtZWFzdC0xOg==", "aws-sdk-js/3.0 app/us-west-2")
	f.Add("Basic !", "app/us-west-2x")
	f.Add("", "curl")
	f.Fuzz(func(t *testing.T, credentials, agent string) {
		request := &http.Request{Header: http.Header{proxyCredentials: {credentials}, "User-Agent": {agent}}}
		if got := originRegion(request); got != "" && !regionPattern.MatchString(got) {
			t.Errorf("%q and %q come from %q", credentials, agent, got)
		}
	})
}
