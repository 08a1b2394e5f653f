package gateway

import (
	"encoding/base64"
	"net/http"
	"regexp"
	"strings"

	"warmstandby/test/local/fault"
)

// The emulator gives each function its region as the user of its proxy and as the application id that SDKs put into
// User-Agent. AWS: AWS SDKs and Tools Reference Guide, "Application ID", AWS_SDK_UA_APP_ID.
const proxyCredentials = "Proxy-Authorization"

// applicationID is the region in a User-Agent, as SDKs write an application id.
var applicationID = regexp.MustCompile(`(?:^|\s)app/([a-z0-9-]+)(?:\s|$)`)

// originRegion returns the region of the function that sent a request, "" for a sender outside all regions: a user, a tool or
// a health checker.
func originRegion(r *http.Request) string {
	region := ""
	if encoded, ok := strings.CutPrefix(r.Header.Get(proxyCredentials), "Basic "); ok {
		credentials, err := base64.StdEncoding.DecodeString(encoded)
		if err == nil {
			region, _, _ = strings.Cut(string(credentials), ":")
		}
	} else if found := applicationID.FindStringSubmatch(r.UserAgent()); found != nil {
		region = found[1]
	}
	if !regionPattern.MatchString(region) {
		return ""
	}
	return region
}

// separated says whether a call comes from another region than it is for, and one of the two is isolated.
func (g *Gateway) separated(call *Call) bool {
	from := originRegion(call.Request)
	if from == "" || call.Region == "" || from == call.Region {
		return false
	}
	_, fromIsolated := g.faults.Find(from, fault.Isolated)
	_, toIsolated := g.faults.Find(call.Region, fault.Isolated)
	return fromIsolated || toIsolated
}
