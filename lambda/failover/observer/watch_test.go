package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"warmstandby/shared/contract/controller"
)

func TestPoll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &watcher{hub: newHub()}
		ctx, end := context.WithCancel(t.Context())
		asked := 0
		go w.poll(ctx, feedChecks, 3*time.Second, func(ctx context.Context) (any, error) {
			if asked++; asked == 2 {
				<-ctx.Done() // a region that is lost
				return nil, ctx.Err()
			}
			return asked, nil
		})
		page, closePage := w.hub.open()
		defer closePage()
		for i, want := range []string{`"data":1`, "deadline exceeded", `"data":3`} {
			if got := string(<-page); !strings.Contains(got, want) {
				t.Errorf("message %d is %s, want %q", i, got, want)
			}
		}
		end()
		synctest.Wait()
	})
}

func TestStatus(t *testing.T) {
	var typed []string
	w := &watcher{operator: "op", deployed: controller.Config{Environment: "prod", StandbyRegion: "us-west-2"}}
	w.run = func(_ context.Context, arguments []string) (string, error) {
		typed = arguments
		return "a warning\n{\"exitCode\":4}\n", errors.New("exit status 4")
	}
	data, err := w.status(t.Context())
	if text, is := data.(json.RawMessage); err != nil || !is || !strings.Contains(string(text), `"exitCode":4`) {
		t.Errorf("it is %v, %v", data, err)
	}
	if strings.Join(typed, " ") != "op status --env prod --region us-west-2 --json" {
		t.Errorf("run was %q", typed)
	}
	w.run = func(context.Context, []string) (string, error) { return "broken", errors.New("exit status 1") }
	if data, err := w.status(t.Context()); err == nil {
		t.Errorf("it is %v", data)
	}
}

// appLogs is the log of an application, with pages without end.
type appLogs struct {
	lines   []string
	endless bool
	pages   int
}

func (a *appLogs) FilterLogEvents(
	context.Context, *cloudwatchlogs.FilterLogEventsInput, ...func(*cloudwatchlogs.Options),
) (*cloudwatchlogs.FilterLogEventsOutput, error) {
	out := &cloudwatchlogs.FilterLogEventsOutput{}
	for _, line := range a.lines {
		out.Events = append(out.Events, logtypes.FilteredLogEvent{Message: aws.String(line)})
	}
	if a.pages++; a.endless {
		out.NextToken = aws.String(fmt.Sprint(a.pages))
	}
	return out, nil
}

func TestTraffic(t *testing.T) {
	request := func(method, route string, status int) string {
		return fmt.Sprintf(`{"message":"request","method":%q,"route":%q,"status":%d,"durationMs":3}`, method, route, status)
	}
	lines := []string{
		request("GET", "/records/{id}", 200), request("GET", "/records/{id}", 404), request("POST", "/records/search", 200),
		request("POST", "/records", 201), request("PUT", "/records/{id}", 503), request("DELETE", "/records/{id}", 204),
		request("GET", "/healthz", 200), request("GET", "/readyz", 503), `{"message":"task done","durationMs":7}`, `{"message":`, "START",
	}
	got, err := readTraffic(t.Context(), &appLogs{lines: lines}, "group", start)
	if err != nil || got.Reads != (count{3, 0}) || got.Writes != (count{2, 1}) || got.Partial {
		t.Errorf("it is %+v, %v", got, err)
	}
	busy := &appLogs{lines: lines, endless: true}
	if got, err := readTraffic(t.Context(), busy, "group", start); err != nil || !got.Partial || busy.pages != trafficPages {
		t.Errorf("of a busy application it is %+v after %d pages, %v", got, busy.pages, err)
	}
}

func TestParseBody(t *testing.T) {
	widgets, err := parseBody(`{"widgets":[
		{"type":"text","x":0,"y":0,"width":24,"height":4,"properties":{"markdown":"# x"}},
		{"type":"metric","x":12,"y":4,"width":12,"height":6,"properties":{"title":"T","region":"us-west-2","view":"timeSeries","stat":"Sum",
		 "period":60,"yAxis":{"left":{"min":0},"right":{"label":"ms"}},"annotations":{"horizontal":[{"label":"Late","value":900}]},
		 "metrics":[["AWS/Lambda","Invocations","FunctionName","f",{"label":"Invocations"}],
		  ["AWS/Lambda","Duration","FunctionName","f",{"label":"p99","stat":"p99","yAxis":"right"}],["N","M"]]}}]}`)
	if err != nil || len(widgets) != 2 || widgets[0].Markdown != "# x" || len(widgets[1].Lines) != 3 {
		t.Fatalf("it is %+v, %v", widgets, err)
	}
	lines := widgets[1].Lines
	if of := lines[0].query.MetricStat; aws.ToString(of.Stat) != "Sum" || aws.ToString(of.Metric.Dimensions[0].Value) != "f" ||
		lines[0].Right {
		t.Errorf("the first line is %+v", lines[0])
	}
	if of := lines[1].query.MetricStat; aws.ToString(of.Stat) != "p99" || !lines[1].Right || lines[1].Label != "p99" {
		t.Errorf("the second line is %+v", lines[1])
	}
	if lines[2].Label != "M" || aws.ToString(lines[2].query.Id) == aws.ToString(lines[1].query.Id) {
		t.Errorf("the third line is %+v", lines[2])
	}
	if widgets[1].Right != "ms" || len(widgets[1].Marks) != 1 || widgets[1].Marks[0].Value != 900 {
		t.Errorf("the widget is %+v", widgets[1])
	}
	for name, metric := range map[string]string{
		"a shorthand": `["AWS/Lambda",".",".","f"]`, "half a dimension": `["N","M","D"]`, "no name": `["N"]`, "a number": `["N",1]`,
		"options of another type": `["N","M",{"period":"x"}]`, "nothing": `[]`,
	} {
		if widgets, err := parseBody(`{"widgets":[{"type":"metric","properties":{"metrics":[` + metric + `]}}]}`); err == nil {
			t.Errorf("%s is read as %+v", name, widgets)
		}
	}
}
