package nameserver

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"warmstandby/shared/contract/controller"
)

func TestRoute(t *testing.T) {
	east, west := toEast().reply, toWest().reply
	tests := []struct {
		name           string
		servers        []handler
		known, primary bool
		detail         string
	}{
		{"all answer with the primary", []handler{east, east, east, east}, true, true, "4 of 4 name servers answer with us-east-1"},
		{"all answer with the standby", []handler{west, west, west, west}, true, false, "4 of 4 name servers answer with us-west-2"},
		{"one disagrees", []handler{west, west, west, east}, false, false, "1 of 4 name servers answer with us-east-1; 3 of 4"},
		{"one is silent", []handler{west, west, silent, west}, true, false, "3 of 4 name servers answer with us-west-2; ns-3: no answer"},
		{
			"one alone answers",
			[]handler{west, silent, silent, silent},
			false,
			false,
			"1 of 4 name servers answer with us-west-2; ns-2: no answer",
		},
		{"none answers", []handler{silent, silent}, false, false, "none of 2 name servers answers; ns-1: no answer; ns-2: no answer"},
		{
			"two fail",
			[]handler{west, west, refusing(dns.RcodeServerFailure), refusing(dns.RcodeRefused)},
			true,
			false,
			"ns-3: it answers SERVFAIL",
		},
		{
			"all fail",
			[]handler{refusing(dns.RcodeServerFailure), refusing(dns.RcodeServerFailure)},
			false,
			false,
			"none of 2 name servers answers",
		},
		{"the names do not exist", []handler{answers{}.reply, answers{}.reply}, false, false, "it answers NXDOMAIN for "},
		{"a name server is lame", []handler{lame, lame, west}, false, false, "ns-1: it does not serve the zone"},
		{
			"a region's own name is missing",
			[]handler{answers{global: {westOne}, standby: {westOne}}.reply, answers{global: {westOne}, standby: {westOne}}.reply},
			false, false, "NXDOMAIN for us-east-1.app.example.test.",
		},
		{
			"a name is there and has no IPv4 address",
			[]handler{
				answers{global: {}, primary: {eastOne}, standby: {westOne}}.reply, answers{global: {}, primary: {eastOne}, standby: {westOne}}.reply,
			}, false, false, "no address for app.example.test.",
		},
		{
			"the global name leads elsewhere", []handler{
				answers{global: {"203.0.113.9"}, primary: {eastOne}, standby: {westOne}}.reply,
				answers{global: {"203.0.113.9"}, primary: {eastOne}, standby: {westOne}}.reply,
			}, false, false, "2 of 2 name servers answer with neither region, or both",
		},
		{
			"the global name leads to both regions", []handler{
				answers{global: {eastOne, westOne}, primary: {eastOne}, standby: {westOne}}.reply,
				answers{global: {eastOne, westOne}, primary: {eastOne}, standby: {westOne}}.reply,
			}, false, false, "neither region, or both",
		},
		{
			"both regions have the same addresses", []handler{
				answers{global: {eastOne}, primary: {eastOne}, standby: {eastOne}}.reply,
				answers{global: {eastOne}, primary: {eastOne}, standby: {eastOne}}.reply,
			}, false, false, "neither region, or both",
		},
		{
			"the answers are rotated and partial", []handler{
				answers{global: {eastTwo}, primary: {eastTwo, eastOne}, standby: {westOne}}.reply, east,
			}, true, true, "2 of 2",
		},
		{
			"the names are aliases", []handler{aliased, aliased}, true, false, "2 of 2 name servers answer with us-west-2",
		},
		{"no answer fits into a packet", []handler{truncating(west), truncating(west)}, true, false, "2 of 2 name servers answer with us-west-2"},
		{"UDP is lost, TCP is not", []handler{overTCP(west), overTCP(west)}, true, false, "2 of 2 name servers answer with us-west-2"},
		{"every first packet is lost", []handler{losing(west), losing(west)}, true, false, "2 of 2 name servers answer with us-west-2"},
		{
			"the answers are to other questions",
			[]handler{
				changed(toWest(), func(reply *dns.Msg) { reply.Question[0].Name = "other.example." }),
				changed(toWest(), func(reply *dns.Msg) { reply.Question[0].Qtype = dns.TypeAAAA }),
			}, false, false, "it answers another question",
		},
		{"there are no name servers", nil, false, false, "names no name servers"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := router(t, test.servers...).Route(t.Context())
			if err != nil || got.Known != test.known || got.Primary != test.primary || !strings.Contains(got.Detail, test.detail) {
				t.Errorf("the routing is %+v, %v; want known %t, primary %t, and %q", got, err, test.known, test.primary, test.detail)
			}
		})
	}
}

