package observe

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"warmstandby/lambda/failover/spec"
	"warmstandby/test/drill/evidence"
)

// ControllerLog reads the failover controller's log from a moment on and checks it by the controller's specification. The
// credentials need logs:FilterLogEvents. A log that cannot be read is evidence, too.
func ControllerLog(ctx context.Context, logs cloudwatchlogs.FilterLogEventsAPIClient, group string, from time.Time) evidence.ControllerLog {
	result := evidence.ControllerLog{Group: group}
	events, err := readEvents(ctx, logs, group, from)
	if err != nil {
		result.Unread = err.Error()
		return result
	}
	watcher := spec.NewWatcher()
	for _, e := range events {
		if watcher.Observe(e); e.Kind == spec.Decided {
			result.Decisions++
		}
	}
	for _, v := range watcher.Violations() {
		result.Violations = append(result.Violations, evidence.Violation{At: v.At, Run: v.Run, Rule: v.Rule, Text: v.Text})
	}
	return result
}

// readEvents reads the events of a log in the order of their own times. CloudWatch Logs orders lines by its time of each, which
// may be the same for all lines of a run, and every instance of a function has a stream of its own.
func readEvents(
	ctx context.Context, logs cloudwatchlogs.FilterLogEventsAPIClient, group string, from time.Time,
) ([]spec.Event, error) {
	var events []spec.Event
	pages := cloudwatchlogs.NewFilterLogEventsPaginator(logs, &cloudwatchlogs.FilterLogEventsInput{
		LogGroupName: aws.String(group), StartTime: aws.Int64(from.UnixMilli()),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("reading log group %s: %w", group, err)
		}
		for _, line := range page.Events {
			event, is, err := spec.ParseLine([]byte(aws.ToString(line.Message)))
			if err != nil {
				return nil, fmt.Errorf("reading log group %s, stream %s: %w", group, aws.ToString(line.LogStreamName), err)
			}
			if is {
				events = append(events, event)
			}
		}
	}
	slices.SortStableFunc(events, func(a, b spec.Event) int { return a.At.Compare(b.At) })
	return events, nil
}
