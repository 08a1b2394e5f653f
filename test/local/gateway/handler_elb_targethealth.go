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

// health is a target's state, and why it is none that is healthy.
// AWS: Elastic Load Balancing API Reference, TargetHealth.
type health struct{ state, reason, description string }

var (
	healthy    = health{state: "healthy"}
	notChecked = health{"unavailable", "Target.HealthCheckDisabled", "Health checks are not enabled for this target"}
	failed     = health{"unhealthy", "Target.FailedHealthChecks", "Health checks failed"}
	timedOut   = health{"unhealthy", "Target.Timeout", "Request timed out"}
)

func mismatch(status int) health {
	return health{"unhealthy", "Target.ResponseCodeMismatch", fmt.Sprintf("Health checks failed with these codes: [%d]", status)}
}

// newTargetHealth checks the functions behind load balancers when somebody asks for their health. There is one check and no
// count of checks: a state is that of the moment. Targets that are no functions stay healthy, as the emulator says.
func newTargetHealth(string) (Gap, error) {
	return Gap{
		Name: "health of functions behind load balancers",
		AWS: "A load balancer sends its target group's health checks to the function, as requests for the health check path, and" +
			" DescribeTargetHealth says what they found.",
		Source:  "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html",
		Matches: operations("elasticloadbalancing", "DescribeTargetHealth"),
		Edit: func(g *Gateway, c *Call, root *element) error {
			group, err := g.targetGroup(c)
			if err != nil || group == nil || group.textAt("TargetType") != "lambda" {
				return err
			}
			return root.each("TargetHealthDescriptions", func(list *element) error {
				for _, target := range list.Children {
					found, err := g.check(c, group, target.textAt("Target", "Id"))
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

// targetGroup returns the description of the target group that a call is about, nil when there is none.
func (g *Gateway) targetGroup(c *Call) (*element, error) {
	a, err := g.query(c.Context(), c.Region, c.Service, url.Values{
		"Action": {"DescribeTargetGroups"}, "Version": {"2015-12-01"}, "TargetGroupArns.member.1": {c.Form.Get("TargetGroupArn")},
	})
	if err != nil || !a.ok() {
		return nil, err
	}
	root, err := parseXML(a.Body)
	if err != nil {
		return nil, err
	}
	return root.at("DescribeTargetGroupsResult", "TargetGroups", "member"), nil
}

// check sends a function one health check of its target group.
func (g *Gateway) check(c *Call, group *element, function string) (health, error) {
	if group.textAt("HealthCheckEnabled") != "true" {
		return notChecked, nil
	}
	if _, down := g.faults.Find(c.Region, fault.AppDown); down {
		return failed, nil
	}
	seconds, err := strconv.Atoi(group.textAt("HealthCheckTimeoutSeconds"))
	if err != nil {
		return health{}, fmt.Errorf("reading a health check's timeout: %w", err)
	}
	ctx, cancel := context.WithTimeout(c.Context(), time.Duration(seconds)*time.Second)
	defer cancel()
	status, err := g.invokeCheck(ctx, c.Region, group, function)
	switch {
	case ctx.Err() != nil && c.Context().Err() == nil:
		return timedOut, nil
	case errors.Is(err, errNoResponse):
		return failed, nil
	case err != nil:
		return health{}, fmt.Errorf("checking %s: %w", function, err)
	case !matches(group.textAt("Matcher", "HttpCode"), status):
		return mismatch(status), nil
	}
	return healthy, nil
}

// errNoResponse says that a function was invoked and gave nothing that a load balancer can use.
var errNoResponse = errors.New("no response")

// invokeCheck invokes a function with a load balancer's health check and returns its status.
func (g *Gateway) invokeCheck(ctx context.Context, region string, group *element, function string) (status int, err error) {
	event, err := json.Marshal(map[string]any{
		"requestContext":        map[string]any{"elb": map[string]string{"targetGroupArn": group.textAt("TargetGroupArn")}},
		"httpMethod":            http.MethodGet,
		"path":                  group.textAt("HealthCheckPath"),
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
	body, err := readAnswer(response.Body)
	if err != nil {
		return 0, err
	}
	var result struct {
		StatusCode int `json:"statusCode"`
	}
	if response.StatusCode != http.StatusOK || response.Header.Get("X-Amz-Function-Error") != "" || json.Unmarshal(body, &result) != nil || result.StatusCode == 0 {
		return 0, errNoResponse
	}
	return result.StatusCode, nil
}

// matches says whether a status is one of a matcher's: "200", "200,202" or "200-299".
// AWS: Elastic Load Balancing API Reference, Matcher.
func matches(matcher string, status int) bool {
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
