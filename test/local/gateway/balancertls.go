package gateway

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"

	"warmstandby/test/local/certificate"
	"warmstandby/test/local/fault"
	"warmstandby/test/local/route53"
	"warmstandby/test/local/securelistener"
)

// listenerCertificates are the certificates of listeners, which the emulator's ACM describes and does not make.
type listenerCertificates struct {
	issuer *certificate.Balancers // nil: load balancers speak no TLS

	mu    sync.Mutex
	names map[string][]string // by ARN; the names of a certificate never change
}

// Certificate returns the certificate with which a load balancer's listener speaks TLS, for the names that ACM has issued it for. AWS:
// Application Load Balancers, "SSL certificates for your Application Load Balancer".
func (g *Gateway) Certificate(ctx context.Context, balancer route53.Balancer, listener route53.Listener) (*tls.Certificate, error) {
	if g.certificates.issuer == nil {
		return nil, errors.New("this instance issues no certificates of load balancers")
	}
	names, err := g.certificateNames(ctx, balancer.Region, listener.Certificate)
	if err != nil {
		return nil, fmt.Errorf("listener %d of load balancer %s: %w", listener.Port, balancer.Name, err)
	}
	return g.certificates.issuer.For(names)
}

// certificateNames returns the names that a certificate of ACM is for.
func (g *Gateway) certificateNames(ctx context.Context, region, arn string) ([]string, error) {
	g.certificates.mu.Lock()
	defer g.certificates.mu.Unlock()
	if kept, ok := g.certificates.names[arn]; ok {
		return kept, nil
	}
	var described struct {
		Certificate struct {
			DomainName, Status      string
			SubjectAlternativeNames []string
		}
	}
	asked := map[string]string{"CertificateArn": arn}
	if err := g.callJSON(ctx, region, "acm", "CertificateManager.DescribeCertificate", asked, &described); err != nil {
		return nil, fmt.Errorf("asking for certificate %s: %w", arn, err)
	}
	names := described.Certificate.SubjectAlternativeNames
	if len(names) == 0 && described.Certificate.DomainName != "" {
		names = []string{described.Certificate.DomainName}
	}
	if status := described.Certificate.Status; status != "ISSUED" || len(names) == 0 {
		return nil, fmt.Errorf("certificate %s is %s, for the names %q", arn, status, names)
	}
	if g.certificates.names == nil {
		g.certificates.names = map[string][]string{}
	}
	g.certificates.names[arn] = names
	return names, nil
}

// tunnelHandler answers CONNECT, by which a client of a proxy reaches what speaks TLS: a load balancer by a name of a hosted zone. The
// tunnel ends here, where the load balancer does.
func (g *Gateway) tunnelHandler(r *http.Request) http.Handler {
	balancer, port, refused := g.zoneListener(r.URL, route53.DefaultPort(true))
	if refused != nil {
		return *refused
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		call := &Call{Request: r, Region: balancer.Region, viaLoadBalancer: true}
		if _, lost := g.faults.Find(balancer.Region, fault.Unreachable); lost || g.separated(call) {
			g.hang(w, call)
			return
		}
		connection, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			g.respondUnavailable(w, r, fmt.Errorf("opening a tunnel to %s: %w", r.Host, err))
			return
		}
		if _, err := io.WriteString(connection, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
			connection.Close() // the client has gone
			return
		}
		g.serveTunnel(securelistener.NewConn(connection, buffered, g.tunnelTLS(balancer, port)), balancer, port, r.Header.Get(proxyCredentials))
	})
}

// tunnelTLS has the certificate of the listener at the end of a tunnel.
func (g *Gateway) tunnelTLS(balancer route53.Balancer, port int) *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		listener, ok := balancer.Listener(port)
		if !ok || !listener.UsesTLS() {
			return nil, fmt.Errorf("listener %d of load balancer %s speaks no TLS", port, balancer.Name)
		}
		return g.Certificate(hello.Context(), balancer, listener)
	}}
}

// serveTunnel serves the requests of one tunnel. They come from where the tunnel does.
func (g *Gateway) serveTunnel(connection net.Conn, balancer route53.Balancer, port int, origin string) {
	server := &http.Server{
		ConnContext: securelistener.Context, ErrorLog: g.log,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Header.Del(proxyCredentials)
			if origin != "" {
				r.Header.Set(proxyCredentials, origin)
			}
			g.balancerAt(balancer, port).ServeHTTP(w, r)
		}),
	}
	if err := server.Serve(&oneConnection{connection: connection}); !errors.Is(err, net.ErrClosed) {
		g.log.Printf("serving a tunnel to load balancer %s: %v", balancer.Name, err)
	}
}

// oneConnection is a listener of one connection, which outlives it.
type oneConnection struct{ connection net.Conn }

// Accept implements net.Listener.
func (l *oneConnection) Accept() (net.Conn, error) {
	connection := l.connection
	if connection == nil {
		return nil, net.ErrClosed
	}
	l.connection = nil
	return connection, nil
}

// Close implements net.Listener.
func (l *oneConnection) Close() error { return nil }

// Addr implements net.Listener.
func (l *oneConnection) Addr() net.Addr { return &net.TCPAddr{} }
