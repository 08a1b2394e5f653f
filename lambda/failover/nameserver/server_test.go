package nameserver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/miekg/dns"

	"warmstandby/shared/contract/controller"
)

const (
	global  = "app.example.test."
	primary = "us-east-1.app.example.test."
	standby = "us-west-2.app.example.test."

	eastOne, eastTwo = "192.0.2.1", "192.0.2.2"
	westOne          = "198.51.100.1"
)

// answers are what a name server says of each name.
type answers map[string][]string

// toEast and toWest are the answers while users are sent to one region.
func toEast() answers {
	return answers{global: {eastOne}, primary: {eastOne, eastTwo}, standby: {westOne}}
}

func toWest() answers {
	return answers{global: {westOne}, primary: {eastOne, eastTwo}, standby: {westOne}}
}

// reply answers a question as a server of the zone does.
func (a answers) reply(question *dns.Msg, _ string) *dns.Msg {
	reply := new(dns.Msg).SetReply(question)
	reply.Authoritative = true
	addresses, there := a[strings.ToLower(question.Question[0].Name)]
	if !there {
		reply.Rcode = dns.RcodeNameError
	}
	for _, address := range addresses {
		kind := "A"
		if strings.Contains(address, "example") {
			kind = "CNAME"
		}
		record, err := dns.NewRR(fmt.Sprintf("%s 60 IN %s %s", question.Question[0].Name, kind, address))
		if err != nil {
			panic(err)
		}
		reply.Answer = append(reply.Answer, record)
	}
	return reply
}

// handler makes the reply to a question that came over a network; nil is silence.
type handler func(question *dns.Msg, network string) *dns.Msg

// serve runs a name server on loopback, over UDP and TCP at one port, and returns its host:port.
func serve(t *testing.T, handle handler) string {
	t.Helper()
	packets, connections := listen(t)
	for _, server := range []*dns.Server{{PacketConn: packets}, {Listener: connections}} {
		network := "tcp"
		if server.PacketConn != nil {
			network = "udp"
		}
		server.Handler = dns.HandlerFunc(func(w dns.ResponseWriter, question *dns.Msg) {
			if reply := handle(question, network); reply != nil {
				w.WriteMsg(reply) // a client that is gone asks again
			}
		})
		started := make(chan struct{})
		server.NotifyStartedFunc = func() { close(started) }
		go server.ActivateAndServe()
		<-started
		t.Cleanup(func() { server.Shutdown() })
	}
	return packets.LocalAddr().String()
}

// listen listens on loopback over UDP and TCP at one port. A port that is free for one may be taken for the other.
func listen(t *testing.T) (net.PacketConn, net.Listener) {
	t.Helper()
	for {
		packets, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		connections, err := net.Listen("tcp", packets.LocalAddr().String())
		if err == nil {
			return packets, connections
		}
		if packets.Close(); !errors.Is(err, syscall.EADDRINUSE) {
			t.Fatal(err)
		}
	}
}

// router returns the router of a zone whose name servers handle questions as given.
func router(t *testing.T, handlers ...handler) Router {
	t.Helper()
	addresses := map[string]string{}
	c := controller.Config{
		PrimaryRegion: "us-east-1", StandbyRegion: "us-west-2", GlobalName: "app.example.test", PrimaryName: "us-east-1.app.example.test",
		StandbyName: "us-west-2.App.example.test",
	}
	for i, handle := range handlers {
		name := fmt.Sprintf("ns-%d", i+1)
		c.NameServers = append(c.NameServers, name)
		addresses[name] = serve(t, handle)
	}
	r := New(c, "")
	r.ask = func(ctx context.Context, server, name string) ([]address, error) {
		return asker{addresses[server]}.addresses(ctx, server, name)
	}
	return r
}

func changed(a answers, change func(reply *dns.Msg)) handler {
	return func(question *dns.Msg, network string) *dns.Msg {
		reply := a.reply(question, network)
		change(reply)
		return reply
	}
}

func refusing(code int) handler {
	return changed(toWest(), func(reply *dns.Msg) { reply.Rcode, reply.Answer = code, nil })
}

// lame answers for a zone that it does not serve, as from a cache.
var lame = changed(toWest(), func(reply *dns.Msg) { reply.Authoritative = false })

func silent(*dns.Msg, string) *dns.Msg { return nil }

// aliased is a zone whose names are aliases of others, which the same answer resolves.
func aliased(question *dns.Msg, network string) *dns.Msg {
	zone := toWest()
	reply := answers{strings.ToLower(question.Question[0].Name): {"lb.example."}}.reply(question, network)
	for _, address := range zone[strings.ToLower(question.Question[0].Name)] {
		record, err := dns.NewRR("lb.example. 60 IN A " + address)
		if err != nil {
			panic(err)
		}
		reply.Answer = append(reply.Answer, record)
	}
	return reply
}

func truncating(whole handler) handler {
	return func(question *dns.Msg, network string) *dns.Msg {
		reply := whole(question, network)
		if network == "udp" {
			reply.Truncated, reply.Answer = true, nil
		}
		return reply
	}
}

func overTCP(whole handler) handler {
	return func(question *dns.Msg, network string) *dns.Msg {
		if network == "udp" {
			return nil
		}
		return whole(question, network)
	}
}

// losing does not answer the first packet about each name.
func losing(whole handler) handler {
	seen := map[string]*atomic.Int32{global: {}, primary: {}, standby: {}}
	return func(question *dns.Msg, network string) *dns.Msg {
		if seen[strings.ToLower(question.Question[0].Name)].Add(1) == 1 {
			return nil
		}
		return whole(question, network)
	}
}
