package client

import (
	"context"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"warmstandby/test/access"
	"warmstandby/test/drill/evidence"
)

const (
	// userInterval is how often a user beside the client writes: what each of them adds to the load is a fifth of the client's.
	userInterval = time.Second
	// keptConnection is for how long the load balancer keeps a client's connection (Application Load Balancers, "HTTP client keepalive
	// duration", which the platform sets to 180 s). The emulator's does not close it, so the user does.
	keptConnection = 180 * time.Second
	// keptAddress is for how long a user caches an address whose TTL is 60 s: a resolver with a floor of its own, or a program that
	// resolves when it starts a unit of work.
	keptAddress = 5 * time.Minute
	// The numbers of each kind of user begin far above those of the client, which are some thousands.
	firstOfConnection = 1_000_000
	firstOfAddress    = 2_000_000
)

// Users returns the kinds of user that keep something, as programs beside the client: one that keeps its connection, and one that
// keeps the address. They read nothing back. Each writes numbers of its own, under the same keys as the client does.
func (c *Client) Users(port string) []*Client {
	user := func(kind evidence.User, first int, names Names, transport http.RoundTripper) *Client {
		return &Client{
			URL: c.URL, Names: names, Token: c.Token, HTTP: transport, Log: c.Log, Name: c.Name,
			user: kind, interval: userInterval, firstNumber: first,
		}
	}
	transport := access.KeepAlive(port)
	connection := newKeptTransport(c.Names, transport, transport.CloseIdleConnections)
	return []*Client{
		user(evidence.KeepsConnection, firstOfConnection, &connection.kept, connection),
		user(evidence.KeepsAddress, firstOfAddress, &kept{names: c.Names, duration: keptAddress}, c.HTTP),
	}
}

// record notes an attempt of the client, or of the kind of user that this is.
func (c *Client) record(a evidence.Attempt) {
	if c.user == "" {
		c.Log.AddAttempt(a)
		return
	}
	c.Log.AddUserAttempt(c.user, a)
}

// kept is Names that asks once and keeps the answer for a time.
type kept struct {
	names    Names
	duration time.Duration
	renew    func() // called before another answer is asked for; nil does nothing

	mu      sync.Mutex
	since   time.Time // of the answer, zero when there is none
	address netip.Addr
	region  string
}

// Address implements Names.
func (k *kept) Address(ctx context.Context, name string) (netip.Addr, string, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.since.IsZero() && time.Since(k.since) < k.duration {
		return k.address, k.region, nil
	}
	if k.renew != nil {
		k.renew()
	}
	address, region, err := k.names.Address(ctx, name)
	if err != nil {
		return netip.Addr{}, "", err
	}
	k.since, k.address, k.region = time.Now(), address, region
	return address, region, nil
}

// forget has the next request ask again.
func (k *kept) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.since = time.Time{}
}

// keptTransport keeps its connection until it breaks, and the address with it.
type keptTransport struct {
	base http.RoundTripper
	kept kept
}

// newKeptTransport returns a transport whose names are kept with its connection; end closes what is open.
func newKeptTransport(names Names, base http.RoundTripper, end func()) *keptTransport {
	return &keptTransport{base: base, kept: kept{names: names, duration: keptConnection, renew: end}}
}

// RoundTrip implements http.RoundTripper. A request that got no answer ends the connection; one that was answered badly does not.
func (t *keptTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := t.base.RoundTrip(r)
	if err != nil {
		t.kept.forget()
	}
	return response, err
}
