package certificate_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"warmstandby/lambda/failover/certificate"
)

const (
	global   = "records.example.com"
	regional = "us-west-2.records.example.com"
)

// authority issues certificates.
type authority struct {
	key  *ecdsa.PrivateKey
	root *x509.Certificate
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(10 * 365 * 24 * time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	root, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return authority{key, root}
}

// serve is a load balancer that presents one certificate; it returns its address.
func (a authority) serve(t *testing.T, until time.Time, names ...string) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: names[0]}, DNSNames: names, NotBefore: time.Now().Add(-48 * time.Hour),
		NotAfter: until, KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.root, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

func TestUntil(t *testing.T) {
	trusted, other := newAuthority(t), newAuthority(t)
	roots := x509.NewCertPool()
	roots.AddCert(trusted.root)
	presenter := certificate.Presenter{Roots: roots}
	until := time.Now().Add(90 * 24 * time.Hour).UTC().Truncate(time.Second)
	for _, test := range []struct {
		name, address, asked string
		invalid              bool
	}{
		{"the global name", trusted.serve(t, until, global, regional), global, false},
		{"the region's name", trusted.serve(t, until, global, regional), regional, false},
		{"a name that the certificate has not", trusted.serve(t, until, global), regional, true},
		{"a certificate that has expired", trusted.serve(t, time.Now().Add(-time.Hour), global), global, true},
		{"a certificate of nobody who is trusted", other.serve(t, until, global), global, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := presenter.Until(t.Context(), test.address, test.asked)
			if errors.Is(err, certificate.ErrInvalid) != test.invalid || !test.invalid && (err != nil || !got.Equal(until)) {
				t.Errorf("it is good until %s, %v; want %s", got, err, until)
			}
		})
	}
}

// A load balancer that does not answer, or not by TLS, says nothing of its certificate.
func TestNotKnown(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := listener.Addr().String()
	listener.Close()
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	for name, address := range map[string]string{"nobody listens": closed, "plain HTTP": plain.Listener.Addr().String()} {
		if until, err := (certificate.Presenter{}).Until(t.Context(), address, global); err == nil || errors.Is(err, certificate.ErrInvalid) {
			t.Errorf("%s: %s, %v; want an error that says nothing of the certificate", name, until, err)
		}
	}
}
