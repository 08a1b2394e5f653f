package nameserver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"
)

const (
	// tryTimeout is for one try over UDP, of which nobody says that it was lost. A name server answers in tens of milliseconds.
	tryTimeout = 700 * time.Millisecond
	// udpTries are made before the question is asked over TCP.
	udpTries = 2
	// udpSize is how large an answer over UDP may be, in bytes (DNS Flag Day 2020): what is larger is truncated, and asked over TCP.
	udpSize = 1232
	// aliases is how many CNAMEs are followed within an answer at most.
	aliases = 8
	// port is where name servers listen.
	port = "53"
)

// address is one that a name leads to. The load balancers have IPv4 addresses alone.
type address = netip.Addr

// asker asks name servers. override is the host:port at which all are asked; empty, each is asked at its own address.
type asker struct{ override string }

// addresses returns the IPv4 addresses of a name, as a server that is authoritative for it answers.
func (a asker) addresses(ctx context.Context, server, name string) ([]address, error) {
	endpoints, err := a.endpoints(ctx, server)
	if err != nil {
		return nil, err
	}
	question := new(dns.Msg).SetQuestion(dns.Fqdn(strings.ToLower(name)), dns.TypeA)
	question.RecursionDesired = false
	question.SetEdns0(udpSize, false)
	answer, err := exchange(ctx, question, endpoints)
	if err != nil {
		return nil, err
	}
	return read(question, answer)
}

// endpoints returns the host:port pairs at which a server is asked, IPv4 first: a function outside a VPC has no route to IPv6.
func (a asker) endpoints(ctx context.Context, server string) ([]string, error) {
	if a.override != "" {
		return []string{a.override}, nil
	}
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", strings.TrimSuffix(server, "."))
	if err != nil {
		return nil, fmt.Errorf("its address is not found: %w", err)
	}
	slices.SortStableFunc(found, func(a, b netip.Addr) int { return a.Unmap().BitLen() - b.Unmap().BitLen() })
	var endpoints []string
	for _, ip := range found {
		endpoints = append(endpoints, net.JoinHostPort(ip.Unmap().String(), port))
	}
	return endpoints, nil
}

// exchange asks over UDP, and over TCP what was truncated or not answered.
func exchange(ctx context.Context, question *dns.Msg, endpoints []string) (*dns.Msg, error) {
	if len(endpoints) == 0 {
		return nil, errors.New("it has no address")
	}
	var last error
	for try := range udpTries + 1 {
		network := "udp"
		if try == udpTries {
			network = "tcp"
		}
		endpoint := endpoints[try%len(endpoints)]
		answer, err := send(ctx, question, network, endpoint)
		if err == nil && answer.Truncated && network == "udp" {
			answer, err = send(ctx, question, "tcp", endpoint)
		}
		if err == nil {
			return answer, nil
		}
		if last = err; ctx.Err() != nil {
			break
		}
	}
	return nil, last
}

// send asks once. The error of a timeout is "no answer", without addresses that change from try to try.
func send(ctx context.Context, question *dns.Msg, network, endpoint string) (*dns.Msg, error) {
	client := dns.Client{Net: network, Timeout: tryTimeout, UDPSize: udpSize}
	answer, _, err := client.ExchangeContext(ctx, question, endpoint)
	var slow net.Error
	switch {
	case errors.As(err, &slow) && slow.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return nil, errors.New("no answer")
	case err != nil:
		return nil, fmt.Errorf("asking over %s: %w", network, err)
	}
	return answer, nil
}

// read returns the addresses in an answer that is authoritative and whole.
func read(question, answer *dns.Msg) ([]address, error) {
	name := question.Question[0].Name
	switch {
	case len(answer.Question) != 1 || !strings.EqualFold(answer.Question[0].Name, name) || answer.Question[0].Qtype != dns.TypeA:
		return nil, errors.New("it answers another question")
	case answer.Rcode != dns.RcodeSuccess:
		return nil, fmt.Errorf("it answers %s for %s", dns.RcodeToString[answer.Rcode], name)
	case !answer.Authoritative:
		return nil, fmt.Errorf("it does not serve the zone of %s", name)
	case answer.Truncated:
		return nil, fmt.Errorf("its answer for %s is truncated", name)
	}
	for range aliases {
		found, next := addressesOf(answer.Answer, name)
		if len(found) > 0 {
			return found, nil
		}
		if name = next; name == "" {
			break
		}
	}
	return nil, fmt.Errorf("it has no address for %s", question.Question[0].Name)
}

// addressesOf returns the addresses of a name among records, and the name that it is an alias of; empty when it is none.
func addressesOf(records []dns.RR, name string) (found []address, alias string) {
	for _, record := range records {
		if !strings.EqualFold(record.Header().Name, name) {
			continue
		}
		switch record := record.(type) {
		case *dns.A:
			if one, ok := netip.AddrFromSlice(record.A.To4()); ok {
				found = append(found, one)
			}
		case *dns.CNAME:
			alias = record.Target
		}
	}
	return found, alias
}
