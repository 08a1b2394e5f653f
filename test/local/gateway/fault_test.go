package gateway

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"warmstandby/test/local/fault"
	"warmstandby/test/local/testwait"
)

const (
	lostRegion  = "us-east-1"
	otherRegion = "us-west-2"
	// noAnswerTimeout is how long a client waits for an answer that must not come. A client that expects one waits for it.
	noAnswerTimeout = 300 * time.Millisecond
)

func (f *fake) addFault(kind fault.Kind, delay time.Duration) {
	f.t.Helper()
	one, err := fault.New(lostRegion, kind, delay)
	if err == nil {
		err = f.faults.Add(one)
	}
	if err != nil {
		f.t.Fatal(err)
	}
}

// balancerRequest is a request to a region's load balancer.
func (f *fake) balancerRequest(region string) *http.Request {
	f.t.Helper()
	request := f.request(http.MethodGet, "/records", "", "", "", "")
	request.Host = "app-1." + region + ".elb.amazonaws.com"
	return request
}

// sendExpecting sends a request and returns its status, 0 if there is no answer. It waits as the expected status needs.
func (f *fake) sendExpecting(want int, request *http.Request) (status int, header http.Header) {
	f.t.Helper()
	ctx := testwait.Context(f.t)
	if want == 0 {
		hanging, cancel := context.WithTimeout(ctx, noAnswerTimeout)
		defer cancel()
		ctx = hanging
	}
	response, err := http.DefaultTransport.RoundTrip(request.WithContext(ctx))
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return 0, nil
	case err != nil:
		f.t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode, response.Header
}

// A lost region answers nothing and the other everything.
func TestLostRegion(t *testing.T) {
	f := newFake(t, t.TempDir(), echo)
	f.addFault(fault.Unreachable, 0)
	presigned := f.request(http.MethodGet, "/b/k?X-Amz-Credential=k%2F20250101%2F"+lostRegion+"%2Fs3%2Faws4_request", "", "", "", "")
	expecting := f.request(http.MethodPut, "/bucket/key", lostRegion, "s3", "", "content")
	expecting.Header.Set("Expect", "100-continue")
	for name, test := range map[string]struct {
		request *http.Request
		want    int
	}{
		"an API call":                        {f.request(http.MethodGet, "/bucket", lostRegion, "s3", "", ""), 0},
		"a call that waits for 100 Continue": {expecting, 0},
		"a presigned URL":                    {presigned, 0},
		"a service whose control plane is there": {
			f.request(http.MethodPost, "/", lostRegion, "iam", "application/x-www-form-urlencoded", "Action=ListRoles"), 0,
		},
		"its load balancer":                {f.balancerRequest(lostRegion), 0},
		"an API call to the other region":  {f.request(http.MethodGet, "/bucket", otherRegion, "s3", "", ""), 200},
		"the other region's load balancer": {f.balancerRequest(otherRegion), 200},
		"a request that names no region":   {f.request(http.MethodGet, "/", "", "", "", ""), 200},
	} {
		if got, _ := f.sendExpecting(test.want, test.request); got != test.want {
			t.Errorf("%s: status %d, want %d (0 is none)", name, got, test.want)
		}
	}
	if err := f.faults.Heal(lostRegion); err != nil {
		t.Fatal(err)
	}
	if got, _ := f.sendExpecting(http.StatusOK, f.balancerRequest(lostRegion)); got != http.StatusOK {
		t.Errorf("after the region is back its load balancer answers %d", got)
	}
}

// A load balancer of a lost region hangs by its short name too.
func TestLostRegionByShortName(t *testing.T) {
	f := newFake(t, t.TempDir(), func(w http.ResponseWriter, r *http.Request) {
		if region, _ := signatureScope(r); r.FormValue("Action") == "DescribeLoadBalancers" && region != lostRegion {
			http.Error(w, "LoadBalancerNotFound", http.StatusBadRequest)
		}
	})
	f.addFault(fault.Unreachable, 0)
	request := f.request(http.MethodGet, "/", "", "", "", "")
	request.Host = "app.alb.localhost"
	if got, _ := f.sendExpecting(0, request); got != 0 {
		t.Errorf("answered %d, want nothing", got)
	}
}

