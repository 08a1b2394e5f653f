package instance

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"warmstandby/test/local/fault"
	"warmstandby/test/local/testwait"
)

// invoke invokes a function and returns the status; kind is RequestResponse or Event. It is for goroutines of a test: it ends none.
func (a aws) invoke(ctx context.Context, region, name, kind, payload string) (status int, body string, err error) {
	path := a.endpoint + "/2015-03-31/functions/" + name + "/invocations"
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, path, strings.NewReader(payload))
	if err != nil {
		return 0, "", err
	}
	request.Header.Set("X-Amz-Invocation-Type", kind)
	sign(request, region, "lambda")
	return roundTrip(request)
}

// Lambda grants a region so many executions at once. What is more is refused at once, or waits if it is asynchronous, and the metrics say
// how many are in use.
func TestConcurrency(t *testing.T) {
	t.Parallel()
	const granted = 10
	e := newEnvironment(t)
	a := aws{t, e.up().Endpoint}
	gate, journal := filepath.Join(t.TempDir(), "gate"), filepath.Join(t.TempDir(), "journal")
	// An invocation holds its execution until the gate is there.
	module := fmt.Sprintf(`
import fs from "node:fs";
export const handler = async (event) => {
	console.log("in");
	fs.appendFileSync(%q, event.name + "\n");
	while (event.waits && !fs.existsSync(%q)) await new Promise((resolve) => setTimeout(resolve, 50));
	return { statusCode: 200, body: "done" };
};`, journal, gate)
	function := a.function(west, "busy", module)
	a.function(east, "busy", module)
	const configuration = "/2015-03-31/functions/busy/configuration"
	if status, output := a.rest(west, "lambda", http.MethodPut, configuration, object{"Timeout": 300}); status != http.StatusOK {
		t.Fatalf("giving the function time: %d %v", status, output)
	}
	host, _ := a.balance(west, function)
	e.fault(west, fault.FewExecutions)

	answers := make(chan int, granted)
	for i := range granted {
		go func() {
			status, _, _ := a.invoke(t.Context(), west, "busy", "RequestResponse", fmt.Sprintf(`{"waits":true,"name":"held %d"}`, i))
			answers <- status
		}()
	}
	open := func() {
		if err := os.WriteFile(gate, nil, 0o600); err != nil {
			t.Error(err)
		}
	}
	defer open()
	ran := func(name string) int {
		content, _ := os.ReadFile(journal)
		return strings.Count(string(content), name)
	}
	testwait.Until(t, "all executions are in use", func() error {
		if n := ran("held"); n < granted {
			return fmt.Errorf("%d are", n)
		}
		return nil
	})

	status, body, err := a.invoke(t.Context(), west, "busy", "RequestResponse", `{"name":"one more"}`)
	var refused struct {
		Type   string `json:"__type"`
		Reason string
	}
	if err != nil || status != http.StatusTooManyRequests || json.Unmarshal([]byte(body), &refused) != nil ||
		refused.Type != "TooManyRequestsException" {
		t.Errorf("one execution more is answered %d %s, %v", status, body, err)
	}
	if status, _ := a.visit(host, "/records"); status != http.StatusBadGateway {
		t.Errorf("the load balancer answers %d for one that Lambda refuses, want 502", status)
	}
	if status, _, err := a.invoke(t.Context(), east, "busy", "RequestResponse", `{"name":"elsewhere"}`); status != http.StatusOK {
		t.Errorf("the other region answers %d, %v", status, err)
	}
	if status, _, err := a.invoke(t.Context(), west, "busy", "Event", `{"name":"later"}`); status != http.StatusAccepted {
		t.Errorf("an event is answered %d, %v", status, err)
	}
	a.schedule(west, "once", object{"Arn": function, "Input": `{"name":"scheduled"}`})
	testwait.Until(t, "the metric has the executions in use", func() error {
		output := a.json(west, "monitoring", "GraniteServiceVersion20100801.GetMetricStatistics", object{
			"Namespace": "AWS/Lambda", "MetricName": "ClaimedAccountConcurrency", "Period": 60, "Statistics": []string{"Maximum"},
			"StartTime": time.Now().Add(-5 * time.Minute).Unix(), "EndTime": time.Now().Add(time.Minute).Unix(),
		})
		if got := fmt.Sprint(output["Datapoints"]); !strings.Contains(got, fmt.Sprintf("Maximum:%d", granted)) {
			return fmt.Errorf("it has %s", got)
		}
		return nil
	})
	for _, name := range []string{"later", "scheduled"} {
		if n := ran(name); n > 0 {
			t.Errorf("the event %s ran %d times without an execution", name, n)
		}
	}
	open()
	for range granted {
		if status := <-answers; status != http.StatusOK {
			t.Errorf("an execution in use ends with %d", status)
		}
	}
	for _, name := range []string{"later", "scheduled"} {
		testwait.Until(t, "the event "+name+" runs", func() error {
			if n := ran(name); n != 1 {
				return fmt.Errorf("it ran %d times", n)
			}
			return nil
		})
	}
}

// Lambda counts invocations of schedules as it counts all others: AWS Lambda Developer Guide, "Types of metrics for Lambda functions".
func TestScheduledInvocationsAreCounted(t *testing.T) {
	t.Parallel()
	e := newEnvironment(t)
	a := aws{t, e.up().Endpoint}
	function := a.function(west, "counted", `
export const handler = async (event) => {
	if (event.fails) throw new Error("as asked");
};`)
	a.schedule(west, "good", object{"Arn": function, "Input": `{}`})
	a.schedule(west, "bad", object{"Arn": function, "Input": `{"fails":true}`})
	for metric, want := range map[string]string{"Invocations": "SampleCount:2 Sum:2", "Errors": "SampleCount:2 Sum:1"} {
		testwait.Until(t, "the metric "+metric, func() error {
			output := a.json(west, "monitoring", "GraniteServiceVersion20100801.GetMetricStatistics", object{
				"Namespace": "AWS/Lambda", "MetricName": metric, "Period": 3600, "Statistics": []string{"Sum", "SampleCount"},
				"Dimensions": []object{{"Name": "FunctionName", "Value": "counted"}},
				"StartTime":  time.Now().Add(-time.Hour).Truncate(time.Hour).Unix(), "EndTime": time.Now().Add(time.Hour).Unix(),
			})
			if got := fmt.Sprint(output["Datapoints"]); !strings.Contains(got, want) {
				return fmt.Errorf("it has %s, want %s", got, want)
			}
			return nil
		})
	}
}
