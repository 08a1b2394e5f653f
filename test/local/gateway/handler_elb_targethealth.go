package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"warmstandby/test/local/fault"
)

// targetHealth is a target's state, with the reason why it is not healthy. AWS: Elastic Load Balancing API Reference,
// TargetHealth.
type targetHealth struct{ state, reason, description string }

var (
	healthy      = targetHealth{state: "healthy"}
	notChecked   = targetHealth{"unavailable", "Target.HealthCheckDisabled", "Health checks are not enabled for this target"}
	failedChecks = targetHealth{"unhealthy", "Target.FailedHealthChecks", "Health checks failed"}
	timedOut     = targetHealth{"unhealthy", "Target.Timeout", "Request timed out"}
)

func statusMismatch(status int) targetHealth {
	return targetHealth{"unhealthy", "Target.ResponseCodeMismatch", fmt.Sprintf("Health checks failed with these codes: [%d]", status)}
}

// newTargetHealth runs the health checks of functions behind load balancers when a client asks for their health. One check
// decides: thresholds are not applied. Targets that are not functions stay healthy, as the emulator reports them.
func newTargetHealth(string) (Handler, error) {
	return Handler{
		Name: "health of functions behind load balancers",
		AWS: "A load balancer sends its target group's health checks to the function, as requests for the health check path, and" +
			" DescribeTargetHealth says what they found.",
		Source:  "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html",
		Matches: matchActions("elasticloadbalancing", "DescribeTargetHealth"),
		Edit: func(g *Gateway, c *Call, root *xmlElement) error {
			group, err := g.targetGroup(c)
			if err != nil || group == nil || group.findText("TargetType") != "lambda" {
				return err
			}
			return root.each("TargetHealthDescriptions", func(list *xmlElement) error {
				for _, target := range list.Children {
					found, err := g.checkTarget(c, group, target.findText("Target", "Id"))
					if err != nil {
						return err
					}
					state := newElement("TargetHealth", text("State", found.state))
					if found != healthy {
						state.set(text("Reason", found.reason), text("Description", found.description))
					}
					target.set(state)
				}
				return nil
			})
		},
	}, nil
}

// targetGroup returns the description of the target group in a call, or nil when it does not exist.
func (g *Gateway) targetGroup(c *Call) (*xmlElement, error) {
	resp, err := g.queryEmulator(c.Context(), c.Region, c.Service, url.Values{
		"Action": {"DescribeTargetGroups"}, "Version": {"2015-12-01"}, "TargetGroupArns.member.1": {c.Form.Get("TargetGroupArn")},
	})
	if err != nil || !resp.ok() {
		return nil, err
	}
	root, err := parseXML(resp.Body)
	if err != nil {
		return nil, err
	}
	return root.find("DescribeTargetGroupsResult", "TargetGroups", "member"), nil
}

// checkTarget runs one health check of a target group against a function.
func (g *Gateway) checkTarget(c *Call, group *xmlElement, function string) (targetHealth, error) {
	if group.findText("HealthCheckEnabled") != "true" {
		return notChecked, nil
	}
	if _, down := g.faults.Find(c.Region, fault.AppDown); down {
		return failedChecks, nil
	}
	seconds, err := strconv.Atoi(group.findText("HealthCheckTimeoutSeconds"))
	if err != nil {
		return targetHealth{}, fmt.Errorf("reading a health check's timeout: %w", err)
	}
	ctx, cancel := context.WithTimeout(c.Context(), time.Duration(seconds)*time.Second)
	defer cancel()
	status, err := g.invokeHealthCheck(ctx, c.Region, group, function)
	switch {
	case ctx.Err() != nil && c.Context().Err() == nil:
		return timedOut, nil
	case errors.Is(err, errNoResponse):
		return failedChecks, nil
	case err != nil:
		return targetHealth{}, fmt.Errorf("checking %s: %w", function, err)
	case !matcherAccepts(group.findText("Matcher", "HttpCode"), status):
		return statusMismatch(status), nil
	}
	return healthy, nil
}

// errNoResponse says that a function was invoked and did not return a response that a load balancer can use.
var errNoResponse = errors.New("no response")

// invokeHealthCheck invokes a function with a load balancer's health check and returns the HTTP status of its response.
func (g *Gateway) invokeHealthCheck(ctx context.Context, region string, group *xmlElement, function string) (status int, err error) {
	event, err := json.Marshal(map[string]any{
		"requestContext":        map[string]any{"elb": map[string]string{"targetGroupArn": group.findText("TargetGroupArn")}},
		"httpMethod":            http.MethodGet,
		"path":                  group.findText("HealthCheckPath"),
		"queryStringParameters": map[string]string{},
		"headers":               map[string]string{"user-agent": "ELB-HealthChecker/2.0"},
		"body":                  "",
		"isBase64Encoded":       false,
	})
	if err != nil {
		return 0, err
	}
	path := g.emulator.String() + "/2015-03-31/functions/" + url.PathEscape(function) + "/invocations"
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, path, bytes.NewReader(event))
	if err != nil {
		return 0, err
	}
	signAs(request, region, "lambda")
	response, err := g.client.Do(request)
	if err != nil {
		return 0, err
	}
	body, err := readBody(response.Body)
	if err != nil {
		return 0, err
	}
	var result struct {
		StatusCode int `json:"statusCode"`
	}
	functionFailed := response.StatusCode != http.StatusOK || response.Header.Get("X-Amz-Function-Error") != ""
	if functionFailed || json.Unmarshal(body, &result) != nil || result.StatusCode == 0 {
		return 0, errNoResponse
	}
	return result.StatusCode, nil
}

// matcherAccepts says whether a matcher accepts a status: "200", "200,202" or "200-299". AWS: Elastic Load Balancing API
// Reference, Matcher.
func matcherAccepts(matcher string, status int) bool {
	for part := range strings.SplitSeq(matcher, ",") {
		first, last, isRange := strings.Cut(strings.TrimSpace(part), "-")
		if !isRange {
			last = first
		}
		low, errLow := strconv.Atoi(first)
		high, errHigh := strconv.Atoi(last)
		if errLow == nil && errHigh == nil && low <= status && status <= high {
			return true
		}
	}
	return false
}
