package securelistener

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"warmstandby/test/local/certificate"
)

// serve serves at a port that speaks both, and returns its address and a client that trusts its authority.
func serve(t *testing.T, configuration func(*tls.ClientHelloInfo) (*tls.Certificate, error), folder string) (string, *http.Client) {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		fmt.Fprintf(w, "TLS: %t, %d bytes, %v", IsTLS(r), len(body), err)
	}))
	server.Listener = New(server.Listener, &tls.Config{GetCertificate: configuration})
	server.Config.ConnContext = Context
	server.Start()
	t.Cleanup(server.Close)
	content, err := os.ReadFile(certificate.AuthorityFile(folder))
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(content)
	address := server.Listener.Addr().String()
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots},
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "tcp", address)
		},
	}
	t.Cleanup(transport.CloseIdleConnections)
	return address, &http.Client{Transport: transport}
}

// One port answers both who begins with TLS and who does not, request after request on one connection.
func TestPortOfBoth(t *testing.T) {
	folder := t.TempDir()
	issuer, err := certificate.OpenBalancers(folder)
	if err != nil {
		t.Fatal(err)
	}
	_, client := serve(t, func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return issuer.For([]string{"app.test"}) }, folder)
	const size = 300 << 10 // bytes: more than a record, and than any buffer
	for range 2 {
		for scheme, want := range map[string]string{"http": "TLS: false", "https": "TLS: true"} {
			response, err := client.Post(scheme+"://app.test/", "text/plain", strings.NewReader(strings.Repeat("x", size)))
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(response.Body)
			response.Body.Close()
			if want = fmt.Sprintf("%s, %d bytes, <nil>", want, size); err != nil || string(body) != want {
				t.Errorf("%s is answered %q, %v; want %q", scheme, body, err, want)
			}
		}
	}
	if _, err := client.Get("https://other.test/"); err == nil || !strings.Contains(err.Error(), "app.test") {
		t.Errorf("a name that the certificate is not for: %v", err)
	}
}

// Who has no certificate refuses the handshake and goes on with others.
func TestPortWithoutCertificate(t *testing.T) {
	folder := t.TempDir()
	if _, err := certificate.OpenBalancers(folder); err != nil {
		t.Fatal(err)
	}
	_, client := serve(t, func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return nil, io.ErrUnexpectedEOF }, folder)
	if _, err := client.Get("https://app.test/"); err == nil {
		t.Error("a handshake without a certificate succeeds")
	}
	response, err := client.Get("http://app.test/")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
}

// A connection ends for both: one that was closed before its client began is no handshake.
func TestConnectionsEnd(t *testing.T) {
	ours, theirs := net.Pipe()
	connection := NewConn(ours, ours, &tls.Config{})
	if err := connection.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := theirs.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("the client reads %v, want the end", err)
	}
	if _, err := connection.Read(make([]byte, 1)); err == nil {
		t.Error("a connection that is closed reads something")
	}
	if connection.NetConn() != ours {
		t.Error("the underlying connection is another one")
	}
}
