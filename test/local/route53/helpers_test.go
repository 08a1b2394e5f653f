package route53

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// The load balancers of the tests' two regions.
const (
	eastBalancer = "alb-east-1.us-east-1.elb.amazonaws.com."
	westBalancer = "alb-west-1.us-west-2.elb.amazonaws.com."
)

// testTime is a moment at which nothing of the tests is due.
var testTime = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// newZone returns a zone with the SOA and NS that Route 53 puts into a new zone.
func newZone(name string, sets ...RecordSet) Zone {
	return Zone{ID: "Z" + name, Name: name, Sets: append([]RecordSet{
		{Name: name, Type: "SOA", TTL: 900, Values: []string{"ns-1.awsdns-1.com. hostmaster.example. 1 7200 900 1209600 86400"}},
		{Name: name, Type: "NS", TTL: 172800, Values: []string{"ns-1.awsdns-1.com.", "ns-2.awsdns-2.net."}},
	}, sets...)}
}

func record(name, kind string, values ...string) RecordSet {
	return RecordSet{Name: name, Type: kind, TTL: 300, Values: values}
}

func alias(name, target string, evaluate bool) RecordSet {
	return RecordSet{Name: name, Type: "A", Alias: &Alias{Name: target, Evaluate: evaluate}}
}

// failoverSet returns a set as a part of a failover, with a health check.
func failoverSet(set RecordSet, failover, check string) RecordSet {
	set.Failover, set.ID, set.CheckID = failover, strings.ToLower(failover), check
	return set
}

func httpCheck(id string) Check {
	return Check{ID: id, Version: 1, Kind: kindHTTP, Host: "alb", Port: 80, Path: "/readyz", Interval: 30 * time.Second, Threshold: 3}
}

func newBalancer(region, name string) Balancer {
	return Balancer{
		ARN: "arn:" + name, Name: strings.SplitN(name, ".", 2)[0], Region: region, DNSName: name,
		Listeners: []Listener{{Port: 80, Protocol: "HTTP"}},
		Groups:    []Group{{ARN: "arn:group:" + region, Interval: 35 * time.Second, Healthy: 2, Unhealthy: 2}},
	}
}

// newPlane returns a plane of a snapshot that only the test changes, and its log. Its load balancers have addresses and
// sockets.
func newPlane(t testing.TB, of Snapshot) (*Plane, *strings.Builder) {
	t.Helper()
	logs := new(strings.Builder)
	p, err := New(Options{
		Read:    func(context.Context) (Snapshot, error) { return of, nil },
		Targets: func(context.Context, string, string) (int, int, error) { return 1, 1, nil },
		Serve: func(b Balancer) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				fmt.Fprintf(w, "%s asked for %s of %s", b.Name, r.URL.Path, r.Host)
			})
		},
		Log: log.New(logs, "", 0),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	p.apply(of, testTime)
	return p, logs
}

// address is that of a load balancer.
func (p *Plane) mustAddress(t testing.TB, balancer string) netip.Addr {
	t.Helper()
	address, err := p.listeners.addressOf(balancer)
	if err != nil {
		t.Fatal(err)
	}
	return address
}

// ask asks a plane without a network and returns its answer in the form of a table's cell: "60 A 127.53.1.2".
func (p *Plane) ask(name, kind string) (code string, answer []string, reply *dns.Msg) {
	request := new(dns.Msg)
	request.SetQuestion(name, dns.StringToType[kind])
	reply = p.answer(request)
	for _, record := range reply.Answer {
		header := record.Header()
		answer = append(
			answer, fmt.Sprintf("%d %s %s", header.Ttl, dns.TypeToString[header.Rrtype], strings.TrimPrefix(record.String(), header.String())),
		)
	}
	return dns.RcodeToString[reply.Rcode], answer, reply
}

// forceStatus feeds a health check as many results as change its status.
func (p *Plane) forceStatus(id string, healthy bool) {
	for range p.state.checks.rows[id].Threshold {
		p.state.checks.observe(id, Observation{Healthy: healthy})
	}
}

// forceTargetStatus feeds the target group of a region as many results as change its status.
func (p *Plane) forceTargetStatus(region string, healthy bool) {
	for range 2 {
		p.state.targets.observe("arn:group:"+region, healthy)
	}
}
