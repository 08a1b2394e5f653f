package route53

import (
	"errors"
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

func TestAnswers(t *testing.T) {
	of := failoverSnapshot(
		record("txt.app.test.", "TXT", `"one" "two"`), record("six.app.test.", "AAAA", "2001:db8::1"),
		record("many.app.test.", "A", "192.0.2.1", "192.0.2.2"),
		record("to-many.app.test.", "CNAME", "many.app.test."), record("to-nothing.app.test.", "CNAME", "nothing.app.test."),
		record("away.app.test.", "CNAME", "www.example.com."), record("to-other.app.test.", "CNAME", "there.other.test."),
		record("deep.under.app.test.", "A", "192.0.2.3"),
		record("*.wild.app.test.", "A", "192.0.2.4"), record("own.wild.app.test.", "TXT", `"own"`),
		record("part.app.test.", "NS", "ns.elsewhere.example."),
		alias("gone.app.test.", "gone.us-east-1.elb.amazonaws.com.", true),
		alias("same.app.test.", "many.app.test.", false),
	)
	of.Zones = append(of.Zones,
		newZone("other.test.", record("there.other.test.", "A", "192.0.2.5")),
		newZone("inner.app.test.", record("x.inner.app.test.", "A", "192.0.2.6")),
		Zone{Name: "private.test.", Private: true, Sets: []RecordSet{record("private.test.", "A", "192.0.2.7")}},
		newZone("two.test."), newZone("two.test."),
		Zone{Name: "bare.test."},
		Zone{Name: "brief.test.", Sets: []RecordSet{record("brief.test.", "SOA", "ns. mail. 1 7200 900 1209600 20")}},
	)
	p, _ := newPlane(t, of)
	east := "60 A " + p.mustAddress(t, eastBalancer).String()
	for _, test := range []struct {
		name, kind string
		code       string
		want       []string
		authority  string // the type of the record there, with its TTL
	}{
		{"app.test.", "A", "NOERROR", []string{east}, ""},
		{"app.test.", "SOA", "NOERROR", []string{"900 SOA ns-1.awsdns-1.com. hostmaster.example. 1 7200 900 1209600 86400"}, ""},
		{"app.test.", "NS", "NOERROR", []string{"172800 NS ns-1.awsdns-1.com.", "172800 NS ns-2.awsdns-2.net."}, ""},
		{"app.test.", "AAAA", "NOERROR", nil, "SOA 900"},
		{"app.test.", "MX", "NOERROR", nil, "SOA 900"},
		{"txt.app.test.", "TXT", "NOERROR", []string{`300 TXT "one" "two"`}, ""},
		{"six.app.test.", "AAAA", "NOERROR", []string{"300 AAAA 2001:db8::1"}, ""},
		{"many.app.test.", "A", "NOERROR", []string{"300 A 192.0.2.1", "300 A 192.0.2.2"}, ""},
		{"same.app.test.", "A", "NOERROR", []string{"300 A 192.0.2.1", "300 A 192.0.2.2"}, ""},
		{"to-many.app.test.", "A", "NOERROR", []string{"300 CNAME many.app.test.", "300 A 192.0.2.1", "300 A 192.0.2.2"}, ""},
		{"to-many.app.test.", "CNAME", "NOERROR", []string{"300 CNAME many.app.test."}, ""},
		{"to-nothing.app.test.", "A", "NXDOMAIN", []string{"300 CNAME nothing.app.test."}, "SOA 900"},
		{"away.app.test.", "A", "NOERROR", []string{"300 CNAME www.example.com."}, ""},
		{"to-other.app.test.", "A", "NOERROR", []string{"300 CNAME there.other.test.", "300 A 192.0.2.5"}, ""},
		{"nothing.app.test.", "A", "NXDOMAIN", nil, "SOA 900"},
		{"x.txt.app.test.", "A", "NXDOMAIN", nil, "SOA 900"},
		{"under.app.test.", "A", "NOERROR", nil, "SOA 900"},
		{"a.wild.app.test.", "A", "NOERROR", []string{"300 A 192.0.2.4"}, ""},
		{"a.b.wild.app.test.", "A", "NOERROR", []string{"300 A 192.0.2.4"}, ""},
		{`a\.b.wild.app.test.`, "A", "NOERROR", []string{"300 A 192.0.2.4"}, ""},
		{"a.wild.app.test.", "TXT", "NOERROR", nil, "SOA 900"},
		{"own.wild.app.test.", "A", "NOERROR", nil, "SOA 900"},
		{"part.app.test.", "A", "NOERROR", nil, "NS 300"},
		{"x.part.app.test.", "A", "NOERROR", nil, "NS 300"},
		{"gone.app.test.", "A", "NOERROR", nil, "SOA 900"},
		{"x.inner.app.test.", "A", "NOERROR", []string{"300 A 192.0.2.6"}, ""},
		{"y.inner.app.test.", "A", "NXDOMAIN", nil, "SOA 900"},
		{"private.test.", "A", "REFUSED", nil, ""},
		{"example.com.", "A", "REFUSED", nil, ""},
		{".", "NS", "REFUSED", nil, ""},
		{"two.test.", "A", "SERVFAIL", nil, ""},
		{"brief.test.", "A", "NOERROR", nil, "SOA 20"},
		{"brief.test.", "SOA", "NOERROR", []string{"300 SOA ns. mail. 1 7200 900 1209600 20"}, ""},
		{"bare.test.", "A", "SERVFAIL", nil, ""},
		{eastBalancer, "A", "NOERROR", []string{east}, ""},
		{eastBalancer, "AAAA", "NOERROR", nil, "SOA 60"},
		{"none.us-east-1.elb.amazonaws.com.", "A", "NXDOMAIN", nil, "SOA 60"},
		{"app.test.", "ANY", "NOTIMP", nil, ""},
		{"app.test.", "AXFR", "REFUSED", nil, ""},
	} {
		code, got, reply := p.ask(test.name, test.kind)
		var authority string
		if len(reply.Ns) > 0 {
			authority = dns.TypeToString[reply.Ns[0].Header().Rrtype] + " " + strings.Fields(reply.Ns[0].String())[1]
		}
		if code != test.code || !slices.Equal(got, test.want) || authority != test.authority {
			t.Errorf("%s %s is answered %s %q, %q; want %s %q, %q", test.name, test.kind, code, got, authority, test.code, test.want, test.authority)
		}
		if want := !slices.Contains(
			[]string{"REFUSED", "SERVFAIL", "NOTIMP"}, code,
		) && !strings.HasPrefix(authority, "NS"); reply.Authoritative != want {
			t.Errorf("%s %s: authoritative is %t", test.name, test.kind, reply.Authoritative)
		}
		for _, record := range reply.Answer[:min(len(reply.Answer), 1)] {
			if record.Header().Name != test.name {
				t.Errorf("%s %s is answered about %s", test.name, test.kind, record.Header().Name)
			}
		}
	}
}

func TestAQuestionIsAnsweredInItsOwnLetters(t *testing.T) {
	p, _ := newPlane(t, failoverSnapshot(record("txt.app.test.", "TXT", `"x"`)))
	if code, _, reply := p.ask("TxT.App.test.", "TXT"); code != "NOERROR" || len(reply.Answer) != 1 ||
		reply.Answer[0].Header().Name != "TxT.App.test." {
		t.Errorf("answered %s %v", code, reply.Answer)
	}
}

func TestMessagesThatAreNoQuestions(t *testing.T) {
	p, _ := newPlane(t, failoverSnapshot())
	for name, test := range map[string]struct {
		change func(*dns.Msg)
		want   int
	}{
		"an update":               {func(m *dns.Msg) { m.Opcode = dns.OpcodeUpdate }, dns.RcodeNotImplemented},
		"no question":             {func(m *dns.Msg) { m.Question = nil }, dns.RcodeFormatError},
		"two questions":           {func(m *dns.Msg) { m.Question = append(m.Question, m.Question[0]) }, dns.RcodeFormatError},
		"another class":           {func(m *dns.Msg) { m.Question[0].Qclass = dns.ClassCHAOS }, dns.RcodeRefused},
		"another version of EDNS": {func(m *dns.Msg) { m.SetEdns0(4096, false); m.IsEdns0().SetVersion(1) }, dns.RcodeBadVers},
		"a question, with EDNS":   {func(m *dns.Msg) { m.SetEdns0(4096, false) }, dns.RcodeSuccess},
	} {
		request := new(dns.Msg)
		request.SetQuestion("app.test.", dns.TypeA)
		test.change(request)
		reply := p.answer(request)
		if reply.Rcode != test.want || reply.Id != request.Id || !reply.Response || (reply.IsEdns0() != nil) != (request.IsEdns0() != nil) {
			t.Errorf("%s is answered %s", name, reply)
		}
	}
}

func TestALoadBalancerWithoutAnAddressIsSaidToHaveNone(t *testing.T) {
	p, _ := newPlane(t, failoverSnapshot())
	p.listeners.listeners[eastBalancer].unreachable = errors.New("this system has no 127.53.1.1")
	request := new(dns.Msg)
	request.SetQuestion("app.test.", dns.TypeA)
	request.SetEdns0(maxUDPSize, false)
	reply := p.answer(request)
	if reply.Rcode != dns.RcodeServerFailure || !strings.Contains(reply.String(), "this system has no 127.53.1.1") {
		t.Errorf("answered %s, want SERVFAIL that says why", reply)
	}
}

func TestDNSIsAnsweredByUDPAndTCP(t *testing.T) {
	values := make([]string, 60)
	for i := range values {
		values[i] = net.IPv4(192, 0, 2, byte(i)).String()
	}
	p, _ := newPlane(t, failoverSnapshot(record("long.app.test.", "A", values...)))
	for _, test := range []struct {
		network   string
		size      uint16 // of EDNS; 0 is none
		truncated bool
	}{{"udp", 0, true}, {"udp", 4096, false}, {"udp", 700, true}, {"tcp", 0, false}} {
		request := new(dns.Msg)
		request.SetQuestion("long.app.test.", dns.TypeA)
		limit := dns.MinMsgSize
		if test.size > 0 {
			request.SetEdns0(test.size, false)
			limit = int(test.size)
		}
		client := dns.Client{Net: test.network, UDPSize: 4096}
		reply, _, err := client.ExchangeContext(t.Context(), request, p.Address())
		if err != nil {
			t.Fatal(err)
		}
		reply.Compress = true // as it was sent
		if reply.Truncated != test.truncated || !test.truncated && len(reply.Answer) != len(values) || test.truncated && reply.Len() > limit {
			t.Errorf(
				"by %s with %d bytes: truncated %t, %d answers, %d bytes", test.network, test.size, reply.Truncated, len(reply.Answer), reply.Len(),
			)
		}
	}
}

// FuzzAMessage sends what a client may send: no message ends the server, and each reply is one to that message.
func FuzzAMessage(f *testing.F) {
	for name, kind := range map[string]uint16{
		"app.test.": dns.TypeA, `a\000\.b.wild.app.test.`: dns.TypeTXT, ".": dns.TypeNS, "two.test.": dns.TypeANY,
	} {
		message := new(dns.Msg)
		message.SetQuestion(name, kind)
		message.SetEdns0(512, true)
		packed, err := message.Pack()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(packed)
	}
	p, _ := newPlane(f, failoverSnapshot(record("*.wild.app.test.", "A", "192.0.2.4"), record("to.app.test.", "CNAME", "app.test.")))
	f.Fuzz(func(t *testing.T, packet []byte) {
		request := new(dns.Msg)
		if request.Unpack(packet) != nil {
			return
		}
		reply := p.answer(request)
		reply.Truncate(dns.MinMsgSize)
		packed, err := reply.Pack()
		if err != nil {
			t.Fatalf("the reply to %s cannot be sent: %v", request, err)
		}
		back := new(dns.Msg)
		if err := back.Unpack(packed); err != nil || back.Id != request.Id || !back.Response {
			t.Errorf("the reply is %s, %v", back, err)
		}
		if len(request.Question) == 1 && (len(back.Question) != 1 || back.Question[0] != request.Question[0]) {
			t.Errorf("the reply to %v is about %v", request.Question, back.Question)
		}
	})
}
