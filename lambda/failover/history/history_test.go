package history

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// fakeLogs is CloudWatch Logs with one line a page, whose pattern finds phrases.
type fakeLogs struct {
	lines []string
	err   error
	from  int64
}

func (f *fakeLogs) FilterLogEvents(
	_ context.Context, in *cloudwatchlogs.FilterLogEventsInput, _ ...func(*cloudwatchlogs.Options),
) (*cloudwatchlogs.FilterLogEventsOutput, error) {
	f.from = aws.ToInt64(in.StartTime)
	at := 0
	fmt.Sscan(aws.ToString(in.NextToken), &at)
	out := &cloudwatchlogs.FilterLogEventsOutput{}
	if at < len(f.lines) && strings.Contains(f.lines[at], strings.Trim(aws.ToString(in.FilterPattern), `"`)) {
		out.Events = []logtypes.FilteredLogEvent{{Message: aws.String(f.lines[at])}}
	}
	if at+1 < len(f.lines) {
		out.NextToken = aws.String(fmt.Sprint(at + 1))
	}
	return out, f.err
}

func line(seconds int, rest string) string {
	return fmt.Sprintf(`{"time":%q,"level":"INFO",%s,"run":"r"}`, start.Add(time.Duration(seconds)*time.Second).Format(time.RFC3339Nano), rest)
}

func TestController(t *testing.T) {
	logs := &fakeLogs{lines: []string{
		line(60, `"msg":"decision","action":"none","reasons":["All is well."]`),
		line(120, `"msg":"decision","action":"none","reasons":["All is well."]`),
		line(180, `"msg":"decision","action":"advise","would":"failover","reasons":["Writes fail.","The heartbeat is overdue."]`),
		line(181, `"msg":"notice accepted","subject":"[prod] a failover is advised","body":"What happened.\n\nWhy\n  - Writes fail.\n"`),
		line(100, `"msg":"notice accepted","subject":"[prod] an older version's"`),
		`REPORT RequestId: a decision`, line(200, `"msg":"warning","text":"the notice accepted nothing"`),
	}}
	all, err := Controller(t.Context(), logs, "/aws/lambda/x", "us-west-2", start)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range all {
		got = append(got, fmt.Sprintf("%s %s %s: %q", e.At.Format("15:04:05"), e.Kind, e.Subject, e.Text))
	}
	want := []string{
		`12:01:00 decision none: "All is well."`,
		`12:01:40 notice [prod] an older version's: ""`,
		`12:03:00 decision advise, a failover is advised: "Writes fail.\nThe heartbeat is overdue."`,
		`12:03:01 notice [prod] a failover is advised: "What happened.\n\nWhy\n  - Writes fail."`,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("it is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if logs.from != start.UnixMilli() {
		t.Errorf("it was read from %d on, want %d", logs.from, start.UnixMilli())
	}
	for name, broken := range map[string]*fakeLogs{
		"no answer": {err: errors.New("a time-out")}, "a line without a time": {lines: []string{`{"msg":"decision","action":"none"}`}},
	} {
		if all, err := Controller(t.Context(), broken, "group", "us-west-2", start); err == nil || !strings.Contains(err.Error(), "group") {
			t.Errorf("%s: %v, %v", name, all, err)
		}
	}
}

// fakeAlarms is CloudWatch with one item a page.
type fakeAlarms struct {
	items []types.AlarmHistoryItem
	asked *cloudwatch.DescribeAlarmHistoryInput
}

func (f *fakeAlarms) DescribeAlarmHistory(
	_ context.Context, in *cloudwatch.DescribeAlarmHistoryInput, _ ...func(*cloudwatch.Options),
) (*cloudwatch.DescribeAlarmHistoryOutput, error) {
	f.asked = in
	at := 0
	fmt.Sscan(aws.ToString(in.NextToken), &at)
	out := &cloudwatch.DescribeAlarmHistoryOutput{}
	if at < len(f.items) {
		out.AlarmHistoryItems = f.items[at : at+1]
	}
	if at+1 < len(f.items) {
		out.NextToken = aws.String(fmt.Sprint(at + 1))
	}
	return out, nil
}

func TestIsNews(t *testing.T) {
	for _, test := range []struct {
		event Event
		want  bool
	}{
		{Event{Kind: Notice}, true},
		{Event{Kind: Alarm, State: "ALARM", Before: "INSUFFICIENT_DATA"}, true},
		{Event{Kind: Alarm, State: "INSUFFICIENT_DATA", Before: "ALARM"}, true},
		{Event{Kind: Alarm, State: "OK", Before: "ALARM"}, true},
		{Event{Kind: Alarm, State: "OK", Before: "INSUFFICIENT_DATA"}, false},
		{Event{Kind: Alarm, State: "INSUFFICIENT_DATA", Before: "OK"}, false},
	} {
		if got := test.event.IsNews(); got != test.want {
			t.Errorf("%+v is news: %t, want %t", test.event, got, test.want)
		}
	}
}

func item(seconds int, name, data string) types.AlarmHistoryItem {
	return types.AlarmHistoryItem{
		AlarmName: aws.String(name), Timestamp: aws.Time(start.Add(time.Duration(seconds) * time.Second)), HistoryData: aws.String(data),
	}
}

func TestAlarms(t *testing.T) {
	const state = `{"version":"1.0","oldState":{"stateValue":"OK"},"newState":{"stateValue":%q,"stateReason":"Threshold Crossed"}}`
	client := &fakeAlarms{items: []types.AlarmHistoryItem{
		item(30, "alarm-lag-prod", fmt.Sprintf(state, "OK")), item(10, "alarm-lag-prod", fmt.Sprintf(state, "ALARM")),
		item(20, "alarm-of-another-preprod", fmt.Sprintf(state, "ALARM")), item(20, "somebody-elses", fmt.Sprintf(state, "ALARM")),
	}}
	all, err := Alarms(t.Context(), client, "us-east-1", "prod", start)
	if err != nil || len(all) != 2 || all[0].State != "ALARM" || all[1].State != "OK" || all[0].Text != "Threshold Crossed" ||
		all[0].Region != "us-east-1" || all[0].Kind != Alarm || all[0].Before != "OK" {
		t.Errorf("it is %+v, %v", all, err)
	}
	if client.asked.HistoryItemType != types.HistoryItemTypeStateUpdate || len(client.asked.AlarmTypes) != 2 ||
		!client.asked.StartDate.Equal(start) {
		t.Errorf("asked was %+v", client.asked)
	}
	for _, data := range []string{"", "{}", `{"newState":{}}`} {
		broken := &fakeAlarms{items: []types.AlarmHistoryItem{item(1, "a-prod", data)}}
		if all, err := Alarms(t.Context(), broken, "us-east-1", "prod", start); err == nil {
			t.Errorf("%q is read as %+v", data, all)
		}
	}
}

func TestControllerLogGroup(t *testing.T) {
	t.Run("the log group is that of the controller's function", func(t *testing.T) {
		got, err := ControllerLogGroup("prod")
		if want := "/aws/lambda/lambda-failover-secondary-prod"; err != nil || got != want {
			t.Errorf("the log group is %q, %v; want %q", got, err, want)
		}
	})
	t.Run("an environment that can have no names has no log group", func(t *testing.T) {
		if got, err := ControllerLogGroup("No Name"); err == nil {
			t.Errorf("the log group is %q, want an error", got)
		}
	})
}
