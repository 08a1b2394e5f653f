package aurora

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

const (
	// authorityKeyFile is the name of the authority's private key, which only the process that runs the servers reads.
	authorityKeyFile = "ca.key"
	// certificateLife is longer than the life of any state folder.
	certificateLife = 10 * 365 * 24 * time.Hour
)

// AuthorityFile returns the path of a folder's CA certificate, in PEM: clients that verify the servers trust it, as they trust
// Amazon's authorities on AWS. AWS: Amazon Aurora User Guide, "Using SSL/TLS to encrypt a connection to a DB cluster".
func AuthorityFile(folder string) string { return filepath.Join(folder, "ca.pem") }

// EnsureAuthority creates a folder's certificate authority, and the folder, if they do not exist.
func EnsureAuthority(folder string) error {
	_, err := openAuthority(folder, time.Now())
	return err
}

// authority signs the certificates of one folder's servers.
type authority struct {
	certificate *x509.Certificate
	key         any
}

// openAuthority reads a folder's authority and creates it if certificate or key is missing. The certificate is written last: a
// creation that was interrupted is repeated, and no client has seen its certificate.
func openAuthority(folder string, now time.Time) (*authority, error) {
	pair, err := tls.LoadX509KeyPair(AuthorityFile(folder), filepath.Join(folder, authorityKeyFile))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := createAuthority(folder, now); err != nil {
			return nil, fmt.Errorf("making a certificate authority: %w", err)
		}
		return openAuthority(folder, now)
	case err != nil:
		return nil, fmt.Errorf("reading the certificate authority %s (remove it to have a new one): %w", AuthorityFile(folder), err)
	}
	return &authority{certificate: pair.Leaf, key: pair.PrivateKey}, nil
}

func createAuthority(folder string, now time.Time) error {
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(now.UnixNano()),
		Subject:               pkix.Name{CommonName: "local AWS emulator, databases"},
		NotBefore:             now.Add(-time.Hour), // clocks differ
		NotAfter:              now.Add(certificateLife),
		KeyUsage:              x509.KeyUsageCertSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
		MaxPathLenZero:        true,
		// Who trusts this authority trusts it for this machine and nothing else.
		PermittedDNSDomainsCritical: true,
		PermittedDNSDomains:         []string{"localhost"},
		PermittedIPRanges: []*net.IPNet{
			{IP: net.IPv4(127, 0, 0, 0).To4(), Mask: net.CIDRMask(8, 32)},
			{IP: net.IPv6loopback, Mask: net.CIDRMask(128, 128)},
		},
	}
	certificate, key, err := sign(template, nil)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	if err := os.Remove(AuthorityFile(folder)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	var nobodyElse serverUser
	if err := nobodyElse.writeFile(filepath.Join(folder, authorityKeyFile), key); err != nil {
		return err
	}
	path := AuthorityFile(folder)
	if err := os.WriteFile(path+".new", certificate, 0o644); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// issue creates a server's key and certificate, both in PEM, for every address at which a server is reached.
func (a *authority) issue(now time.Time) (certificate, key []byte, err error) {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()),
		Subject:      pkix.Name{CommonName: "localhost"},
		DNSNames:     []string{"localhost"},
		NotBefore:    now.Add(-time.Hour), // clocks differ
		NotAfter:     a.certificate.NotAfter,
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, host := range append([]string{serverHost}, writerHosts...) {
		template.IPAddresses = append(template.IPAddresses, net.ParseIP(host))
	}
	return sign(template, a)
}

// sign creates a key and a certificate for it, both in PEM, signed by the authority, or self-signed when by is nil.
func sign(template *x509.Certificate, by *authority) (certificate, key []byte, err error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("making a key: %w", err)
	}
	if by == nil {
		by = &authority{certificate: template, key: private}
	}
	signed, err := x509.CreateCertificate(rand.Reader, template, by.certificate, private.Public(), by.key)
	if err != nil {
		return nil, nil, fmt.Errorf("making a certificate: %w", err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, nil, fmt.Errorf("writing a key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded}), nil
}
