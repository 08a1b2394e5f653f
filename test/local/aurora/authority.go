package aurora

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"net"

	"warmstandby/test/local/certificate"
)

// AuthorityFile returns the path of a folder's CA certificate, in PEM: clients that verify the servers trust it, as they trust
// Amazon's authorities on AWS. AWS: Amazon Aurora User Guide, "Using SSL/TLS to encrypt a connection to a DB cluster".
func AuthorityFile(folder string) string { return certificate.AuthorityFile(folder) }

// EnsureAuthority creates a folder's certificate authority, and the folder, if they do not exist.
func EnsureAuthority(folder string) error {
	_, err := openAuthority(folder)
	return err
}

// authority signs the certificates of one folder's servers.
type authority struct{ *certificate.Authority }

// openAuthority opens a folder's authority. Who trusts it trusts it for this machine and nothing else.
func openAuthority(folder string) (*authority, error) {
	var nobodyElse serverUser
	opened, err := certificate.Open(folder, x509.Certificate{
		Subject:                     pkix.Name{CommonName: "local AWS emulator, databases"},
		PermittedDNSDomainsCritical: true,
		PermittedDNSDomains:         []string{"localhost"},
		PermittedIPRanges: []*net.IPNet{
			{IP: net.IPv4(127, 0, 0, 0).To4(), Mask: net.CIDRMask(8, 32)},
			{IP: net.IPv6loopback, Mask: net.CIDRMask(128, 128)},
		},
	}, nobodyElse.writeFile)
	if err != nil {
		return nil, err
	}
	return &authority{opened}, nil
}

// issue creates a server's key and certificate, both in PEM, for every address at which a server is reached.
func (a *authority) issue() (certificate, key []byte, err error) {
	template := x509.Certificate{Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"}}
	for _, host := range append([]string{serverHost}, writerHosts...) {
		template.IPAddresses = append(template.IPAddresses, net.ParseIP(host))
	}
	return a.SignServer(template)
}
