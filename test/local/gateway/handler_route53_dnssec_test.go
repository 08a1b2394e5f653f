package gateway

import (
	"fmt"
	"net/http"
	"testing"
)

func TestAZoneSaysWhetherItIsSigned(t *testing.T) {
	f := newFake(t, t.TempDir(), func(w http.ResponseWriter, r *http.Request) {
		private, ok := map[string]string{"/2013-04-01/hostedzone/ZPUBLIC": "false", "/2013-04-01/hostedzone/ZPRIVATE": "true"}[r.URL.Path]
		if !ok {
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, "<ErrorResponse><Error><Code>NoSuchHostedZone</Code></Error></ErrorResponse>")
			return
		}
		fmt.Fprintf(
			w, "<GetHostedZoneResponse><HostedZone><Id>Z</Id><Config><PrivateZone>%s</PrivateZone></Config></HostedZone></GetHostedZoneResponse>",
			private,
		)
	})
	for name, test := range map[string]struct {
		method, path string
		status       int
		want         string
	}{
		"a public zone": {
			"GET", "ZPUBLIC/dnssec", http.StatusOK,
			"<Status><ServeSignature>NOT_SIGNING</ServeSignature></Status><KeySigningKeys></KeySigningKeys></GetDNSSECResponse>",
		},
		"a private zone": {
			"GET", "ZPRIVATE/dnssec", http.StatusBadRequest,
			"<Code>InvalidArgument</Code><Message>Operation is unsupported for private hosted zones</Message>",
		},
		"a zone that is not there": {"GET", "Z0/dnssec", http.StatusNotFound, "<Code>NoSuchHostedZone</Code>"},
		"the zone itself":          {"GET", "ZPUBLIC", http.StatusOK, "<GetHostedZoneResponse>"},
	} {
		status, body := f.send(f.request(test.method, "/2013-04-01/hostedzone/"+test.path, "us-east-1", "route53", "", ""))
		if status != test.status {
			t.Errorf("%s: %d, want %d", name, status, test.status)
		}
		wantParts(t, body, test.want)
	}
}
