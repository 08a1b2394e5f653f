package gateway

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"warmstandby/test/local/certificate"
	"warmstandby/test/local/fault"
	"warmstandby/test/local/route53"
)

const issuedARN = "arn:aws:acm:" + lostRegion + ":" + account + ":certificate/issued"

// secureEmulator echoes what comes to load balancers, and has one certificate that is issued and one that is not yet.
func secureEmulator(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get(targetHeader) != "CertificateManager.DescribeCertificate" {
		fmt.Fprintf(w, "host=%s uri=%s listener=%s proxy=%s", r.Host, r.RequestURI, r.Header.Get(listenerHeader),
			r.Header.Get(proxyCredentials))
		return
	}
	asked, _ := io.ReadAll(r.Body)
	status := "PENDING_VALIDATION"
	if strings.Contains(string(asked), issuedARN) && strings.Contains(r.Header.Get("Authorization"), "/"+lostRegion+"/acm/") {
		status = "ISSUED"
	}
	fmt.Fprintf(w, `{"Certificate":{"Status":%q,"DomainName":"app.test","SubjectAlternativeNames":["app.test","us-west-2.app.test"]}}`, status)
}

// newSecureFake is a gateway whose load balancer speaks TLS, and a client whose proxy it is.
func newSecureFake(t *testing.T) (*fake, *http.Client) {
	t.Helper()
	f := newFake(t, t.TempDir(), secureEmulator)
	issuer, err := certificate.OpenBalancers(f.folder)
	if err != nil {
		t.Fatal(err)
	}
	f.gateway.certificates.issuer = issuer
	balancer := route53.Balancer{
		Name: "alb", Region: lostRegion, DNSName: "alb-1." + lostRegion + ".elb.amazonaws.com.", Listeners: []route53.Listener{
			{Port: 80, Protocol: "HTTP"}, {Port: 443, Protocol: "HTTPS", Certificate: issuedARN},
			{Port: 8443, Protocol: "HTTPS", Certificate: "arn:not-yet"},
		},
	}
	f.gateway.route53 = &zones{names: map[string]any{"app.test": balancer, "other.test": balancer}}
	content, err := os.ReadFile(certificate.AuthorityFile(f.folder))
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(content)
	own, err := url.Parse(f.url)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{
		Proxy: http.ProxyURL(own), TLSClientConfig: &tls.Config{RootCAs: roots},
		ProxyConnectHeader: http.Header{proxyCredentials: {"Basic dXMtd2VzdC0yOg=="}}, // us-west-2:, which is a function of the other region
	}
	t.Cleanup(transport.CloseIdleConnections)
	return f, &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// A client that takes the gateway for its proxy reaches a listener of HTTPS by a tunnel, with the certificate that ACM has issued.
func TestTunnelToALoadBalancer(t *testing.T) {
	_, client := newSecureFake(t)
	for _, test := range []struct {
		name, url string
		status    int
		says      string
		err       string
	}{
		{"HTTPS", "https://app.test/records?x=1", 200, "host=app.test uri=/_alb/alb/records?x=1 listener=443 proxy=", ""},
		{"HTTPS with its port", "https://app.test:443/x", 200, "host=app.test:443 uri=/_alb/alb/x listener=443 ", ""},
		{"HTTP", "http://app.test/x", 200, "listener=80 ", ""},
		{"HTTP at a listener of HTTPS", "http://app.test:443/x", 400, "plain HTTP request was sent to HTTPS port", ""},
		{"a name that the certificate is not for", "https://other.test/x", 0, "", "not other.test"},
		{"a certificate that is not issued", "https://app.test:8443/x", 0, "", "internal error"},
		{"HTTPS at a listener of HTTP", "https://app.test:80/x", 0, "", "internal error"},
		{"a port where nothing listens", "https://app.test:444/x", 0, "", "Bad Gateway"},
		{"a name of no zone", "https://example.com/x", 0, "", "Forbidden"},
	} {
		t.Run(test.name, func(t *testing.T) {
			response, err := client.Get(test.url)
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Errorf("it ends with %v, want %s", err, test.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			body, err := io.ReadAll(response.Body)
			if err != nil || response.StatusCode != test.status || !strings.Contains(string(body), test.says) {
				t.Errorf("it is answered %d %s, %v; want %d %s", response.StatusCode, body, err, test.status, test.says)
			}
		})
	}
}

// A tunnel suffers the faults of its load balancer's region, and those between it and the region of the function that opened it.
func TestTunnelDuringFault(t *testing.T) {
	for kind, want := range map[fault.Kind]int{fault.AppDown: http.StatusBadGateway, fault.Throttled: http.StatusOK} {
		f, client := newSecureFake(t)
		f.addFault(kind, 0)
		response, err := client.Get("https://app.test/x")
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("%s: it is answered %d, want %d", kind, response.StatusCode, want)
		}
	}
	for _, kind := range []fault.Kind{fault.Unreachable, fault.Isolated} {
		f, client := newSecureFake(t)
		// The tunnel stands: what is lost is every further request.
		if response, err := client.Get("https://app.test/x"); err != nil {
			t.Fatal(err)
		} else {
			response.Body.Close()
		}
		f.addFault(kind, 0)
		for _, path := range []string{"on a tunnel that stands", "on a new one"} {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://app.test/x", nil)
			if err != nil {
				t.Fatal(err)
			}
			if status, ok := answeredWithin(client, request); ok {
				t.Errorf("%s: a request %s is answered %d, want that it hangs", kind, path, status)
			}
			client.CloseIdleConnections()
		}
	}
}

// answeredWithin sends a request and says whether it is answered in the time in which every answer comes.
func answeredWithin(client *http.Client, request *http.Request) (status int, ok bool) {
	ctx, cancel := context.WithTimeout(request.Context(), noAnswerTimeout)
	defer cancel()
	response, err := client.Do(request.WithContext(ctx))
	if err != nil {
		return 0, !errors.Is(err, context.DeadlineExceeded)
	}
	response.Body.Close()
	return response.StatusCode, true
}

// The listener that a request reaches is the one of its protocol, whatever the port in its Host header is.
func TestListenerOfARequest(t *testing.T) {
	both := []route53.Listener{{Port: 8080, Protocol: "HTTP"}, {Port: 80, Protocol: "HTTP"}, {Port: 443, Protocol: "HTTPS"}}
	for _, test := range []struct {
		name      string
		listeners []route53.Listener
		host      string
		secure    bool
		want      int
	}{
		{"no port", both, "app.test", false, 80},
		{"no port, by TLS", both, "app.test", true, 443},
		{"its port", both, "app.test:8080", false, 8080},
		{"a port of the other protocol", both, "app.test:443", false, 80},
		{"the emulator's own port", both, "127.53.1.2:4566", true, 443},
		{"only another port", both[:1], "app.test", false, 8080},
		{"only another protocol", both[2:], "app.test", false, 443},
		{"none", nil, "app.test", false, 0},
	} {
		if got, known := listenerFor(route53.Balancer{Listeners: test.listeners}, anyPort, test.host, test.secure); got.Port != test.want ||
			known != (test.want != 0) {
			t.Errorf("%s: it is the listener of %d, want %d", test.name, got.Port, test.want)
		}
	}
}
