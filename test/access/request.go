package access

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"
)

// attemptTimeout bounds a connection.
const attemptTimeout = 3 * time.Second

// answerLimit bounds what is read of a response, in bytes: a page of records is half a megabyte at most.
const answerLimit = 1 << 20

// addressKey is the context's key of the address that a request goes to.
type addressKey struct{}

func withAddress(ctx context.Context, address netip.Addr) context.Context {
	return context.WithValue(ctx, addressKey{}, address)
}

// Transport returns an HTTP transport that connects to the address that a name was resolved to, by the request's own port or,
// when port is not empty, by that. It uses no proxy and keeps no connection.
func Transport(port string) http.RoundTripper {
	transport := KeepAlive(port)
	transport.DisableKeepAlives = true
	return transport
}

// KeepAlive is Transport that keeps its connections. One that is open is used whatever address the context has.
func KeepAlive(port string) *http.Transport {
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

// Request is a request to the application by an address of its name.
type Request struct {
	Method, URL string
	Address     netip.Addr
	Token       string // none when empty
	JSON        []byte // the body, none when nil
	// Header has further headers by name.
	Header map[string]string
}

// Answer is a response of which a megabyte at most was read.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Send sends a request. The answer has a status also when the error is that its body could not be read.
func Send(ctx context.Context, transport http.RoundTripper, r Request) (Answer, error) {
	var body io.Reader
	if r.JSON != nil {
		body = bytes.NewReader(r.JSON)
	}
	request, err := http.NewRequestWithContext(withAddress(ctx, r.Address), r.Method, r.URL, body)
	if err != nil {
		return Answer{}, err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if r.Token != "" {
		request.Header.Set("Authorization", "Bearer "+r.Token)
	}
	for name, value := range r.Header {
		request.Header.Set(name, value)
	}
	return exchange(transport, request)
}

// Start is the beginning of the body, for a message.
func (a Answer) Start() string { return strings.TrimSpace(string(a.Body[:min(len(a.Body), 200)])) }

// exchange sends a request and reads the answer.
func exchange(transport http.RoundTripper, request *http.Request) (Answer, error) {
	response, err := transport.RoundTrip(request)
	if err != nil {
		return Answer{}, err
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, answerLimit))
	if err = errors.Join(err, response.Body.Close()); err != nil {
		err = fmt.Errorf("reading the answer %d: %w", response.StatusCode, err)
	}
	return Answer{response.StatusCode, response.Header, body}, err
}
