// Package history reads what has happened on a platform: the failover controller's notices and decisions, by its log group, and
// transitions of the alarms, by CloudWatch. It changes nothing.
package history

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"warmstandby/lambda/failover/spec"
	"warmstandby/shared/naming"
)

// Kind is what an event is.
type Kind string

// The kinds of event.
const (
	// Notice is a notice that the standby region's topic has accepted.
	Notice Kind = "notice"
	// Alarm is a transition of an alarm.
	Alarm Kind = "alarm"
	// Decision is a decision of the controller that differs from the one before.
	Decision Kind = "decision"
)

// Event is something that has happened.
type Event struct {
	At     time.Time `json:"at"`
	Kind   Kind      `json:"kind"`
	Region string    `json:"region"`
	// Subject is the notice's, the alarm's name, or the decision.
	Subject string `json:"subject"`
	// State is an alarm's new state, and Before the one it had; empty for other kinds.
	State  string `json:"state,omitempty"`
	Before string `json:"before,omitempty"`
	// Text is the notice, why an alarm changed its state, or the decision's reasons.
	Text string `json:"text,omitempty"`
}

// ControllerLogGroup returns the log group of an environment's failover controller, in the standby region (AWS Lambda Developer
// Guide, "Sending Lambda function logs to CloudWatch Logs").
func ControllerLogGroup(environment string) (string, error) {
	namer, err := naming.New(environment)
	if err != nil {
		return "", err
	}
	function, err := namer.Name(naming.Function, "failover", string(naming.Secondary))
	if err != nil {
		return "", fmt.Errorf("naming the failover controller's function: %w", err)
	}
	return "/aws/lambda/" + function, nil
}

// Controller reads the controller's notices and decisions from a moment on, oldest first. Of equal decisions in a row it has the
// first.
func Controller(
	ctx context.Context, logs cloudwatchlogs.FilterLogEventsAPIClient, group, region string, from time.Time,
) ([]Event, error) {
	decided, notices, err := Log(ctx, logs, group, region, from)
	if err != nil {
		return nil, err
	}
	return Sorted(append(notices, Changes(decided, region)...)), nil
}

// Log reads the controller's log from a moment on: every decision with its evidence, and the notices, both oldest first.
func Log(
	ctx context.Context, logs cloudwatchlogs.FilterLogEventsAPIClient, group, region string, from time.Time,
) (decided []spec.Event, notices []Event, err error) {
	for _, kind := range [...]spec.Kind{spec.Notified, spec.Decided} {
		// A phrase in quotes is found as it is (CloudWatch Logs User Guide, "Filter pattern syntax", Match terms).
		pages := cloudwatchlogs.NewFilterLogEventsPaginator(logs, &cloudwatchlogs.FilterLogEventsInput{
			LogGroupName: aws.String(group), StartTime: aws.Int64(from.UnixMilli()), FilterPattern: aws.String(`"` + string(kind) + `"`),
		})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, nil, fmt.Errorf("reading log group %s: %w", group, err)
			}
			for _, line := range page.Events {
				text := []byte(aws.ToString(line.Message))
				event, is, err := spec.ParseLine(text)
				switch {
				case err != nil:
					return nil, nil, fmt.Errorf("reading log group %s, stream %s: %w", group, aws.ToString(line.LogStreamName), err)
				case !is || event.Kind != kind: // another line that has the phrase
				case kind == spec.Notified:
					notices = append(notices, Event{At: event.At, Kind: Notice, Region: region, Subject: event.Subject, Text: body(text)})
				default:
					decided = append(decided, event)
				}
			}
		}
	}
	slices.SortStableFunc(decided, func(a, b spec.Event) int { return a.At.Compare(b.At) })
	return decided, Sorted(notices), nil
}

// body is the text of a notice in a line of the log; empty in lines of versions that did not log it.
func body(line []byte) string {
	var parsed struct{ Body string }
	start := slices.Index(line, '{')
	if start < 0 || json.Unmarshal(line[start:], &parsed) != nil {
		return ""
	}
	return strings.TrimSpace(parsed.Body)
}

// Changes returns the decisions that differ from the one before.
func Changes(decided []spec.Event, region string) []Event {
	var all []Event
	last := ""
	for _, e := range decided {
		subject := string(e.Action)
		if e.Recommended.Moves() {
			subject += ", a " + string(e.Recommended) + " is advised"
		}
		if subject == last {
			continue
		}
		last = subject
		all = append(all, Event{At: e.At, Kind: Decision, Region: region, Subject: subject, Text: strings.Join(e.Reasons, "\n")})
	}
	return all
}

// Alarms reads the transitions of an environment's alarms in one region from a moment on, oldest first. CloudWatch keeps them for
// thirty days (CloudWatch API Reference, DescribeAlarmHistory).
func Alarms(
	ctx context.Context, client cloudwatch.DescribeAlarmHistoryAPIClient, region, environment string, from time.Time,
) ([]Event, error) {
	var all []Event
	pages := cloudwatch.NewDescribeAlarmHistoryPaginator(client, &cloudwatch.DescribeAlarmHistoryInput{
		AlarmTypes:      []types.AlarmType{types.AlarmTypeMetricAlarm, types.AlarmTypeCompositeAlarm},
		HistoryItemType: types.HistoryItemTypeStateUpdate, StartDate: aws.Time(from), MaxRecords: aws.Int32(100),
		ScanBy: types.ScanByTimestampAscending,
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("reading the history of alarms in %s: %w", region, err)
		}
		for _, item := range page.AlarmHistoryItems {
			if !Owned(aws.ToString(item.AlarmName), environment) {
				continue
			}
			state, before, reason, err := transition(aws.ToString(item.HistoryData))
			if err != nil {
				return nil, fmt.Errorf("reading the history of alarm %s in %s: %w", aws.ToString(item.AlarmName), region, err)
			}
			all = append(all, Event{
				At: aws.ToTime(item.Timestamp), Kind: Alarm, Region: region, Subject: aws.ToString(item.AlarmName), State: state, Before: before,
				Text: reason,
			})
		}
	}
	return Sorted(all), nil
}

// Owned reports whether a name is one of an environment's: they end in its suffix.
func Owned(name, environment string) bool { return strings.HasSuffix(name, "-"+environment) }

// errNoState says that CloudWatch's history of an alarm is not what its API reference describes.
var errNoState = errors.New("it has no new state")

// transition is the new state of an alarm, the one before, and the reason.
func transition(data string) (state, before, reason string, err error) {
	var parsed struct {
		OldState struct{ StateValue string }
		NewState struct{ StateValue, StateReason string }
	}
	if err := json.Unmarshal([]byte(data), &parsed); err != nil {
		return "", "", "", err
	}
	if parsed.NewState.StateValue == "" {
		return "", "", "", errNoState
	}
	return parsed.NewState.StateValue, parsed.OldState.StateValue, parsed.NewState.StateReason, nil
}

// IsNews reports whether an event is one to look at: an alarm that has its first data is none.
func (e Event) IsNews() bool {
	const inAlarm = string(types.StateValueAlarm)
	return e.Kind != Alarm || e.State == inAlarm || e.Before == inAlarm
}

// Sorted sorts events by their times, oldest first; those of one moment by kind and subject, so that they do not change places.
func Sorted(all []Event) []Event {
	slices.SortStableFunc(all, func(a, b Event) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Subject, b.Subject))
	})
	return all
}
