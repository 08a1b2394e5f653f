package route53

import (
	"fmt"
	"net"
	"slices"

	"github.com/miekg/dns"
)

// maxUDPSize is the maximum size of a UDP message if the client allows it, in bytes: messages of this size are not fragmented
// (DNS Flag Day 2020).
const maxUDPSize = 1232

// unsupportedTypes are query types that ask for more than a name's records.
var unsupportedTypes = []uint16{dns.TypeAXFR, dns.TypeIXFR, dns.TypeMAILA, dns.TypeMAILB}

// answer returns the reply to a message.
func (p *Plane) answer(request *dns.Msg) *dns.Msg {
	reply := new(dns.Msg)
	reply.SetReply(request)
	extended := request.IsEdns0()
	if extended != nil {
		reply.SetEdns0(maxUDPSize, false)
	}
	switch {
	case request.Opcode != dns.OpcodeQuery:
		reply.Rcode = dns.RcodeNotImplemented
	case len(request.Question) != 1:
		reply.Rcode = dns.RcodeFormatError
	case extended != nil && extended.Version() != 0:
		reply.Rcode = dns.RcodeBadVers // RFC 6891, section 6.1.3
	case request.Question[0].Qclass != dns.ClassINET, slices.Contains(unsupportedTypes, request.Question[0].Qtype):
		reply.Rcode = dns.RcodeRefused
	case request.Question[0].Qtype == dns.TypeANY:
		reply.Rcode = dns.RcodeNotImplemented // which RFC 8482 lets a server choose
	default:
		p.answerQuestion(reply)
	}
	return reply
}

// answerQuestion answers the question in reply. Names in the answer are spelled as in the question.
func (p *Plane) answerQuestion(reply *dns.Msg) {
	p.mu.Lock()
	defer p.mu.Unlock()
	question := reply.Question[0]
	name := dns.CanonicalName(question.Name)
	r, err := p.view().resolve(name, question.Qtype)
	if err != nil {
		p.logOnce(fmt.Errorf("%s %s is answered SERVFAIL: %w", name, dns.TypeToString[question.Qtype], err))
		reply.Rcode = dns.RcodeServerFailure
		if extended := reply.IsEdns0(); extended != nil {
			extended.Option = append(extended.Option, &dns.EDNS0_EDE{InfoCode: dns.ExtendedErrorCodeOther, ExtraText: err.Error()})
		}
		return
	}
	for _, record := range r.answer {
		if record.Header().Name == name {
			record.Header().Name = question.Name
		}
	}
	reply.Rcode, reply.Answer, reply.Ns = r.code, r.answer, r.authority
	reply.Authoritative = r.code != dns.RcodeRefused && !r.delegated
}

// serveRegion returns a handler that answers the functions of a region, and nobody while the region is lost: a question does not
// leave it then, and its client waits. Name servers themselves are in no region and stay reachable for all others.
func (p *Plane) serveRegion(region string) dns.HandlerFunc {
	return func(w dns.ResponseWriter, request *dns.Msg) {
		if p.options.Lost == nil || !p.options.Lost(region) {
			p.ServeDNS(w, request)
		}
	}
}

// ServeDNS answers one message. Over UDP it is truncated to what the client accepts, which then retries over TCP.
func (p *Plane) ServeDNS(w dns.ResponseWriter, request *dns.Msg) {
	reply := p.answer(request)
	if _, udp := w.RemoteAddr().(*net.UDPAddr); udp {
		size := dns.MinMsgSize
		if extended := request.IsEdns0(); extended != nil {
			size = min(max(int(extended.UDPSize()), dns.MinMsgSize), maxUDPSize)
		}
		reply.Truncate(size)
	}
	if err := w.WriteMsg(reply); err != nil {
		p.options.Log.Printf("Route 53: answering %s: %v", w.RemoteAddr(), err)
	}
}
