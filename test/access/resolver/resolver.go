// Package resolver is a caching resolver like that of a user's provider. It asks over UDP, and over TCP if the answer is truncated,
// and caches each answer for exactly its TTL.
//
// RFC 8767 lets resolvers serve stale answers when the authority does not answer. This one does not, so that a drill measures the
// effect of the records' TTL.
package resolver

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"
)

const (
	// exchangeTimeout bounds one question. Resolvers have 5 s (resolv.conf(5), timeout); a drill asks more often.
	exchangeTimeout = 2 * time.Second
	// udpAttempts is how often a question is sent over UDP, which does not report a lost packet.
	udpAttempts = 2
	// maxAliases limits the length of a chain of CNAMEs.
	maxAliases = 8
	// failureTTL is how long a failure is cached: RFC 2308, section 7.1, allows up to five minutes and demands nothing.
	failureTTL = time.Second
)

// ErrNoAddress reports that the name has no address, or does not exist.
var ErrNoAddress = errors.New("no address")

// Answer is the addresses of a name.
type Answer struct {
	Addresses []netip.Addr
	Until     time.Time // when its TTL ends
}

// Exchange sends a question over a network, "udp" or "tcp".
type Exchange func(ctx context.Context, question *dns.Msg, network string) (*dns.Msg, error)

// NewExchange returns the exchange with a name server at host:port.
func NewExchange(server string) Exchange {
	return func(ctx context.Context, question *dns.Msg, network string) (*dns.Msg, error) {
		answer, _, err := (&dns.Client{Net: network, Timeout: exchangeTimeout}).ExchangeContext(ctx, question, server)
		return answer, err
	}
}

// Cache is a caching resolver. Its methods may be called concurrently; concurrent lookups of one name share one query.
type Cache struct {
	exchange Exchange
	mu       sync.Mutex
	names    map[string]*entry
}

type entry struct {
	asking sync.Mutex
	answer Answer
	err    error
	until  time.Time
}

// New returns an empty cache over an exchange.
func New(exchange Exchange) *Cache { return &Cache{exchange: exchange, names: map[string]*entry{}} }

// Lookup returns the IPv4 addresses of a name, from the cache while their TTL lasts. The error wraps ErrNoAddress if there are
// none.
func (c *Cache) Lookup(ctx context.Context, name string) (Answer, error) {
	c.mu.Lock()
	cached := c.names[name]
	if cached == nil {
		cached = &entry{}
		c.names[name] = cached
	}
	c.mu.Unlock()
	cached.asking.Lock()
	defer cached.asking.Unlock()
	if time.Now().Before(cached.until) {
		return cached.answer, cached.err
	}
	asked := time.Now()
	answer, ttl, err := Query(ctx, c.exchange, name)
	if err != nil && ctx.Err() != nil {
		return Answer{}, err // the caller gave up; the server has not failed
	}
	cached.until = asked.Add(ttl)
	answer.Until = cached.until
	cached.answer, cached.err = answer, err
	return answer, err
}

// Query asks without a cache. It returns how long the answer, or the lack of an address, may be cached.
func Query(ctx context.Context, exchange Exchange, name string) (Answer, time.Duration, error) {
	asked, ttl := dns.Fqdn(strings.ToLower(name)), time.Duration(-1)
	for range maxAliases {
		message, err := send(ctx, exchange, asked)
		if err != nil {
			return Answer{}, failureTTL, fmt.Errorf("resolving %s: %w", name, err)
		}
		if message.Rcode != dns.RcodeSuccess && message.Rcode != dns.RcodeNameError {
			return Answer{}, failureTTL, fmt.Errorf("resolving %s: the server answers %s", name, dns.RcodeToString[message.Rcode])
		}
		addresses, target, minTTL := followAliases(message, asked)
		if minTTL >= 0 && (ttl < 0 || minTTL < ttl) {
			ttl = minTTL
		}
		switch {
		case len(addresses) > 0:
			return Answer{Addresses: addresses}, ttl, nil
		case target == asked:
			return Answer{}, negativeTTL(message), fmt.Errorf("resolving %s: %w", name, ErrNoAddress)
		}
		asked = target
	}
	return Answer{}, failureTTL, fmt.Errorf("resolving %s: more than %d aliases lead on", name, maxAliases)
}

// send asks over UDP, again without a response, and over TCP if the response is truncated.
func send(ctx context.Context, exchange Exchange, name string) (*dns.Msg, error) {
	question := new(dns.Msg).SetQuestion(name, dns.TypeA)
	var faults []error
	for range udpAttempts {
		answer, err := exchange(ctx, question, "udp")
		if err == nil && answer.Truncated {
			answer, err = exchange(ctx, question, "tcp")
		}
		if err == nil {
			return answer, nil
		}
		faults = append(faults, err)
		if ctx.Err() != nil {
			break
		}
	}
	return nil, errors.Join(faults...)
}

// followAliases follows the aliases in a response. It returns the addresses, or else the name at which the response ends, and
// the least TTL of the records used, below zero without one.
func followAliases(message *dns.Msg, name string) (addresses []netip.Addr, end string, minTTL time.Duration) {
	minTTL = -1
	cached := func(header *dns.RR_Header) {
		if ttl := time.Duration(header.Ttl) * time.Second; minTTL < 0 || ttl < minTTL {
			minTTL = ttl
		}
	}
	for range maxAliases {
		next := ""
		for _, record := range message.Answer {
			if !strings.EqualFold(record.Header().Name, name) {
				continue
			}
			switch record := record.(type) {
			case *dns.A:
				if address, ok := netip.AddrFromSlice(record.A.To4()); ok {
					addresses = append(addresses, address)
					cached(record.Header())
				}
			case *dns.CNAME:
				next = strings.ToLower(record.Target)
				cached(record.Header())
			}
		}
		if len(addresses) > 0 || next == "" {
			return addresses, name, minTTL
		}
		name = next
	}
	return nil, name, minTTL
}

// negativeTTL is how long the lack of an address may be cached: RFC 2308, section 5.
func negativeTTL(message *dns.Msg) time.Duration {
	for _, record := range message.Ns {
		if authority, ok := record.(*dns.SOA); ok {
			return time.Duration(min(authority.Minttl, authority.Hdr.Ttl)) * time.Second
		}
	}
	return 0
}
