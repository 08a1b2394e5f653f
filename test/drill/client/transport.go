package client

import (
	"bytes"
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

// Ask sends a GET for the URL to an address, or a POST of the JSON when that is not nil, with a token when that is not empty. The
// caller closes the answer's body.
func Ask(
	ctx context.Context, transport http.RoundTripper, url string, address netip.Addr, token string, json []byte,
) (*http.Response, error) {
	method := http.MethodGet
	if json != nil {
		method = http.MethodPost
	}
	request, err := http.NewRequestWithContext(withAddress(ctx, address), method, url, bytes.NewReader(json))
	if err != nil {
		return nil, err
	}
	if json != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	return transport.RoundTrip(request)
}
