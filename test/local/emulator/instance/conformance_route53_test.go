package instance

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"warmstandby/test/local/testwait"
)

// balancer makes a load balancer that answers everything with its region's name, and returns its DNS name.
func (a aws) balancer(region, name string) string {
	a.t.Helper()
	made := a.query(region, "elasticloadbalancing", "CreateLoadBalancer", "Name", name)
	a.query(region, "elasticloadbalancing", "CreateListener", "LoadBalancerArn", a.field(made, "LoadBalancerArn"),
		"Protocol", "HTTP", "Port", "80",
		"DefaultActions.member.1.Type", "fixed-response", "DefaultActions.member.1.FixedResponseConfig.StatusCode", "200",
		"DefaultActions.member.1.FixedResponseConfig.MessageBody", region)
	return a.field(made, "DNSName")
}

// route53 sends a request to Route 53 and returns the answer, which must be good.
func (a aws) route53(method, path, body string) string {
	a.t.Helper()
	request, err := http.NewRequestWithContext(a.t.Context(), method, a.endpoint+"/2013-04-01/"+path, strings.NewReader(body))
	if err != nil {
		a.t.Fatal(err)
	}
	sign(request, east, "route53")
	status, answer := a.do(request)
	if status >= http.StatusBadRequest {
		a.t.Fatalf("%s %s: %d %s", method, path, status, answer)
	}
	return answer
}

// zone makes a hosted zone with records, given as the XML of each, and returns its id.
func (a aws) zone(name string, records ...string) {
	a.t.Helper()
	made := a.route53(
		http.MethodPost, "hostedzone",
		`<CreateHostedZoneRequest><Name>`+name+`</Name><CallerReference>`+name+`</CallerReference></CreateHostedZoneRequest>`,
	)
	var changes strings.Builder
	for _, record := range records {
		changes.WriteString("<Change><Action>CREATE</Action><ResourceRecordSet>" + record + "</ResourceRecordSet></Change>")
	}
	a.route53(http.MethodPost, strings.TrimPrefix(a.field(made, "Id"), "/")+"/rrset",
		`<ChangeResourceRecordSetsRequest><ChangeBatch><Changes>`+changes.String()+`</Changes></ChangeBatch></ChangeResourceRecordSetsRequest>`)
}

// failoverPart is an alias of a load balancer that is a part of a name's failover.
func failoverPart(name, part, balancer, check string) string {
	if check != "" {
		check = "<HealthCheckId>" + check + "</HealthCheckId>"
	}
	return fmt.Sprintf(`<Name>%s</Name><Type>A</Type><SetIdentifier>%s</SetIdentifier><Failover>%s</Failover>`+
		`<AliasTarget><HostedZoneId>Z</HostedZoneId>`+
		`<DNSName>%s</DNSName><EvaluateTargetHealth>true</EvaluateTargetHealth></AliasTarget>%s`, name, part, part, balancer, check)
}

// resolved returns the addresses of a name, or why there are none.
func resolved(t *testing.T, server, name string) []string {
	t.Helper()
	request := new(dns.Msg)
	request.SetQuestion(name, dns.TypeA)
	reply, _, err := new(dns.Client).ExchangeContext(t.Context(), request, server)
	if err != nil {
		t.Fatal(err)
	}
	if reply.Rcode != dns.RcodeSuccess {
		return []string{dns.RcodeToString[reply.Rcode]}
	}
	var addresses []string
	for _, record := range reply.Answer {
		if address, ok := record.(*dns.A); ok {
			addresses = append(addresses, address.A.String())
		}
	}
	return addresses
}

// answersAt asks a load balancer's address for a name that it does not know.
func (a aws) answersAt(address string) string {
	a.t.Helper()
	endpoint, err := url.Parse(a.endpoint)
	if err != nil {
		a.t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(a.t.Context(), http.MethodGet, "http://"+net.JoinHostPort(address, endpoint.Port())+"/x", nil)
	if err != nil {
		a.t.Fatal(err)
	}
	request.Host = "one.test"
	_, body := a.do(request)
	return body
}

func TestRoute53AnswersByWhatStandsNowAndAfterARestart(t *testing.T) {
	e := newEnvironment(t)
	record := e.up()
	a := aws{t, record.Endpoint}
	status, err := e.folder.Status(t.Context())
	if err != nil || status.DNS != record.DNS || record.DNS == "" {
		t.Errorf("the status says that DNS is at %q, the record %q, %v", status.DNS, record.DNS, err)
	}
	if got := resolved(t, record.DNS, "one.test."); !slices.Equal(got, []string{"REFUSED"}) {
		t.Errorf("a name of no zone is answered %v", got)
	}
	eastName, westName := a.balancer(east, "alb-east"), a.balancer(west, "alb-west")
	check := a.field(a.route53(http.MethodPost, "healthcheck", `<CreateHealthCheckRequest>`+
		`<CallerReference>one</CallerReference><HealthCheckConfig><Type>HTTP</Type>`+
		`<FullyQualifiedDomainName>`+eastName+`</FullyQualifiedDomainName><Port>80</Port></HealthCheckConfig></CreateHealthCheckRequest>`), "Id")
	a.zone("one.test", failoverPart("one.test", "PRIMARY", eastName, check), failoverPart("one.test", "SECONDARY", westName, ""))
	a.zone(
		"two.test",
		`<Name>two.test</Name><Type>A</Type><TTL>60</TTL><ResourceRecords><ResourceRecord><Value>192.0.2.1</Value></ResourceRecord></ResourceRecords>`,
	)
	leads := func(name string, to func(string) bool) (address string) {
		t.Helper()
		testwait.Until(t, name+" leads to another address", func() error {
			got := resolved(t, record.DNS, name)
			if len(got) != 1 || !to(got[0]) {
				return fmt.Errorf("it leads to %v", got)
			}
			address = got[0]
			return nil
		})
		return address
	}
	serves := func(region string) func(string) bool {
		return func(address string) bool { return net.ParseIP(address) != nil && a.answersAt(address) == region }
	}
	first := leads("one.test.", serves(east))
	leads("two.test.", func(address string) bool { return address == "192.0.2.1" })
	a.route53(http.MethodGet, "healthcheck/"+check+"/status", "")

	// A check that is disabled and inverted is unhealthy at once.
	a.route53(
		http.MethodPost, "healthcheck/"+check,
		`<UpdateHealthCheckRequest><Disabled>true</Disabled><Inverted>true</Inverted></UpdateHealthCheckRequest>`,
	)
	leads("one.test.", serves(west))
	e.fault(west, "app-down")
	if got := a.answersAt(leads("one.test.", func(string) bool { return true })); !strings.Contains(got, "502 Bad Gateway") {
		t.Errorf("with its application down us-west-2 answers %s", got)
	}
	e.heal()

	e.down()
	record = e.up()
	a.endpoint = record.Endpoint
	leads("one.test.", serves(west))
	a.route53(
		http.MethodPost, "healthcheck/"+check,
		`<UpdateHealthCheckRequest><Disabled>false</Disabled><Inverted>false</Inverted></UpdateHealthCheckRequest>`,
	)
	if again := leads("one.test.", serves(east)); again != first {
		t.Errorf("after a restart the load balancer is at %s, was at %s", again, first)
	}
}
