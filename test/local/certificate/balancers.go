package certificate

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
)

// reservedDomains are names that nobody has in the Internet (RFC 2606; RFC 6761, section 6). Who trusts the authority of the load
// balancers trusts it for these, so that its key opens no way to a server that exists.
var reservedDomains = []string{"test", "example", "invalid", "localhost", "example.com", "example.net", "example.org"}

// Balancers issues the certificates of load balancers.
type Balancers struct {
	authority *Authority

	mu     sync.Mutex
	issued map[string]*tls.Certificate // by their names
}

// OpenBalancers opens the authority of a folder's load balancers, and creates it if it is not there.
func OpenBalancers(folder string) (*Balancers, error) {
	authority, err := Open(folder, x509.Certificate{
		Subject:                     pkix.Name{CommonName: "local AWS emulator, load balancers"},
		PermittedDNSDomainsCritical: true, PermittedDNSDomains: reservedDomains,
	}, func(path string, key []byte) error { return os.WriteFile(path, key, 0o600) })
	if err != nil {
		return nil, err
	}
	return &Balancers{authority: authority, issued: map[string]*tls.Certificate{}}, nil
}

// For returns the certificate that is good for these names, the same for the same names until the process ends.
func (b *Balancers) For(names []string) (*tls.Certificate, error) {
	if len(names) == 0 {
		return nil, fmt.Errorf("issuing a certificate: it has no name")
	}
	key := strings.Join(slices.Sorted(slices.Values(names)), " ")
	b.mu.Lock()
	defer b.mu.Unlock()
	if kept := b.issued[key]; kept != nil {
		return kept, nil
	}
	subject := pkix.Name{CommonName: commonName(names[0])}
	certificate, private, err := b.authority.SignServer(x509.Certificate{Subject: subject, DNSNames: names})
	if err != nil {
		return nil, fmt.Errorf("issuing a certificate for %s: %w", key, err)
	}
	pair, err := tls.X509KeyPair(certificate, private)
	if err != nil {
		return nil, fmt.Errorf("issuing a certificate for %s: %w", key, err)
	}
	b.issued[key] = &pair
	return &pair, nil
}

// longestCommonName is the most characters of a common name (RFC 5280, appendix A.1, ub-common-name).
const longestCommonName = 64

func commonName(name string) string { return name[:min(len(name), longestCommonName)] }
