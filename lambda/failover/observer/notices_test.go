package main

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"warmstandby/lambda/failover/cli"
	"warmstandby/lambda/failover/history"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func reads(events ...history.Event) func(context.Context, time.Time) ([]history.Event, error) {
	return func(context.Context, time.Time) ([]history.Event, error) { return events, nil }
}

func TestHappened(t *testing.T) {
	silent := func(context.Context, time.Time) ([]history.Event, error) { return nil, errors.New("a time-out") }
	got := happened(t.Context(), []source{
		{"the controller's log", true, reads(
			history.Event{
				At: start.Add(90 * time.Second), Kind: history.Notice, Subject: "[prod] the writer is in us-west-2",
				Text: "The failover\nis done.",
			},
			history.Event{At: start.Add(time.Second), Kind: history.Decision, Subject: "none"},
		)},
		{"the alarms of us-east-1", false, silent},
		{"the alarms of us-west-2", true, reads(
			history.Event{At: start.Add(time.Minute), Kind: history.Alarm, Region: "us-west-2", Subject: "alarm-a-prod", State: "ALARM"},
			history.Event{
				At: start.Add(5 * time.Minute), Kind: history.Alarm, Region: "us-west-2", Subject: "alarm-a-prod", State: "OK", Before: "ALARM",
			},
			history.Event{At: start, Kind: history.Alarm, Region: "us-west-2", Subject: "alarm-b-prod", State: "OK", Before: "INSUFFICIENT_DATA"},
		)},
	}, start)
	want := strings.Join([]string{
		"2026-03-01 12:01:00  alarm   ALARM              us-west-2  alarm-a-prod",
		"2026-03-01 12:01:30  NOTICE  [prod] the writer is in us-west-2",
		"    The failover",
		"    is done.",
		"2026-03-01 12:05:00  alarm   OK                 us-west-2  alarm-a-prod",
		"not known: the alarms of us-east-1: a time-out",
		"",
	}, "\n")
	if len(got.Events) != 4 {
		t.Errorf("there are %d events, want the decision among them: %+v", len(got.Events), got.Events)
	}
	if text := got.without(history.Decision).text(time.Hour); text != want {
		t.Errorf("it is\n%s\nwant\n%s", text, want)
	}
	if got.standbyUnknown {
		t.Error("the standby region is taken for silent")
	}
	if lost := happened(t.Context(), []source{{"the controller's log", true, silent}}, start); !lost.standbyUnknown ||
		!strings.Contains(lost.text(time.Hour), "not known: the controller's log") {
		t.Errorf("it is %+v", lost)
	}
	if quiet := happened(t.Context(), nil, start); !strings.Contains(quiet.text(24*time.Hour), "Nothing was notified") {
		t.Errorf("it is %q", quiet.text(24*time.Hour))
	}
}

func TestUsage(t *testing.T) {
	for _, arguments := range [][]string{
		{}, {"nothing"}, {"notices"}, {"notices", "--env", "prod", "--since", "0s"}, {"notices", "--env", "prod", "more"}, {"notices", "-x"},
	} {
		if code := run(t.Context(), arguments, io.Discard, io.Discard); code != cli.Usage {
			t.Errorf("%q ends with %d, want %d", arguments, code, cli.Usage)
		}
	}
}
