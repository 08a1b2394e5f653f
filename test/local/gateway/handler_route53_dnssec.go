package gateway

import (
	"net/http"
	"regexp"
	"strings"
)

// route53Namespace is the XML namespace of Route 53's responses. AWS: Amazon Route 53 API Reference, "Making API requests".
const route53Namespace = "https://route53.amazonaws.com/doc/2013-04-01/"

// signingPath is the path of GetDNSSEC. AWS: Amazon Route 53 API Reference, GetDNSSEC.
var signingPath = regexp.MustCompile(`^/2013-04-01/hostedzone/[^/]+/dnssec$`)

// newZoneSigning answers GetDNSSEC: no zone of the emulator is signed.
func newZoneSigning(string) (Handler, error) {
	return Handler{
		Name:   "DNSSEC status of hosted zones",
		AWS:    "GetDNSSEC returns NOT_SIGNING for a public zone in which signing was never enabled, and refuses a private zone.",
		Source: "https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetDNSSEC.html",
		Matches: func(c *Call) bool {
			return c.Service == "route53" && c.Method == http.MethodGet && signingPath.MatchString(c.URL.Path)
		},
		Serve: func(g *Gateway, w http.ResponseWriter, c *Call) {
			c.URL.Path, c.URL.RawPath = strings.TrimSuffix(c.URL.Path, "/dnssec"), ""
			resp, err := g.callEmulator(c)
			if err == nil && resp.ok() {
				resp, err = zoneSigning(resp)
			}
			g.respond(w, c, resp, err)
		},
	}, nil
}

// zoneSigning turns a successful response to GetHostedZone into one to GetDNSSEC.
func zoneSigning(zone apiResponse) (apiResponse, error) {
	root, err := parseXML(zone.Body)
	if err != nil {
		return apiResponse{}, err
	}
	status, body := http.StatusOK, newElement("GetDNSSECResponse",
		newElement("Status", text("ServeSignature", "NOT_SIGNING")), newElement("KeySigningKeys"))
	if root.findText("HostedZone", "Config", "PrivateZone") == "true" {
		status, body = http.StatusBadRequest, newElement("ErrorResponse",
			newElement("Error", text("Type", "Sender"), text("Code", "InvalidArgument"),
				text("Message", "Operation is unsupported for private hosted zones")),
			text("RequestId", requestID()))
	}
	body.Attributes = []xmlAttribute{{"xmlns", route53Namespace}}
	return apiResponse{Status: status, Header: xmlHeader(), Body: body.encode()}, nil
}
