package route53

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// What a checker waits for, and how much of a body it searches.
// AWS: Amazon Route 53 Developer Guide, "How Amazon Route 53 determines whether a health check is healthy".
const (
	connectTimeout  = 4 * time.Second
	statusTimeout   = 2 * time.Second // after the connection
	bodyTimeout     = 2 * time.Second // after the status
	maxSearchedBody = 5120            // bytes
)

// dialer connects to an endpoint.
type dialer func(context.Context) (net.Conn, error)

// probe runs the check once: one request on a connection of its own. A redirect counts as healthy and is not followed.
func (c Check) probe(ctx context.Context, dial dialer) Observation {
	reason, healthy := c.exchange(ctx, dial)
	return Observation{Healthy: healthy, Status: reason, Checked: time.Now().UTC()}
}

func (c Check) exchange(ctx context.Context, dial dialer) (reason string, healthy bool) {
	connectCtx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	endpoint, err := dial(connectCtx)
	if err != nil {
		return "Failure: The endpoint cannot be connected to: " + describeConnError(err), false
	}
	defer endpoint.Close()
	defer context.AfterFunc(ctx, func() { endpoint.Close() })()
	endpoint.SetDeadline(time.Now().Add(statusTimeout)) // its only error is that the connection is closed, which the next use says
	connection := endpoint
	if c.usesTLS() {
		if connection, err = c.handshake(ctx, endpoint); err != nil {
			return "Failure: The handshake of TLS failed: " + describeConnError(err), false
		}
	}
	request, err := c.request()
	if err != nil {
		return "Failure: " + err.Error(), false
	}
	if err := request.Write(connection); err != nil {
		return "Failure: The request could not be sent: " + describeConnError(err), false
	}
	response, err := http.ReadResponse(bufio.NewReader(connection), request)
	if err != nil {
		return "Failure: No response: " + describeConnError(err), false
	}
	defer response.Body.Close()
	status := fmt.Sprintf("HTTP Status Code %d, %s", response.StatusCode, http.StatusText(response.StatusCode))
	if response.StatusCode < 200 || response.StatusCode > 399 {
		return "Failure: " + status, false
	}
	if c.searchesBody() {
		connection.SetDeadline(time.Now().Add(bodyTimeout))
		body, err := io.ReadAll(io.LimitReader(response.Body, maxSearchedBody))
		if !bytes.Contains(body, []byte(c.Search)) {
			return fmt.Sprintf(
				"Failure: %s. The first %d bytes of the body do not contain the string (%s)",
				status,
				len(body),
				describeConnError(err),
			), false
		}
	}
	return "Success: " + status, true
}

// handshake begins TLS. Checkers verify no certificate: it may be of another name, or expired. AWS: Amazon Route 53 Developer Guide,
// "How Amazon Route 53 determines whether a health check is healthy", HTTPS health checks.
func (c Check) handshake(ctx context.Context, endpoint net.Conn) (net.Conn, error) {
	configuration := &tls.Config{MinVersion: tls.VersionTLS10, InsecureSkipVerify: true}
	if c.SNI {
		configuration.ServerName = c.Host
	}
	secure := tls.Client(endpoint, configuration)
	return secure, secure.HandshakeContext(ctx)
}

// request is the checker's request. The Host header has a port that is not the protocol's own. AWS: Amazon Route 53 API Reference,
// HealthCheckConfig, FullyQualifiedDomainName.
func (c Check) request() (*http.Request, error) {
	host := c.Host
	if host == "" {
		host = c.IP
	}
	if c.Port != DefaultPort(c.usesTLS()) {
		host = net.JoinHostPort(host, strconv.Itoa(c.Port))
	}
	request, err := http.NewRequest(http.MethodGet, "http://"+host+"/"+strings.TrimPrefix(c.Path, "/"), nil)
	if err != nil {
		return nil, fmt.Errorf("the check's host and path make no request: %w", err)
	}
	// AWS: Amazon Route 53 Developer Guide, "Updating or deleting health checks", how to find a health check by its requests.
	request.Header.Set("User-Agent", "Amazon-Route53-Health-Check-Service (ref "+c.ID+"; report http://amzn.to/1vsZADi)")
	request.Close = true
	return request, nil
}

// describeConnError describes a connection's error without addresses, which are arbitrary here.
func describeConnError(err error) string {
	var timeout net.Error
	switch {
	case err == nil:
		return "it has no more"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "timed out"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection was closed"
	}
	return err.Error()
}

var (
	errNoListener = errors.New("no listener of the load balancer has that port and protocol")
	errOutside    = errors.New("the local AWS emulator has nothing at that address, and asks nobody else")
	errNoTLS      = errors.New("the local AWS emulator checks HTTPS of load balancers only")
)

// dial returns how a checker connects to an endpoint: like a user's request, to the load balancer that the endpoint's name
// resolves to. Other endpoints must be on loopback: the emulator opens no connection to the outside.
func (p *Plane) dial(c Check) dialer {
	to, err := p.endpointSocket(c)
	if err != nil {
		return func(context.Context) (net.Conn, error) { return nil, err }
	}
	return func(ctx context.Context) (net.Conn, error) {
		var outgoing net.Dialer
		return outgoing.DialContext(ctx, "tcp", to)
	}
}

// endpointSocket returns the host:port of a check's endpoint.
func (p *Plane) endpointSocket(c Check) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	name := canonicalName(c.Host)
	var address netip.Addr
	if c.IP != "" || p.state.balancer(name) == nil {
		var err error
		if address, err = p.resolveEndpoint(c); err != nil {
			return "", err
		}
		name = p.listeners.nameOf(address)
	}
	if balancer := p.state.balancer(name); balancer != nil {
		if listener, ok := balancer.Listener(c.Port); !ok || listener.UsesTLS() != c.usesTLS() {
			return "", errNoListener
		}
		return p.listeners.socket(name)
	}
	switch {
	case !address.IsLoopback():
		return "", errOutside
	case c.usesTLS():
		return "", errNoTLS
	}
	return netip.AddrPortFrom(address, uint16(c.Port)).String(), nil
}

// resolveEndpoint resolves a check's endpoint in the hosted zones. The caller holds mu.
func (p *Plane) resolveEndpoint(c Check) (netip.Addr, error) {
	if c.IP != "" {
		return netip.ParseAddr(c.IP)
	}
	result, err := p.view().resolve(canonicalName(c.Host), typeA)
	if err != nil {
		return netip.Addr{}, err
	}
	for _, record := range result.answer {
		if address, ok := addressOfRecord(record); ok {
			return address, nil
		}
	}
	return netip.Addr{}, fmt.Errorf("no zone of the local AWS emulator has an address of %s", c.Host)
}
