package resolver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"
)

const name = "app.example.test"

// script is a name server whose answers are scripted.
type script struct {
	mu       sync.Mutex
	answers  map[string][]string // by name, records in the form of a zone file
	refuses  int
	silent   bool
	truncate bool
	asked    []string // networks
}

func (s *script) exchange(_ context.Context, question *dns.Msg, network string) (*dns.Msg, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, network)
	if s.silent {
		return nil, errors.New("nobody answers")
	}
	answer := new(dns.Msg).SetReply(question)
	answer.Rcode = s.refuses
	if s.truncate && network == "udp" {
		answer.Truncated = true
		return answer, nil
	}
	for _, line := range s.answers[question.Question[0].Name] {
		record, err := dns.NewRR(line)
		if err != nil {
			return nil, err
		}
		if record.Header().Rrtype == dns.TypeSOA {
			answer.Ns = append(answer.Ns, record)
		} else {
			answer.Answer = append(answer.Answer, record)
		}
	}
	return answer, nil
}

func (s *script) set(lines ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers = map[string][]string{}
	for _, line := range lines {
		owner := strings.Fields(line)[0]
		s.answers[owner] = append(s.answers[owner], line)
	}
}

func (s *script) times() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.asked)
}

func lookup(t *testing.T, c *Cache) string {
	t.Helper()
	answer, err := c.Lookup(t.Context(), name)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprint(answer.Addresses)
}

func TestCache(t *testing.T) {
	t.Run("an answer is cached for its TTL and no longer", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			server := &script{}
			server.set(name + ". 60 IN A 127.53.0.1")
			cache := New(server.exchange)
			for _, step := range []struct {
				wait time.Duration
				want string
				asks int
			}{
				{0, "[127.53.0.1]", 1},
				{59 * time.Second, "[127.53.0.1]", 1},
				{time.Second, "[127.53.0.2]", 2},
				{60 * time.Second, "[127.53.0.2]", 3},
			} {
				time.Sleep(step.wait)
				if got := lookup(t, cache); got != step.want || server.times() != step.asks {
					t.Errorf("the answer is %s after %d questions, want %s after %d", got, server.times(), step.want, step.asks)
				}
				server.set(name + ". 60 IN A 127.53.0.2")
			}
			server.silent = true
			time.Sleep(time.Minute)
			if got := lookup(t, cache); !strings.Contains(got, "nobody answers") {
				t.Errorf("what is stale is served: %s", got)
			}
			server.silent = false
			time.Sleep(failureTTL)
			if got := lookup(t, cache); got != "[127.53.0.2]" {
				t.Errorf("once it is back the server's answer is %s", got)
			}
		})
	})
	t.Run("an answer that comes as its caller gives up is cached", func(t *testing.T) {
		server := &script{}
		server.set(name + ". 60 IN A 127.53.0.1")
		ctx, cancel := context.WithCancel(t.Context())
		cache := New(func(ctx context.Context, question *dns.Msg, network string) (*dns.Msg, error) {
			cancel()
			return server.exchange(ctx, question, network)
		})
		if answer, err := cache.Lookup(ctx, name); err != nil || len(answer.Addresses) != 1 {
			t.Errorf("the answer is %v (%v)", answer.Addresses, err)
		}
	})
}

func TestQuery(t *testing.T) {
	for _, test := range []struct {
		name    string
		answers []string
		rcode   int
		want    string
		ttl     time.Duration
	}{
		{"two addresses", []string{name + ". 60 IN A 127.0.0.1", name + ". 30 IN A 127.0.0.2"}, 0, "[127.0.0.1 127.0.0.2]", 30 * time.Second},
		{
			"an alias in the same answer", []string{name + ". 300 IN CNAME b.test.", "b.test. 20 IN A 127.0.0.3"},
			0, "[127.0.0.3]", 20 * time.Second,
		},
		{"an alias that is short-lived", []string{name + ". 5 IN CNAME b.test.", "b.test. 20 IN A 127.0.0.3"}, 0, "[127.0.0.3]", 5 * time.Second},
		{"an alias to itself", []string{name + ". 5 IN CNAME " + name + "."}, 0, "no address", 0},
		{"an address of another name", []string{"other.test. 5 IN A 127.0.0.9"}, 0, "no address", 0},
		{
			"nothing, for a time", []string{name + ". 900 IN SOA ns.test. me.test. 1 7200 900 1209600 40"},
			dns.RcodeNameError, "no address", 40 * time.Second,
		},
		{"a server that fails", nil, dns.RcodeServerFailure, "SERVFAIL", failureTTL},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := &script{refuses: test.rcode}
			server.set(test.answers...)
			for _, line := range test.answers { // all in one answer, whatever their owner
				if !strings.HasPrefix(line, name) {
					server.answers[name+"."] = append(server.answers[name+"."], line)
				}
			}
			answer, ttl, err := Query(t.Context(), server.exchange, name)
			got := fmt.Sprint(answer.Addresses)
			if err != nil {
				got = err.Error()
			}
			if !strings.Contains(got, test.want) || ttl != test.ttl {
				t.Errorf("it means %s for %s, want %s for %s", got, ttl, test.want, test.ttl)
			}
		})
	}
}

func TestQueryAliases(t *testing.T) {
	t.Run("aliases are followed over several answers", func(t *testing.T) {
		server := &script{}
		server.set(name+". 300 IN CNAME b.test.", "b.test. 300 IN CNAME c.test.", "c.test. 7 IN A 127.0.0.4")
		answer, ttl, err := Query(t.Context(), server.exchange, name)
		if err != nil || fmt.Sprint(answer.Addresses) != "[127.0.0.4]" || ttl != 7*time.Second {
			t.Errorf("it comes to %v for %s (%v)", answer.Addresses, ttl, err)
		}
	})
}

func TestQueryNetwork(t *testing.T) {
	t.Run("UDP is tried first, and TCP after a truncated answer", func(t *testing.T) {
		server := &script{truncate: true}
		server.set(name + ". 60 IN A 127.0.0.1")
		if _, _, err := Query(t.Context(), server.exchange, name); err != nil || fmt.Sprint(server.asked) != "[udp tcp]" {
			t.Errorf("asked by %v (%v), want udp, then tcp", server.asked, err)
		}
		silent := &script{silent: true}
		if _, _, err := Query(t.Context(), silent.exchange, name); err == nil || fmt.Sprint(silent.asked) != "[udp udp]" {
			t.Errorf("who is silent is asked by %v (%v), want udp twice", silent.asked, err)
		}
	})
}

func TestNewExchange(t *testing.T) {
	t.Run("a server is asked over the network", func(t *testing.T) {
		packets, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		server := &dns.Server{PacketConn: packets, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, question *dns.Msg) {
			answer := new(dns.Msg).SetReply(question)
			record, _ := dns.NewRR(name + ". 60 IN A 127.53.0.1")
			answer.Answer = append(answer.Answer, record)
			w.WriteMsg(answer)
		})}
		ended := make(chan error, 1)
		go func() { ended <- server.ActivateAndServe() }()
		cache := New(NewExchange(packets.LocalAddr().String()))
		if got := lookup(t, cache); got != "[127.53.0.1]" {
			t.Errorf("the answer is %s", got)
		}
		if err := server.Shutdown(); err != nil {
			t.Error(err)
		}
		<-ended
		if got := lookup(t, cache); got != "[127.53.0.1]" {
			t.Errorf("within the TTL the answer is %s, although the server is gone", got)
		}
	})
}
