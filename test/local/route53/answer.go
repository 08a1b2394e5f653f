package route53

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"

	"github.com/miekg/dns"
)

// messageSize is the most that a message by UDP holds where the client allows it, in bytes: what no network fragments (DNS Flag
// Day 2020).
const messageSize = 1232

// transfers are the types that ask for more than a name's records.
var transfers = []uint16{dns.TypeAXFR, dns.TypeIXFR, dns.TypeMAILA, dns.TypeMAILB}

// answer returns the reply to a message.
func (p *Plane) answer(request *dns.Msg) *dns.Msg {
	reply := new(dns.Msg)
	reply.SetReply(request)
	extended := request.IsEdns0()
	if extended != nil {
		reply.SetEdns0(messageSize, false)
	}
	switch {
	case request.Opcode != dns.OpcodeQuery:
		reply.Rcode = dns.RcodeNotImplemented
	case len(request.Question) != 1:
		reply.Rcode = dns.RcodeFormatError
	case extended != nil && extended.Version() != 0:
		reply.Rcode = dns.RcodeBadVers // RFC 6891, section 6.1.3
	case request.Question[0].Qclass != dns.ClassINET, slices.Contains(transfers, request.Question[0].Qtype):
		reply.Rcode = dns.RcodeRefused
	case request.Question[0].Qtype == dns.TypeANY:
		reply.Rcode = dns.RcodeNotImplemented // which RFC 8482 lets a server choose
	default:
		p.fill(reply)
	}
	return reply
}

// fill answers a question. The names in the answer are written as the question writes them.
func (p *Plane) fill(reply *dns.Msg) {
	p.mu.Lock()
	defer p.mu.Unlock()
	question := reply.Question[0]
	name := dns.CanonicalName(question.Name)
	f, err := p.view().resolve(name, question.Qtype)
	if err != nil {
		p.say(fmt.Errorf("%s %s is answered SERVFAIL: %w", name, dns.TypeToString[question.Qtype], err))
		reply.Rcode = dns.RcodeServerFailure
		if extended := reply.IsEdns0(); extended != nil {
			extended.Option = append(extended.Option, &dns.EDNS0_EDE{InfoCode: dns.ExtendedErrorCodeOther, ExtraText: err.Error()})
		}
		return
	}
	for _, record := range f.answer {
		if record.Header().Name == name {
			record.Header().Name = question.Name
		}
	}
	reply.Rcode, reply.Answer, reply.Ns = f.code, f.answer, f.authority
	reply.Authoritative = f.code != dns.RcodeRefused && !f.elsewhere
}

// ServeDNS answers one message. By UDP it is cut to what the client takes, which then asks by TCP.
func (p *Plane) ServeDNS(w dns.ResponseWriter, request *dns.Msg) {
	reply := p.answer(request)
	if _, udp := w.RemoteAddr().(*net.UDPAddr); udp {
		size := dns.MinMsgSize
		if extended := request.IsEdns0(); extended != nil {
			size = min(max(int(extended.UDPSize()), dns.MinMsgSize), messageSize)
		}
		reply.Truncate(size)
	}
	if err := w.WriteMsg(reply); err != nil {
		p.options.Log.Printf("Route 53: answering %s: %v", w.RemoteAddr(), err)
	}
}

// server is the two listeners of DNS.
type server struct {
	address string
	udp     *dns.Server
	tcp     *dns.Server
}

// portTries is how many ports are tried until one is free for both protocols.
const portTries = 16

// listen takes one port of 127.0.0.1 for UDP and TCP and has a plane answer there.
func listen(p *Plane) (*server, error) {
	var failures error
	for range portTries {
		packets, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			return nil, fmt.Errorf("listening for DNS: %w", err)
		}
		address := packets.LocalAddr().String()
		streams, err := net.Listen("tcp", address)
		if err != nil {
			failures = errors.Join(failures, err, packets.Close())
			continue // somebody has that port of TCP
		}
		s := &server{address, &dns.Server{PacketConn: packets, Handler: p}, &dns.Server{Listener: streams, Handler: p}}
		for _, one := range []*dns.Server{s.udp, s.tcp} {
			started := make(chan struct{})
			one.NotifyStartedFunc = sync.OnceFunc(func() { close(started) })
			go func() {
				if err := one.ActivateAndServe(); err != nil {
					p.options.Log.Printf("Route 53: DNS is not answered any more: %v", err)
				}
				one.NotifyStartedFunc()
			}()
			<-started // Shutdown of a server that has not begun does nothing
		}
		return s, nil
	}
	return nil, fmt.Errorf("listening for DNS: %w", failures)
}

func (s *server) close() error {
	return errors.Join(s.udp.Shutdown(), s.tcp.Shutdown())
}
