package gateway

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// echo answers with what the emulator got.
func echo(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	fmt.Fprintf(w, "%s host=%s uri=%s region=%s authorization=%s forwarded=%s body=%s",
		r.Method, r.Host, r.RequestURI, r.Header.Get(regionHeader), r.Header.Get("Authorization"), r.Header.Get("X-Forwarded-For"), body)
}

func TestARequestsRegionComesFromItsSignatureOrItsHost(t *testing.T) {
	f := newFake(t, t.TempDir(), echo)
	for name, test := range map[string]struct {
		host, authorization, path string
		want                      string
	}{
		"a load balancer's name":               {"app-1.us-west-2.elb.amazonaws.com", "", "/", "us-west-2"},
		"a load balancer's name with a port":   {"app-1.us-west-2.elb.amazonaws.com:8080", "", "/", "us-west-2"},
		"a service's name":                     {"s3.us-west-2.amazonaws.com", "", "/", "us-west-2"},
		"a bucket that is named like a region": {"us-east-1.s3.us-west-2.amazonaws.com", "", "/", "us-west-2"},
		"a function's address":                 {"abc.lambda-url.us-west-2.on.aws", "", "/", "us-west-2"},
		"a bearer token beside the name":       {"app-1.us-west-2.elb.amazonaws.com", "Bearer x", "/", "us-west-2"},
		"a name without a region":              {"s3.amazonaws.com", "", "/", ""},
		"a region in a name that is not AWS's": {"us-west-2.example.com", "", "/", ""},
		"a signature, which the emulator reads itself": {
			"app-1.us-west-2.elb.amazonaws.com", "AWS4-HMAC-SHA256 Credential=k/20250101/us-east-1/s3/aws4_request, Signature=0", "/", "",
		},
		"a presigned URL, which the emulator reads too": {
			"app-1.us-west-2.elb.amazonaws.com", "", "/b/k?X-Amz-Credential=k%2F20250101%2Fus-east-1%2Fs3%2Faws4_request", "",
		},
		"a region that the client claims in our header": {"127.0.0.1", "", "/", ""},
	} {
		t.Run(name, func(t *testing.T) {
			request := f.request(http.MethodGet, test.path, "", "", "", "")
			request.Host = test.host
			request.Header.Set(regionHeader, "eu-west-1")
			if test.authorization != "" {
				request.Header.Set("Authorization", test.authorization)
			}
			_, body := f.send(request)
			wantParts(t, body, " region="+test.want+" ", " host="+test.host+" ", " authorization="+test.authorization+" ")
		})
	}
}

func TestARequestPassesUnchanged(t *testing.T) {
	f := newFake(t, t.TempDir(), echo)
	request := f.request(
		http.MethodPut, "/bucket/a%2Fb/../c//d?x=1;y=2&z", "us-east-1", "s3", "application/x-www-form-urlencoded", "k=v&k=%zz",
	)
	request.Header.Set("X-Forwarded-For", "192.0.2.1")
	_, body := f.send(request)
	wantParts(t, body, "PUT ", " uri=/bucket/a%2Fb/../c//d?x=1;y=2&z ", " forwarded=192.0.2.1 ", " body=k=v&k=%zz")
}

func TestAFormToALoadBalancersTargetIsNotRead(t *testing.T) {
	f := newFake(t, t.TempDir(), echo)
	request := f.request(http.MethodPost, "/login", "", "", "application/x-www-form-urlencoded", "Action=%zz")
	request.Host = "app.us-west-2.elb.amazonaws.com"
	_, body := f.send(request)
	wantParts(t, body, "body=Action=%zz")
}

func TestAQueryThatCannotBeReadIsRefused(t *testing.T) {
	f := newFake(t, t.TempDir(), echo)
	for name, query := range map[string]string{
		"bad escape": "Action=%zz",
		"too long":   strings.Repeat("a", formLimit+1),
	} {
		if status, body := f.send(
			f.request(http.MethodPost, "/", "us-east-1", "ec2", "application/x-www-form-urlencoded", query),
		); status != http.StatusBadRequest {
			t.Errorf("%s: %d %s, want 400", name, status, body)
		}
	}
}

