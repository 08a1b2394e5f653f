package gateway

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"warmstandby/test/local/fault"
)

// maxHealthCheckTimeout is the longest time-out that Elastic Load Balancing admits, in seconds: for a function that answers.
const maxHealthCheckTimeout = 120

// balancedFunction is an emulator with one function in one target group.
func balancedFunction(targetType, enabled, matcher string, function http.HandlerFunc) http.HandlerFunc {
	return balancedFunctionWithTimeout(maxHealthCheckTimeout, targetType, enabled, matcher, function)
}

// balancedFunctionWithTimeout is balancedFunction with health checks that time out after some seconds.
func balancedFunctionWithTimeout(timeout int, targetType, enabled, matcher string, function http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/invocations"):
			function(w, r)
		case r.FormValue("Action") == "DescribeTargetGroups":
			fmt.Fprintf(w, `<R><DescribeTargetGroupsResult><TargetGroups><member><TargetGroupArn>%s</TargetGroupArn>
				<HealthCheckEnabled>%s</HealthCheckEnabled><HealthCheckPath>/healthz</HealthCheckPath><HealthCheckTimeoutSeconds>%d</HealthCheckTimeoutSeconds>
				<Matcher><HttpCode>%s</HttpCode></Matcher><TargetType>%s</TargetType></member></TargetGroups></DescribeTargetGroupsResult></R>`,
				r.FormValue("TargetGroupArns.member.1"), enabled, timeout, matcher, targetType)
		default:
			io.WriteString(w, `<R><X><TargetHealthDescriptions><member><Target><Id>arn:aws:lambda:us-east-1:`+account+`:function:app</Id></Target>
				<TargetHealth><State>healthy</State></TargetHealth></member></TargetHealthDescriptions></X></R>`)
		}
	}
}

func answering(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintf(w, `{"statusCode":%d,"body":""}`, status) }
}

func TestATargetsHealthIsWhatItsFunctionAnswers(t *testing.T) {
	for name, test := range map[string]struct {
		targetType, enabled, matcher string
		function                     http.HandlerFunc
		want                         string
	}{
		"a function that answers 200": {"lambda", "true", "200", answering(200), "<TargetHealth><State>healthy</State></TargetHealth>"},
		"one that answers 503": {"lambda", "true", "200", answering(503),
			"<State>unhealthy</State><Reason>Target.ResponseCodeMismatch</Reason><Description>Health checks failed with these codes: [503]</Description>"},
		"a code in the matcher's range": {"lambda", "true", "200-299", answering(204), "<State>healthy</State>"},
		"one that fails": {"lambda", "true", "200", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Amz-Function-Error", "Unhandled")
			io.WriteString(w, `{"errorMessage":"no"}`)
		}, "<Reason>Target.FailedHealthChecks</Reason>"},
		"one that is not there": {"lambda", "true", "200", func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "ResourceNotFoundException", http.StatusNotFound)
		}, "<Reason>Target.FailedHealthChecks</Reason>"},
		"one whose result is no response": {"lambda", "true", "200", func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, `{"foo":1}`)
		}, "<Reason>Target.FailedHealthChecks</Reason>"},
		"checks that are off": {
			"lambda", "false", "200", answering(503), "<State>unavailable</State><Reason>Target.HealthCheckDisabled</Reason>",
		},
		"a target that is not a function": {"ip", "true", "200", answering(503), "<State>healthy</State>"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t, t.TempDir(), balancedFunction(test.targetType, test.enabled, test.matcher, test.function))
			_, body := f.query(lostRegion, "elasticloadbalancing", "DescribeTargetHealth", "TargetGroupArn", "arn")
			wantParts(t, body, test.want)
		})
	}
}

func TestATargetThatDoesNotAnswerInTimeIsUnhealthy(t *testing.T) {
	f := newFake(t, t.TempDir(), balancedFunctionWithTimeout(1, "lambda", "true", "200", func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}))
	_, body := f.query(lostRegion, "elasticloadbalancing", "DescribeTargetHealth", "TargetGroupArn", "arn")
	wantParts(t, body, "<Reason>Target.Timeout</Reason>")
}

func TestAHealthCheckIsALoadBalancersRequest(t *testing.T) {
	var got string
	f := newFake(t, t.TempDir(), balancedFunction("lambda", "true", "200", func(w http.ResponseWriter, r *http.Request) {
		region, service := signatureScope(r)
		body, _ := io.ReadAll(r.Body)
		got = region + " " + service + " " + r.URL.EscapedPath() + " " + string(body)
		answering(200)(w, r)
	}))
	f.query(lostRegion, "elasticloadbalancing", "DescribeTargetHealth", "TargetGroupArn", "arn:group")
	wantParts(t, got, lostRegion+" lambda ", "function:app/invocations", `"path":"/healthz"`, `"httpMethod":"GET"`,
		`"user-agent":"ELB-HealthChecker/2.0"`, `"targetGroupArn":"arn:group"`)
}

// A target of a region whose application is down is unhealthy.
func TestTargetOfDownApplication(t *testing.T) {
	f := newFake(t, t.TempDir(), balancedFunction("lambda", "true", "200", answering(200)))
	f.addFault(fault.AppDown, 0)
	_, body := f.query(lostRegion, "elasticloadbalancing", "DescribeTargetHealth", "TargetGroupArn", "arn")
	wantParts(t, body, "<State>unhealthy</State><Reason>Target.FailedHealthChecks</Reason>")
}

func TestAMatcherIsAListOfCodesAndRanges(t *testing.T) {
	for matcher, codes := range map[string]map[int]bool{
		"200":           {200: true, 201: false},
		"200,202":       {200: true, 201: false, 202: true},
		"200-299":       {199: false, 200: true, 299: true, 300: false},
		"200, 300-301 ": {300: true, 302: false},
		"":              {200: false},
		"ok":            {200: false},
	} {
		for code, want := range codes {
			if got := matcherAccepts(matcher, code); got != want {
				t.Errorf("%q matches %d: %t, want %t", matcher, code, got, want)
			}
		}
	}
}