func TestACallThatHangsIsResetWhenTheRegionIsBack(t *testing.T) {
	reached := make(chan struct{}, 1)
	f := newFake(t, t.TempDir(), func(http.ResponseWriter, *http.Request) { reached <- struct{}{} })
	f.addFault(fault.Unreachable, 0)
	connection, err := net.Dial("tcp", strings.TrimPrefix(f.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	request := f.request(http.MethodPut, "/bucket", lostRegion, "s3", "", "")
	if err := request.Write(connection); err != nil {
		t.Fatal(err)
	}
	// Changed again and again: the first change may come before the gateway has read the request.
	done := make(chan error, 1)
	go func() {
		_, err := connection.Read(make([]byte, 1))
		done <- err
	}()
	for ended := false; !ended; {
		select {
		case err = <-done:
			ended = true
		default:
			f.addFault(fault.Unreachable, 0)
		}
	}
	if !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("it ended with %v, want a reset", err)
	}
	if len(reached) > 0 {
		t.Error("the emulator got a request of a lost region")
	}
}

func TestASlowRegionAnswersLate(t *testing.T) {
	f := newFake(t, t.TempDir(), echo)
	f.addFault(fault.Slow, time.Hour)
	for name, request := range map[string]*http.Request{
		"an API call": f.request(http.MethodGet, "/bucket", lostRegion, "s3", "", ""), "its load balancer": f.balancerRequest(lostRegion),
	} {
		if got, _ := f.sendExpecting(0, request); got != 0 {
			t.Errorf("%s of a region that is an hour late answers %d", name, got)
		}
	}
	f.addFault(fault.Slow, time.Nanosecond)
	if got, _ := f.sendExpecting(http.StatusOK, f.balancerRequest(lostRegion)); got != http.StatusOK {
		t.Errorf("a load balancer that is hardly late answers %d", got)
	}
	if got, _ := f.sendExpecting(http.StatusOK, f.balancerRequest(otherRegion)); got != http.StatusOK {
		t.Errorf("the other region's answers %d", got)
	}
}

// A throttled region refuses each call in its protocol's words.
func TestThrottledRegion(t *testing.T) {
	f := newFake(t, t.TempDir(), echo)
	f.addFault(fault.Throttled, 0)
	const form = "application/x-www-form-urlencoded"
	target := f.request(http.MethodPost, "/", lostRegion, "ssm", "application/x-amz-json-1.1", "{}")
	target.Header.Set(targetHeader, "AmazonSSM.GetParametersByPath")
	for name, test := range map[string]struct {
		request *http.Request
		status  int
		want    string
	}{
		"the query protocol": {
			f.request(http.MethodPost, "/", lostRegion, "rds", form, "Action=DescribeDBClusters"), 400, "<Code>Throttling</Code>",
		},
		"EC2's": {
			f.request(http.MethodPost, "/", lostRegion, "ec2", form, "Action=DescribeVpcs"), 503, "<Errors><Error><Code>RequestLimitExceeded</Code>",
		},
		"the JSON protocol": {target, 400, `"__type":"ThrottlingException"`},
		"Lambda's": {
			f.request(http.MethodGet, "/2015-03-31/functions/", lostRegion, "lambda", "", ""), 429, "TooManyRequestsException",
		},
		"REST-JSON": {
			f.request(http.MethodGet, "/schedules", lostRegion, "scheduler", "", ""), 429, "ThrottlingException",
		},
		"Route 53's": {
			f.request(http.MethodGet, "/2013-04-01/hostedzone", lostRegion, "route53", "", ""), 400, "<Code>Throttling</Code>",
		},
		"S3's":                               {f.request(http.MethodGet, "/bucket/key", lostRegion, "s3", "", ""), 503, "<Code>SlowDown</Code>"},
		"no call: a load balancer's traffic": {f.balancerRequest(lostRegion), 200, "host=app-1."},
		"the other region's call":            {f.request(http.MethodGet, "/bucket/key", otherRegion, "s3", "", ""), 200, "uri=/bucket/key"},
	} {
		if status, body := f.send(test.request); status != test.status || !strings.Contains(body, test.want) {
			t.Errorf("%s: %d %s, want %d with %s", name, status, body, test.status, test.want)
		}
	}
}

// A denied action is refused in its protocol's words and no other is.
func TestDeniedAction(t *testing.T) {
	f := newFake(t, t.TempDir(), echo)
	const form = "application/x-www-form-urlencoded"
	query := func(region, service, action string) *http.Request {
		return f.request(http.MethodPost, "/", region, service, form, "Action="+action)
	}
	put := func() *http.Request {
		request := f.request(http.MethodPost, "/", lostRegion, "ssm", "application/x-amz-json-1.1", "{}")
		request.Header.Set(targetHeader, "AmazonSSM.PutParameter")
		return request
	}
	for name, test := range map[string]struct {
		action  string
		request *http.Request
		status  int
		want    string
	}{
		"the query protocol": {"sns:CreateTopic", query(lostRegion, "sns", "CreateTopic"), 403, "<Code>AccessDenied</Code>"},
		"EC2's": {
			"ec2:CreateVpc", query(lostRegion, "ec2", "CreateVpc"), 403, "<Errors><Error><Code>UnauthorizedOperation</Code>",
		},
		"the JSON protocol":           {"ssm:PutParameter", put(), 400, `"__type":"AccessDeniedException"`},
		"another action":              {"sns:CreateTopic", query(lostRegion, "sns", "DeleteTopic"), 200, ""},
		"another service's action":    {"rds:CreateTags", query(lostRegion, "ec2", "CreateTags"), 200, ""},
		"the other region's":          {"sns:CreateTopic", query(otherRegion, "sns", "CreateTopic"), 200, ""},
		"a call that names no action": {"s3:PutObject", f.request(http.MethodPut, "/bucket/key", lostRegion, "s3", "", ""), 200, ""},
	} {
		one, err := fault.Deny(lostRegion, test.action)
		if err == nil {
			err = f.faults.Add(one)
		}
		if err != nil {
			t.Fatal(err)
		}
		if status, body := f.send(test.request); status != test.status || !strings.Contains(body, test.want) {
			t.Errorf("%s: %d %s, want %d with %s", name, status, body, test.status, test.want)
		}
	}
}

// Load balancers of a region whose application is down answer 502.
func TestApplicationDown(t *testing.T) {
	f := newFake(t, t.TempDir(), echo)
	f.addFault(fault.AppDown, 0)
	status, header := f.sendExpecting(http.StatusBadGateway, f.balancerRequest(lostRegion))
	if status != http.StatusBadGateway || header.Get("Server") != "awselb/2.0" {
		t.Errorf("answered %d by %q, want 502 by the load balancer", status, header.Get("Server"))
	}
	own, err := url.Parse(f.url)
	if err != nil {
		t.Fatal(err)
	}
	client := http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(own), DisableKeepAlives: true}}
	response, err := client.Get("http://app-1." + lostRegion + ".elb.amazonaws.com/")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusBadGateway {
		t.Errorf("by the proxy it answers %d", response.StatusCode)
	}
	for name, request := range map[string]*http.Request{
		"an API call": f.request(
			http.MethodGet, "/bucket", lostRegion, "s3", "", "",
		), "the other region's load balancer": f.balancerRequest(otherRegion),
	} {
		if got, _ := f.sendExpecting(http.StatusOK, request); got != http.StatusOK {
			t.Errorf("%s answers %d, want 200", name, got)
		}
	}
}

func TestOfSeveralFaultsTheWorstCounts(t *testing.T) {
	f := newFake(t, t.TempDir(), echo)
	for _, kind := range []fault.Kind{fault.AppDown, fault.Throttled, fault.Unreachable} {
		f.addFault(kind, 0)
	}
	if got, _ := f.sendExpecting(0, f.balancerRequest(lostRegion)); got != 0 {
		t.Errorf("a load balancer of a lost region answers %d", got)
	}
}
