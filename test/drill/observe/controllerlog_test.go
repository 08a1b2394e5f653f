package observe

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/spec"
	"warmstandby/shared/contract/controller"
	"warmstandby/test/drill/evidence"
)

// logPages is CloudWatch Logs of one log group, whose lines come in pages. An error takes the place of the last page.
type logPages struct {
	pages [][]string
	err   error
}

func (l logPages) FilterLogEvents(
	_ context.Context, in *cloudwatchlogs.FilterLogEventsInput, _ ...func(*cloudwatchlogs.Options),
) (*cloudwatchlogs.FilterLogEventsOutput, error) {
	if aws.ToString(in.LogGroupName) != "group" || aws.ToInt64(in.StartTime) != drillBegan.UnixMilli() {
		return nil, errors.New("no such group, or a time before the drill")
	}
	index, _ := strconv.Atoi(aws.ToString(in.NextToken))
	last := index == len(l.pages)-1
	if last && l.err != nil {
		return nil, l.err
	}
	out := &cloudwatchlogs.FilterLogEventsOutput{}
	for _, line := range l.pages[index] {
		out.Events = append(out.Events, types.FilteredLogEvent{
			Message: aws.String(line), LogStreamName: aws.String("stream"), Timestamp: aws.Int64(drillBegan.UnixMilli()),
		})
	}
	if !last {
		out.NextToken = aws.String(strconv.Itoa(index + 1))
	}
	return out, nil
}

var drillBegan = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// controllerLine is a line of the controller, so many seconds after the drill began.
func controllerLine(t *testing.T, second int, kind spec.Kind, attributes map[string]any) string {
	t.Helper()
	line := map[string]any{"time": drillBegan.Add(time.Duration(second) * time.Second), "msg": kind, "run": "1"}
	maps.Copy(line, attributes)
	text, err := json.Marshal(line)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestControllerLog(t *testing.T) {
	at := func(second int) time.Time { return drillBegan.Add(time.Duration(second) * time.Second) }
	lost := decision.Evidence{
		Now: at(300), Mode: controller.Automatic, Database: decision.Database{Known: true},
		Writes:    decision.Writes{Known: true, FailingSince: at(0), Failures: 9, Cause: decision.CauseUnreachable},
		Heartbeat: decision.Heartbeat{Known: true}, Replication: decision.Replication{Known: true, Through: at(-20)},
		Standby: decision.Standby{Known: true}, Routing: decision.Routing{Known: true}, PrimaryReads: decision.Reads{Known: true},
	}
	move := func(phase string) map[string]any {
		return map[string]any{"action": "failover", "target": "arn", "phase": phase, "by": "controller", "loss": at(0)}
	}
	decided := controllerLine(t, 300, spec.Decided, map[string]any{"action": "failover", "would": "none", "evidence": lost})
	intended := controllerLine(t, 301, spec.Saved, move("intent"))
	requested := controllerLine(t, 302, spec.Requested, move(""))
	answered := controllerLine(t, 303, spec.Answered, map[string]any{"action": "failover", "target": "arn", "outcome": spec.Accepted})
	start, report := "START RequestId: 1 Version: $LATEST", "REPORT RequestId: 1\tDuration: 2 ms"

	for _, test := range []struct {
		name      string
		log       logPages
		decisions int
		unread    string
		rules     string // that are broken
	}{
		{
			"lines of Lambda's own are left out",
			logPages{pages: [][]string{{start, decided, intended, requested, answered, "END RequestId: 1", report, "", "{"}}}, 1, "", "",
		},
		{
			"every page is read, those after an empty one too",
			logPages{pages: [][]string{{start, decided}, {}, {intended}, {requested, answered, report}}}, 1, "", "",
		},
		{
			"a violation on a later page is found",
			logPages{pages: [][]string{{start, decided}, {}, {requested, answered}}}, 1, "", spec.RuleIntent,
		},
		{
			"lines are ordered by their own times",
			logPages{pages: [][]string{{requested, intended}, {answered, decided}}}, 1, "", "",
		},
		{"a log without the controller's lines has no decision", logPages{pages: [][]string{{start, report}}}, 0, "", ""},
		{"an empty log has no decision", logPages{pages: [][]string{{}}}, 0, "", ""},
		{
			"a page that cannot be read makes the log unread",
			logPages{pages: [][]string{{decided}, {intended}}, err: errors.New("access denied")}, 0, "reading log group group: access denied", "",
		},
		{
			"a line that cannot be understood makes the log unread",
			logPages{pages: [][]string{{strings.Replace(requested, `"arn"`, "7", 1)}}}, 0, "reading log group group, stream stream", "",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := ControllerLog(t.Context(), test.log, "group", drillBegan)
			rules := ruleNames(got.Violations)
			unread := got.Unread == "" && test.unread == "" || test.unread != "" && strings.Contains(got.Unread, test.unread)
			if got.Group != "group" || got.Decisions != test.decisions || !unread || rules != test.rules {
				t.Errorf("the log is %+v, want %d decisions, unread %q and broken %q", got, test.decisions, test.unread, test.rules)
			}
			for _, v := range got.Violations {
				if v.At.IsZero() || v.Run != "1" || v.Text == "" {
					t.Errorf("the violation %+v is not described", v)
				}
			}
		})
	}
}

func ruleNames(violations []evidence.Violation) string {
	var rules []string
	for _, v := range violations {
		rules = append(rules, v.Rule)
	}
	return strings.Join(rules, ", ")
}
