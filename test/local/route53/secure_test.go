package route53

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"

	"warmstandby/test/local/certificate"
	"warmstandby/test/local/securelistener"
)

// securePlane is a plane whose load balancer in us-west-2 has a listener of HTTPS beside that of HTTP, with a certificate for a name, and
// a client of that load balancer's address.
func securePlane(t *testing.T, name string) (*Plane, *http.Client) {
	t.Helper()
	folder := t.TempDir()
	issuer, err := certificate.OpenBalancers(folder)
	if err != nil {
		t.Fatal(err)
	}
	of := failoverSnapshot()
	plain := of.Balancers[1].Listeners
	of.Balancers[1].Listeners = nil // A load balancer is there before its listeners.
	p, _ := newPlane(t, of)
	p.listeners.certificate = func(_ context.Context, _ Balancer, l Listener) (*tls.Certificate, error) {
		if l.Certificate != "arn:certificate" {
			return nil, errors.New("it is the certificate " + l.Certificate)
		}
		return issuer.For([]string{name})
	}
	p.listeners.serve = func(b Balancer) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, "%s, TLS: %t, for %s", b.Name, securelistener.IsTLS(r), r.Host)
		})
	}
	of.Balancers[1].Listeners = append(plain, Listener{Port: 443, Protocol: "HTTPS", Certificate: "arn:certificate"})
	p.apply(of, testTime)
	content, err := os.ReadFile(certificate.AuthorityFile(folder))
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(content)
	socket, err := p.listeners.socket(westBalancer)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, socket)
		},
	}
	t.Cleanup(transport.CloseIdleConnections)
	return p, &http.Client{Transport: transport}
}

// A load balancer answers by TLS at its own address, with its listener's certificate, and plainly, too.
func TestBalancerByTLS(t *testing.T) {
	_, client := securePlane(t, "us-west-2.app.test")
	for scheme, want := range map[string]string{"http": "TLS: false", "https": "TLS: true"} {
		response, err := client.Get(scheme + "://us-west-2.app.test/")
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil || !strings.Contains(string(body), want) {
			t.Errorf("%s is answered %q, %v; want %s", scheme, body, err, want)
		}
	}
	if _, err := client.Get("https://us-east-1.app.test/"); err == nil {
		t.Error("a certificate of another name is trusted")
	}
}

// A check by HTTPS makes a handshake, and takes a certificate of any name.
func TestCheckByHTTPS(t *testing.T) {
	p, _ := securePlane(t, "another.test")
	check := httpCheck("west")
	check.Kind, check.Host, check.Port, check.SNI = kindHTTPS, "us-west-2.app.test", 443, true
	p.probe(t.Context(), check)
	if status, err := p.Status("west"); err != nil || !status.Healthy || status.Last == nil ||
		!strings.HasPrefix(status.Last.Status, "Success: HTTP Status Code 200") {
		t.Errorf("the status is %+v, %v", status, err)
	}
	p.listeners.certificate = func(context.Context, Balancer, Listener) (*tls.Certificate, error) {
		return nil, errors.New("it is gone")
	}
	for range check.Threshold {
		p.probe(t.Context(), check)
	}
	status, err := p.Status("west")
	if err != nil || status.Healthy || !strings.Contains(status.LastFailure.Status, "handshake of TLS failed") {
		t.Errorf("without a certificate the status is %+v, %v", status, err)
	}
}

// The Host header of a check has no port that is the protocol's own.
func TestHostOfChecks(t *testing.T) {
	for _, test := range []struct {
		kind string
		port int
		want string
	}{
		{kindHTTP, 80, "alb"}, {kindHTTP, 443, "alb:443"}, {kindHTTPS, 443, "alb"}, {kindHTTPSString, 8443, "alb:8443"},
		{kindHTTPS, 80, "alb:80"},
	} {
		check := httpCheck("check")
		check.Kind, check.Port = test.kind, test.port
		if request, err := check.request(); err != nil || request.Host != test.want {
			t.Errorf("%s at %d: %v, %v; want the host %s", test.kind, test.port, request, err, test.want)
		}
	}
}
