package certificate

import (
	"crypto/x509"
	"os"
	"path/filepath"
	"testing"
)

// roots are what a client of a folder's load balancers trusts.
func roots(t *testing.T, folder string) *x509.CertPool {
	t.Helper()
	content, err := os.ReadFile(AuthorityFile(folder))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(content) {
		t.Fatalf("%s has no certificate", AuthorityFile(folder))
	}
	return pool
}

// A load balancer's certificate is trusted for its own names, where nobody in the Internet has them.
func TestBalancerCertificates(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "certificates")
	issuer, err := OpenBalancers(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name    string
		issued  []string
		host    string
		trusted bool
	}{
		{"its name", []string{"app.test"}, "app.test", true},
		{"a further name", []string{"app.test", "us-east-1.app.test"}, "us-east-1.app.test", true},
		{"a wildcard", []string{"*.app.test"}, "us-west-2.app.test", true},
		{"another name", []string{"app.test"}, "us-east-1.app.test", false},
		{"a name in the documentation", []string{"records.example.com"}, "records.example.com", true},
		{"a name that somebody may have", []string{"records.example.dev"}, "records.example.dev", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			certificate, err := issuer.For(test.issued)
			if err != nil {
				t.Fatal(err)
			}
			_, err = certificate.Leaf.Verify(x509.VerifyOptions{Roots: roots(t, folder), DNSName: test.host})
			if (err == nil) != test.trusted {
				t.Errorf("%s is verified with %v, want it trusted: %t", test.host, err, test.trusted)
			}
		})
	}
	if _, err := issuer.For(nil); err == nil {
		t.Error("a certificate without a name is issued")
	}
}

// The authority and, in one process, its certificates stay: a client that has seen one sees no other.
func TestBalancerCertificatesStay(t *testing.T) {
	folder := t.TempDir()
	first, err := OpenBalancers(folder)
	if err != nil {
		t.Fatal(err)
	}
	before, err := first.For([]string{"app.test", "us-east-1.app.test"})
	if err != nil {
		t.Fatal(err)
	}
	if again, err := first.For([]string{"us-east-1.app.test", "app.test"}); err != nil || again != before {
		t.Errorf("the same names have another certificate, %v", err)
	}
	second, err := OpenBalancers(folder)
	if err != nil {
		t.Fatal(err)
	}
	after, err := second.For([]string{"app.test"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := after.Leaf.Verify(x509.VerifyOptions{Roots: roots(t, folder), DNSName: "app.test"}); err != nil {
		t.Errorf("opened again, the authority is another one: %v", err)
	}
	if info, err := os.Stat(filepath.Join(folder, KeyFile)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key is %v, %v; want it closed to others", info, err)
	}
}
