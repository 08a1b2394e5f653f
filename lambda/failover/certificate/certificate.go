// Package certificate looks at the certificates that load balancers present. It asks the load balancer, as a user's browser does, and
// not ACM: so it sees what is served, whoever imported or attached it, and needs no permission.
package certificate

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"time"
)

// Presenter opens TLS connections.
type Presenter struct {
	// Roots are the authorities that are trusted; nil for the system's.
	Roots *x509.CertPool
}

// handshakeTimeout bounds a connection and its handshake: a region that is lost does not answer.
const handshakeTimeout = 3 * time.Second

// ErrInvalid says that a certificate was presented which a browser would refuse: another name's, expired, or of nobody who is trusted.
var ErrInvalid = errors.New("the certificate is invalid")

// Until returns when the certificate ends that the server at an address, host:port, presents for a name. The error wraps ErrInvalid when
// the certificate is not good for the name now; after any other error nothing is known.
//
// The connection is direct: a proxy may present a certificate of its own.
func (p Presenter) Until(ctx context.Context, address, name string) (time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, handshakeTimeout)
	defer cancel()
	dialer := tls.Dialer{NetDialer: &net.Dialer{}, Config: &tls.Config{ServerName: name, RootCAs: p.Roots, MinVersion: tls.VersionTLS12}}
	connection, err := dialer.DialContext(ctx, "tcp", address)
	if refused := new(tls.CertificateVerificationError); errors.As(err, &refused) {
		return time.Time{}, fmt.Errorf("%w: %w", ErrInvalid, refused.Err)
	}
	if err != nil {
		return time.Time{}, err
	}
	defer connection.Close()
	until := time.Time{}
	for _, one := range connection.(*tls.Conn).ConnectionState().PeerCertificates {
		if until.IsZero() || one.NotAfter.Before(until) {
			until = one.NotAfter
		}
	}
	return until, nil
}