func TestTheGatewayIsAProxyForTheEmulatedAWSOnly(t *testing.T) {
	f := newFake(t, t.TempDir(), echo)
	own, err := url.Parse(f.url)
	if err != nil {
		t.Fatal(err)
	}
	client := http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(own), DisableKeepAlives: true}}
	for name, test := range map[string]struct {
		url  string
		want int
	}{
		"a load balancer":                     {"http://app.us-west-2.elb.amazonaws.com/x", 200},
		"the emulator's short name of one":    {"http://bucket.s3.localhost/x", 200},
		"S3 Control by account":               {"http://" + account + "." + own.Host + "/v20180820/tags/x", 200},
		"the gateway itself":                  {"http://" + own.Host + "/x", 200},
		"another host":                        {"http://example.com/x", 403},
		"another port of this machine":        {"http://127.0.0.1:1/x", 403},
		"another host with an account prefix": {"http://" + account + ".example.com/x", 403},
		"a name that only looks like AWS's":   {"http://amazonaws.com.example.com/x", 403},
	} {
		t.Run(name, func(t *testing.T) {
			response, err := client.Get(test.url)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			if response.StatusCode != test.want {
				t.Errorf("%s: %d, want %d", test.url, response.StatusCode, test.want)
			}
		})
	}
}

func TestATunnelIsRefused(t *testing.T) {
	f := newFake(t, t.TempDir(), echo)
	connection, err := net.Dial("tcp", strings.TrimPrefix(f.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	fmt.Fprintf(connection, "CONNECT s3.amazonaws.com:443 HTTP/1.1\r\nHost: s3.amazonaws.com:443\r\n\r\n")
	answer := make([]byte, 64)
	n, err := connection.Read(answer)
	if err != nil || !strings.Contains(string(answer[:n]), "403") {
		t.Errorf("CONNECT is answered %q, %v; want 403", answer[:n], err)
	}
}

func TestS3ControlLosesItsAccountPrefix(t *testing.T) {
	f := newFake(t, t.TempDir(), echo)
	for name, test := range map[string]struct{ host, path, want string }{
		"S3 Control": {account + ".127.0.0.1:4566", "/v20180820/tags/x", "127.0.0.1:4566"},
		"S3 Control in a region": {
			account + ".s3-control.us-west-2.amazonaws.com", "/v20180820/tags/x", "s3-control.us-west-2.amazonaws.com",
		},
		"a bucket named like an account": {account + ".s3.us-west-2.amazonaws.com", "/key", account + ".s3.us-west-2.amazonaws.com"},
		"no account":                     {"11112222333x.127.0.0.1:4566", "/v20180820/tags/x", "11112222333x.127.0.0.1:4566"},
	} {
		t.Run(name, func(t *testing.T) {
			request := f.request(http.MethodGet, test.path, "us-west-2", "s3", "", "")
			request.Host = test.host
			_, body := f.send(request)
			wantParts(t, body, " host="+test.want+" ")
		})
	}
}

// A load balancer's short name is looked for in each region.
func TestBalancerShortName(t *testing.T) {
	f := newFake(t, t.TempDir(), func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("Action") != "DescribeLoadBalancers" {
			echo(w, r)
			return
		}
		region, _ := signatureScope(r)
		if region != "us-west-2" || r.FormValue("Names.member.1") != "app-west" {
			http.Error(w, "LoadBalancerNotFound", http.StatusBadRequest)
		}
	})
	for host, want := range map[string]string{
		"app-west.alb.localhost:8080": " region=us-west-2 ", "other.alb.localhost": "no region has a load balancer",
	} {
		request := f.request(http.MethodGet, "/health", "", "", "", "")
		request.Host = host
		_, body := f.send(request)
		wantParts(t, body, want)
	}
}

func TestAnEmulatorThatIsGoneIsA503WithAText(t *testing.T) {
	f := newFake(t, t.TempDir(), func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	for name, request := range map[string]*http.Request{
		"passed on": f.request(http.MethodGet, "/bucket", "us-east-1", "s3", "", ""),
		"edited":    f.request(http.MethodPost, "/", "us-east-1", "ec2", "application/x-www-form-urlencoded", "Action=DescribeFlowLogs"),
	} {
		if status, body := f.send(request); status != http.StatusServiceUnavailable || !strings.Contains(
			body, "the emulator behind the gateway does not answer",
		) {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
}

func TestAnAnswerThatBreaksOffIsOneToTryAgain(t *testing.T) {
	f := newFake(t, t.TempDir(), func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		io.WriteString(w, "half of it")
	})
	if status, body := f.ec2("us-east-1", "DescribeVpcs"); status != http.StatusServiceUnavailable {
		t.Errorf("answered %d %q, want %d", status, body, http.StatusServiceUnavailable)
	}
}
