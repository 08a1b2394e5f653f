package client

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
)

// addressKey is the context's key of the address that a request goes to.
type addressKey struct{}

func withAddress(ctx context.Context, address netip.Addr) context.Context {
	return context.WithValue(ctx, addressKey{}, address)
}

// Transport returns an HTTP transport that connects to the address that a name was resolved to, by the request's own port or,
// when port is not empty, by that. It uses no proxy and keeps no connection.
func Transport(port string) http.RoundTripper {
	transport := keepAliveTransport(port)
	transport.DisableKeepAlives = true
	return transport
}

// keepAliveTransport is Transport that keeps its connections. One that is open is used whatever address the context has.
func keepAliveTransport(port string) *http.Transport {
	dialer := net.Dialer{Timeout: attemptTimeout}
	return &http.Transport{
		DialContext: func(ctx context.Context, network, host string) (net.Conn, error) {
			address, ok := ctx.Value(addressKey{}).(netip.Addr)
			if !ok {
				return nil, errors.New("the host was not resolved: " + host)
			}
			_, to, err := net.SplitHostPort(host)
			if err != nil {
				return nil, err
			}
			if port != "" {
				to = port
			}
			return dialer.DialContext(ctx, network, net.JoinHostPort(address.String(), to))
		},
	}
}

// Get sends a GET for the URL to an address, with a token when that is not empty. The caller closes the answer's body.
func Get(ctx context.Context, transport http.RoundTripper, url string, address netip.Addr, token string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(withAddress(ctx, address), http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	return transport.RoundTrip(request)
}
