package gateway

import (
	"net/http"
	"regexp"
	"strings"
)

// route53Namespace is the XML namespace of Route 53's answers.
// AWS: Amazon Route 53 API Reference, "Making API requests".
const route53Namespace = "https://route53.amazonaws.com/doc/2013-04-01/"

// signingPath is that of GetDNSSEC. AWS: Amazon Route 53 API Reference, GetDNSSEC.
var signingPath = regexp.MustCompile(`^/2013-04-01/hostedzone/[^/]+/dnssec$`)

// newZoneSigning answers whether a zone is signed: the emulator signs none.
func newZoneSigning(string) (Gap, error) {
	return Gap{
		Name:   "DNSSEC status of hosted zones",
		AWS:    "GetDNSSEC returns NOT_SIGNING for a public zone in which signing was never enabled, and refuses a private zone.",
		Source: "https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetDNSSEC.html",
		Matches: func(c *Call) bool {
			return c.Service == "route53" && c.Method == http.MethodGet && signingPath.MatchString(c.URL.Path)
		},
		Serve: func(g *Gateway, w http.ResponseWriter, c *Call) {
			c.URL.Path, c.URL.RawPath = strings.TrimSuffix(c.URL.Path, "/dnssec"), ""
			a, err := g.ask(c)
			if err == nil && a.ok() {
				a, err = zoneSigning(a)
			}
			g.respond(w, c, a, err)
		},
	}, nil
}

// zoneSigning turns a good answer to GetHostedZone into that to GetDNSSEC.
func zoneSigning(zone answer) (answer, error) {
	root, err := parseXML(zone.Body)
	if err != nil {
		return answer{}, err
	}
	status, body := http.StatusOK, newElement("GetDNSSECResponse",
		newElement("Status", text("ServeSignature", "NOT_SIGNING")), newElement("KeySigningKeys"))
	if root.textAt("HostedZone", "Config", "PrivateZone") == "true" {
		status, body = http.StatusBadRequest, newElement("ErrorResponse",
			newElement("Error", text("Type", "Sender"), text("Code", "InvalidArgument"),
				text("Message", "Operation is unsupported for private hosted zones")),
			text("RequestId", requestID()))
	}
	body.Attributes = []attribute{{"xmlns", route53Namespace}}
	return answer{Status: status, Header: xmlHeader(), Body: body.document()}, nil
}
