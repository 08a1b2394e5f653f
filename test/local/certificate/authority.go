// Package certificate is the certificate authorities of the local AWS emulator: that of the databases, which stands for Amazon RDS's, and
// that of the load balancers, which stands for the one that AWS Certificate Manager issues from. Each lies in a folder of the state.
package certificate

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"time"
)

const (
	// KeyFile is the name of an authority's private key, which nobody but the process that issues reads.
	KeyFile = "ca.key"
	// life is longer than the life of any state folder.
	life = 10 * 365 * 24 * time.Hour
	// skew is how much earlier a certificate is valid, because clocks differ.
	skew = time.Hour
)

// AuthorityFile returns the path of the certificate of a folder's authority, in PEM, which clients trust.
func AuthorityFile(folder string) string { return filepath.Join(folder, "ca.pem") }

// Authority signs certificates.
type Authority struct {
	Certificate *x509.Certificate
	Key         any
}

// Open reads a folder's authority and creates it if certificate or key is missing. The template says whose it is and for which names its
// certificates are good; write writes the key, closed to others. The certificate is written last: a creation that was interrupted is
// repeated, and no client has seen its certificate.
func Open(folder string, template x509.Certificate, write func(path string, key []byte) error) (*Authority, error) {
	pair, err := tls.LoadX509KeyPair(AuthorityFile(folder), filepath.Join(folder, KeyFile))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := create(folder, template, write); err != nil {
			return nil, fmt.Errorf("making a certificate authority: %w", err)
		}
		return Open(folder, template, write)
	case err != nil:
		return nil, fmt.Errorf("reading the certificate authority %s (remove it to have a new one): %w", AuthorityFile(folder), err)
	}
	return &Authority{Certificate: pair.Leaf, Key: pair.PrivateKey}, nil
}

func create(folder string, template x509.Certificate, write func(path string, key []byte) error) error {
	template.NotAfter = time.Now().Add(life)
	template.KeyUsage = x509.KeyUsageCertSign
	template.BasicConstraintsValid, template.IsCA, template.MaxPathLenZero = true, true, true
	certificate, key, err := (*Authority)(nil).Sign(template)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	if err := os.Remove(AuthorityFile(folder)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := write(filepath.Join(folder, KeyFile), key); err != nil {
		return err
	}
	path := AuthorityFile(folder)
	if err := os.WriteFile(path+".new", certificate, 0o644); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// SignServer is Sign for a server's certificate, which is good as long as the authority's.
func (a *Authority) SignServer(template x509.Certificate) (certificate, key []byte, err error) {
	template.NotAfter = a.Certificate.NotAfter
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	return a.Sign(template)
}

// Sign creates a key and a certificate for it, both in PEM, valid from now on until the template's end. Without an authority the
// certificate is signed by itself.
func (a *Authority) Sign(template x509.Certificate) (certificate, key []byte, err error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("making a key: %w", err)
	}
	now := time.Now()
	template.SerialNumber, template.NotBefore = big.NewInt(now.UnixNano()), now.Add(-skew)
	by := &Authority{Certificate: &template, Key: private}
	if a != nil {
		by = a
	}
	signed, err := x509.CreateCertificate(rand.Reader, &template, by.Certificate, private.Public(), by.Key)
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