func TestWhatIsAsked(t *testing.T) {
	t.Run("questions are without recursion, for IPv4 addresses, and allow packets of 1232 bytes", func(t *testing.T) {
		answer := func(question *dns.Msg, network string) *dns.Msg {
			edns := question.IsEdns0()
			if question.RecursionDesired || question.Question[0].Qtype != dns.TypeA || edns == nil || edns.UDPSize() != udpSize {
				t.Errorf("a name server is asked\n%v", question)
			}
			return toWest().reply(question, network)
		}
		if got, err := router(t, answer, answer).Route(t.Context()); err != nil || !got.Known {
			t.Errorf("the routing is %+v, %v", got, err)
		}
	})
	t.Run("an address of a name server that cannot be reached is followed by the next", func(t *testing.T) {
		at := serve(t, toWest().reply)
		question := new(dns.Msg).SetQuestion(global, dns.TypeA)
		// The first is of IPv6, to which there may be no route, and at which nobody listens.
		if _, err := exchange(t.Context(), question, []string{"[::1]:1", at}); err != nil {
			t.Errorf("the second address is not asked: %v", err)
		}
	})
	t.Run("a name server without an address is silent", func(t *testing.T) {
		if _, err := (asker{}).endpoints(t.Context(), ".."); err == nil {
			t.Error("a name that is none has an address")
		}
		if _, err := exchange(t.Context(), new(dns.Msg), nil); err == nil {
			t.Error("nobody answers")
		}
	})
}

func TestRouteEndsWithItsContext(t *testing.T) {
	t.Run("the questions end before the other sources of a round do", func(t *testing.T) {
		r := New(controller.Config{NameServers: []string{"ns-1"}}, "")
		r.ask = func(ctx context.Context, _, _ string) ([]address, error) {
			if deadline, ends := ctx.Deadline(); !ends || time.Until(deadline) > budget {
				t.Errorf("a question ends at %s, want within %s", deadline, budget)
			}
			return nil, ctx.Err()
		}
		if _, err := r.Route(t.Context()); err != nil {
			t.Error(err)
		}
	})
	t.Run("next to an emulator no name server of AWS is asked", func(t *testing.T) {
		variables := map[string]string{"AWS_ENDPOINT_URL": "http://127.0.0.1:4566"}
		c := controller.Config{NameServers: []string{"ns-1.invalid"}}
		got, err := FromEnvironment(c, func(name string) string { return variables[name] }).Route(t.Context())
		if err != nil || got.Known || !strings.Contains(got.Detail, "WARMSTANDBY_NAME_SERVER is not") {
			t.Errorf("the routing is %+v, %v", got, err)
		}
		variables[AddressVariable] = "127.0.0.1:1"
		if r := FromEnvironment(c, func(name string) string { return variables[name] }); r.refused != "" {
			t.Errorf("with an address it asks nobody: %s", r.refused)
		}
	})
	t.Run("every name server is asked at the address that is given for all", func(t *testing.T) {
		c := controller.Config{
			PrimaryRegion: "us-east-1", StandbyRegion: "us-west-2", NameServers: []string{"ns-1.invalid", "ns-2.invalid"},
			GlobalName: global, PrimaryName: primary, StandbyName: standby,
		}
		if got, err := New(c, serve(t, toWest().reply)).Route(t.Context()); err != nil || !got.Known || got.Primary {
			t.Errorf("the routing is %+v, %v", got, err)
		}
	})
	t.Run("a name server that is named twice is one", func(t *testing.T) {
		c := controller.Config{
			PrimaryRegion: "us-east-1", StandbyRegion: "us-west-2", NameServers: []string{"ns-1.invalid", "NS-1.invalid."},
			GlobalName: global, PrimaryName: primary, StandbyName: standby,
		}
		got, err := New(c, serve(t, toWest().reply)).Route(t.Context())
		if err != nil || got.Known || !strings.Contains(got.Detail, "1 of 1 name servers answer with us-west-2") {
			t.Errorf("the routing is %+v, %v, want that one alone answers", got, err)
		}
	})
	t.Run("a run that ends does not wait for the name servers", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if got, err := router(t, toWest().reply, toWest().reply).Route(ctx); err != nil || got.Known {
			t.Errorf("the routing is %+v, %v, want that it is not known", got, err)
		}
	})
}

// FuzzRead: whatever a name server sends, an address that is read is in the answer, under the name that was asked or an alias of it.
func FuzzRead(f *testing.F) {
	question := new(dns.Msg).SetQuestion(global, dns.TypeA)
	for _, reply := range []*dns.Msg{toWest().reply(question, ""), aliased(question, ""), answers{}.reply(question, ""), lame(question, "")} {
		wire, err := reply.Pack()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(wire)
	}
	f.Fuzz(func(t *testing.T, wire []byte) {
		answer := new(dns.Msg)
		if answer.Unpack(wire) != nil {
			return
		}
		found, err := read(question, answer)
		if (err == nil) != (len(found) > 0) {
			t.Errorf("%d addresses are read, %v, of\n%v", len(found), err, answer)
		}
		for _, one := range found {
			if !strings.Contains(answer.String(), one.String()) {
				t.Errorf("%s is not in\n%v", one, answer)
			}
		}
	})
}
