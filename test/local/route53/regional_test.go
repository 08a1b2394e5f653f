package route53

import (
	"context"
	"io"
	"log"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// A question of a lost region gets no answer, which a client sees as a timeout, while others are answered.
func TestOnlyALostRegionCannotAskTheNameServers(t *testing.T) {
	const unanswered = 300 * time.Millisecond // of an answer that takes none: far longer than one on loopback
	var lost atomic.Value                     // a string, which the servers read
	p, err := New(Options{
		Read:    func(context.Context) (Snapshot, error) { return Snapshot{}, nil },
		Regions: []string{"us-east-1", "us-west-2"}, Lost: func(region string) bool { return region == lost.Load() },
		Serve: func(Balancer) http.Handler { return http.NotFoundHandler() }, Log: log.New(io.Discard, "", 0),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	p.apply(failoverSnapshot(record("txt.app.test.", "A", "192.0.2.1")), testTime)
	if len(p.Addresses()) != 2 {
		t.Fatalf("the addresses are %v, want one for each region", p.Addresses())
	}
	for _, unreachable := range []string{"", "us-east-1", "us-west-2"} {
		lost.Store(unreachable)
		for region, address := range p.Addresses() {
			for _, network := range []string{"udp", "tcp"} {
				request := new(dns.Msg)
				request.SetQuestion("txt.app.test.", dns.TypeA)
				client := dns.Client{Net: network, Timeout: unanswered}
				reply, _, err := client.ExchangeContext(t.Context(), request, address)
				if answered := err == nil && len(reply.Answer) == 1; answered != (region != unreachable) {
					t.Errorf("with %q lost %s is answered by %s: %t, %v", unreachable, region, network, answered, err)
				}
			}
		}
	}
}
