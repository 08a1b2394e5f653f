package gateway

import (
	"errors"
	"net/http"
	"regexp"
	"time"

	"warmstandby/test/local/route53"
)

// statusPath is that of GetHealthCheckStatus and GetHealthCheckLastFailureReason. AWS: Amazon Route 53 API Reference.
var statusPath = regexp.MustCompile(`^(/2013-04-01/healthcheck/([^/]+))/(status|lastfailurereason)$`)

// The checker, as it is listed: it stands outside of both of the platform's regions.
const (
	checkerRegion  = "eu-west-1"
	checkerAddress = "127.0.0.1"
)

// newHealthCheckStatus answers how a health check stands and why it failed last.
func newHealthCheckStatus(string) (Gap, error) {
	return Gap{
		Name: "status of health checks",
		AWS: "GetHealthCheckStatus lists what each checker found last, GetHealthCheckLastFailureReason what each found when the endpoint failed" +
			" last, nothing before that. Neither is for calculated health checks. Here there is one checker.",
		Source: "https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetHealthCheckStatus.html",
		Matches: func(c *Call) bool {
			return c.Service == "route53" && c.Method == http.MethodGet && statusPath.MatchString(c.URL.Path)
		},
		Serve: func(g *Gateway, w http.ResponseWriter, c *Call) {
			parts := statusPath.FindStringSubmatch(c.URL.Path)
			c.URL.Path, c.URL.RawPath = parts[1], ""
			a, err := g.ask(c)
			if err == nil && a.ok() {
				a, err = g.healthCheckStatus(parts[2], parts[3])
			}
			g.respond(w, c, a, err)
		},
	}, nil
}

// healthCheckStatus answers about a health check that is there. One that was made a moment ago has no status yet.
func (g *Gateway) healthCheckStatus(id, question string) (answer, error) {
	if g.route53 == nil {
		return answer{}, errors.New("nothing evaluates health checks")
	}
	status, err := g.route53.Status(id)
	if err != nil && !errors.Is(err, route53.ErrUnknown) {
		return answer{}, err
	}
	name, found := "GetHealthCheckStatusResponse", status.Last
	if question == "lastfailurereason" {
		name, found = "GetHealthCheckLastFailureReasonResponse", status.LastFailure
	}
	code, body := http.StatusOK, newElement(name, newElement("HealthCheckObservations"))
	if found != nil {
		body.child("HealthCheckObservations").set(newElement("HealthCheckObservation",
			text("Region", checkerRegion), text("IPAddress", checkerAddress),
			newElement("StatusReport", text("Status", found.Status), text("CheckedTime", found.Checked.Format(time.RFC3339Nano)))))
	}
	if status.Calculated() {
		code, body = http.StatusBadRequest, newElement("ErrorResponse",
			newElement("Error", text("Type", "Sender"), text("Code", "InvalidInput"), text("Message", "The health check "+id+" is a calculated health check.")),
			text("RequestId", requestID()))
	}
	body.Attributes = []attribute{{"xmlns", route53Namespace}}
	return answer{Status: code, Header: xmlHeader(), Body: body.document()}, nil
}
