package instance

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"warmstandby/test/local/fault"
)

// TestAFunctionReachesTheNameServers asks name servers as a function does: at the address in its environment.
func TestAFunctionReachesTheNameServers(t *testing.T) {
	t.Parallel()
	e := newEnvironment(t)
	record := e.up()
	a := aws{t, record.Endpoint}
	servers := map[string]string{}
	for _, region := range []string{east, west} {
		name, _ := a.balance(region, a.function(region, "app", application))
		_, body := a.visit(name, "/variables")
		address, rest, _ := strings.Cut(body, " ")
		if rest != "undefined undefined" || !strings.HasPrefix(address, "127.0.0.1:") || address == record.DNS {
			t.Errorf("a function of %s has the variables %q, want the address of name servers for its region alone", region, body)
		}
		servers[region] = address
		if got := resolved(t, address, "one.test."); !slices.Equal(got, []string{"REFUSED"}) {
			t.Errorf("from %s a name of no zone is answered %v", region, got)
		}
	}
	for _, kind := range []fault.Kind{fault.Split, fault.Isolated, fault.AppDown} {
		e.fault(west, kind)
		if got := resolved(t, servers[west], "one.test."); !slices.Equal(got, []string{"REFUSED"}) {
			t.Errorf("with %s us-west-2 is answered %v: name servers are in no region", kind, got)
		}
	}
}

// nameServer is the form of a name server's name. AWS: Amazon Route 53 API Reference, GetHostedZone, the sample response.
var nameServer = regexp.MustCompile(`^ns-\d{1,4}\.awsdns-\d{2}\.(com|net|org|co\.uk)$`)

func TestAZoneHasFourNameServersThatItsNSRecordLists(t *testing.T) {
	t.Parallel()
	e := newEnvironment(t)
	a := aws{t, e.up().Endpoint}
	made := a.route53(http.MethodPost, "hostedzone",
		`<CreateHostedZoneRequest><Name>one.test</Name><CallerReference>one</CallerReference></CreateHostedZoneRequest>`)
	id := strings.TrimPrefix(a.field(made, "Id"), "/")
	listed := regexp.MustCompile(`<NameServer>([^<]*)</NameServer>`)
	var names []string
	for _, found := range listed.FindAllStringSubmatch(a.route53(http.MethodGet, id, ""), -1) {
		names = append(names, found[1])
		if !nameServer.MatchString(found[1]) {
			t.Errorf("a name server is called %q", found[1])
		}
	}
	if slices.Sort(names); len(names) != 4 || len(slices.Compact(names)) != 4 {
		t.Errorf("the zone has the name servers %q, want four", names)
	}
	records := a.route53(http.MethodGet, id+"/rrset", "")
	for _, name := range names {
		if !strings.Contains(records, "<Value>"+name+".</Value>") {
			t.Errorf("the zone's records lack %s: %s", name, records)
		}
		if !strings.Contains(made, "<NameServer>"+name+"</NameServer>") {
			t.Errorf("the answer to the creation lacks %s: %s", name, made)
		}
	}
}
