package gateway

import (
	"errors"
	"net/http"
	"regexp"
	"time"

	"warmstandby/test/local/route53"
)

// statusPath is the path of GetHealthCheckStatus and GetHealthCheckLastFailureReason. AWS: Amazon Route 53 API Reference.
var statusPath = regexp.MustCompile(`^(/2013-04-01/healthcheck/([^/]+))/(status|lastfailurereason)$`)

const (
	// checkerRegion is where the checker is listed: in neither of the platform's regions.
	checkerRegion = "eu-west-1"
	// checkerAddress is the checker's address in observations.
	checkerAddress = "127.0.0.1"
)

// newHealthCheckStatus answers with the last observation of a health check, and with that of its last failure.
func newHealthCheckStatus(string) (Handler, error) {
	return Handler{
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
			resp, err := g.callEmulator(c)
			if err == nil && resp.ok() {
				resp, err = g.healthCheckStatus(parts[2], parts[3])
			}
			g.respond(w, c, resp, err)
		},
	}, nil
}

// healthCheckStatus answers for a health check that exists. One that was created a moment ago has no status yet.
func (g *Gateway) healthCheckStatus(id, question string) (apiResponse, error) {
	if g.route53 == nil {
		return apiResponse{}, errors.New("nothing evaluates health checks")
	}
	status, err := g.route53.Status(id)
	if err != nil && !errors.Is(err, route53.ErrUnknown) {
		return apiResponse{}, err
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
		code, body = http.StatusBadRequest, newElement(
			"ErrorResponse",
			newElement(
				"Error",
				text("Type", "Sender"),
				text("Code", "InvalidInput"),
				text("Message", "The health check "+id+" is a calculated health check."),
			),
			text("RequestId", requestID()),
		)
	}
	body.Attributes = []xmlAttribute{{"xmlns", route53Namespace}}
	return apiResponse{Status: code, Header: xmlHeader(), Body: body.encode()}, nil
}
