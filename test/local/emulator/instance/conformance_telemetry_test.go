package instance

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"warmstandby/test/local/testwait"
)

// logs is CloudWatch Logs in us-west-2, with one log group.
type logs struct {
	aws
	group string
}

const logGroup = "/aws/lambda/app"

func newLogs(a aws) logs {
	a.json(west, "logs", "CreateLogGroup", object{"logGroupName": logGroup})
	return logs{a, logGroup}
}

func (l logs) write(stream, line string) {
	l.json(west, "logs", "CreateLogStream", object{"logGroupName": l.group, "logStreamName": stream})
	l.json(west, "logs", "PutLogEvents", object{"logGroupName": l.group, "logStreamName": stream, "logEvents": []object{
		{"timestamp": time.Now().UnixMilli(), "message": line},
	}})
}

func (l logs) has(stream string) bool {
	described := l.json(west, "logs", "DescribeLogStreams", object{"logGroupName": l.group, "logStreamNamePrefix": stream})
	found, _ := described["logStreams"].([]any)
	return len(found) == 1
}

// logLine is a line of a log, and the pointer to its record, which only lines of PutLogEvents have.
type logLine struct{ message, record string }

// lines returns the first lines of some streams, or of all, as many as one response has. The oldest is first.
func (l logs) lines(streams ...string) []logLine {
	l.t.Helper()
	request := object{"logGroupName": l.group}
	if len(streams) > 0 {
		request["logStreamNames"] = streams
	}
	var lines []logLine
	for _, event := range l.json(west, "logs", "FilterLogEvents", request)["events"].([]any) {
		event := event.(map[string]any)
		message, _ := event["message"].(string)
		record, _ := event["eventId"].(string)
		lines = append(lines, logLine{message, record})
	}
	return lines
}

// checkForgotten checks that a line's record cannot be read any more.
func (l logs) checkForgotten(line logLine) {
	l.t.Helper()
	status, answer := l.tryJSON(west, "logs", "GetLogRecord", object{"logRecordPointer": line.record})
	if status != http.StatusBadRequest {
		l.t.Errorf("GetLogRecord of the line %q, which is forgotten, answers %d, %v", line.message, status, answer)
	}
}

// TestWhatGrowsIsNotSavedWithEveryChange has the files of log lines and of archived events, which after an hour are tens of
// megabytes, stay as they are while resources of other services are saved.
func TestWhatGrowsIsNotSavedWithEveryChange(t *testing.T) {
	tests := [...]struct {
		what, file string
		make       func(aws)
		grow       func(a aws, number int)
		change     func(aws)      // of what they are in
		kept       func(aws) bool // two of them
	}{
		{
			what: "log lines", file: "cloudwatch_logs.json",
			make: func(a aws) { newLogs(a) },
			grow: func(a aws, number int) { logs{a, logGroup}.write(fmt.Sprint(number), "a line") },
			change: func(a aws) {
				a.json(west, "logs", "PutRetentionPolicy", object{"logGroupName": logGroup, "retentionInDays": 7})
			},
			kept: func(a aws) bool { l := logs{a, logGroup}; return l.has("1") && l.has("2") },
		},
		{
			what: "archived events", file: "eventbridge.json",
			make: func(a aws) {
				a.json(west, "events", "CreateEventBus", object{"Name": "records"})
				a.json(west, "events", "CreateArchive", object{"ArchiveName": "records", "EventSourceArn": busARN(west, "records")})
			},
			grow: func(a aws, number int) {
				if _, err := a.put(west, "records", number); err != nil {
					a.t.Fatal(err)
				}
			},
			change: func(a aws) {
				a.json(west, "events", "UpdateArchive", object{"ArchiveName": "records", "RetentionDays": 7})
			},
			kept: func(a aws) bool {
				return a.json(west, "events", "DescribeArchive", object{"ArchiveName": "records"})["EventCount"] == 2.0
			},
		},
	}
	for _, test := range tests {
		t.Run(test.what, func(t *testing.T) {
			t.Parallel()
			e := newEnvironment(t)
			a := aws{t, e.up().Endpoint}
			test.make(a)
			written := func() os.FileInfo {
				t.Helper()
				info, err := os.Stat(e.folder.path("emulator", "services", test.file))
				if err != nil {
					t.Fatal(err)
				}
				return info
			}
			before := written()
			test.grow(a, 1)
			a.vpc(west, "10.1.0.0/16")
			if !os.SameFile(before, written()) {
				t.Errorf("%s were saved with a VPC, though no resource of their service is new", test.what)
			}
			test.change(a)
			if os.SameFile(before, written()) {
				t.Errorf("a change of what %s are in was not saved", test.what)
			}
			test.grow(a, 2)
			e.down()
			if !test.kept(aws{t, e.up().Endpoint}) {
				t.Errorf("%s are gone after down and up", test.what)
			}
		})
	}
}

// TestALogGroupKeepsItsNewestStreams makes more than KEPT_STREAMS of telemetry.py. The oldest are those of a function's invocation, and of
// PutLogEvents.
func TestALogGroupKeepsItsNewestStreams(t *testing.T) {
	t.Parallel()
	a := aws{t, newEnvironment(t).up().Endpoint}
	l := newLogs(a)
	a.function(west, strings.TrimPrefix(logGroup, "/aws/lambda/"), `export const handler = async () => console.log("a line");`)
	a.lambda(west, "/2015-03-31/functions/app/invocations", "{}")
	testwait.Until(t, "the invocation has a stream with lines", func() error {
		if len(l.lines()) == 0 {
			return errors.New("the group has no line")
		}
		return nil
	})
	l.write("written", "a line")
	written := l.lines("written")[0]
	const kept, more = 2000, 3
	for i := range kept + more {
		a.json(west, "logs", "CreateLogStream", object{"logGroupName": l.group, "logStreamName": fmt.Sprintf("%05d", i)})
	}
	a.vpc(west, "10.1.0.0/16") // saves, and so forgets
	if l.has(fmt.Sprintf("%05d", more-1)) {
		t.Errorf("the group keeps more than %d streams", kept)
	}
	if found := l.lines(); len(found) > 0 {
		t.Errorf("lines of streams that are gone are there: %v", found)
	}
	l.checkForgotten(written)
	if oldest, newest := fmt.Sprintf("%05d", more), fmt.Sprintf("%05d", kept+more-1); !l.has(oldest) || !l.has(newest) {
		t.Errorf("the group does not keep its streams from %s to %s", oldest, newest)
	}
}

// TestALogStreamKeepsItsNewestLines writes more than KEPT_LINES of telemetry.py.
func TestALogStreamKeepsItsNewestLines(t *testing.T) {
	t.Parallel()
	a := aws{t, newEnvironment(t).up().Endpoint}
	l := newLogs(a)
	const (
		stream     = "audit"
		kept, more = 20_000, 3
		batch      = 5_000 // a request of CloudWatch Logs has 10,000 lines at most
	)
	name := func(i int) string { return fmt.Sprintf("%05d", i) }
	a.json(west, "logs", "CreateLogStream", object{"logGroupName": l.group, "logStreamName": stream})
	write := func(from, to int) {
		events := []object{}
		for i := from; i < to; i++ {
			events = append(events, object{"timestamp": time.Now().UnixMilli(), "message": name(i)})
		}
		a.json(west, "logs", "PutLogEvents", object{"logGroupName": l.group, "logStreamName": stream, "logEvents": events})
	}
	for from := 0; from < kept; from += batch {
		write(from, from+batch)
	}
	a.vpc(west, "10.1.0.0/16") // saves, and so forgets
	oldest := l.lines()[0]
	if oldest.message != name(0) {
		t.Fatalf("a stream of %d lines begins with %s, want %s", kept, oldest.message, name(0))
	}
	a.json(west, "logs", "GetLogRecord", object{"logRecordPointer": oldest.record})

	write(kept, kept+more)
	a.vpc(west, "10.2.0.0/16")
	if first := l.lines()[0].message; first != name(more) {
		t.Errorf("a stream of %d lines begins with %s, want %s", kept+more, first, name(more))
	}
	l.checkForgotten(oldest)
}

// TestAMetricForgetsDataOfMoreThanTwoWeeks has data in both regions. MiniStack keeps them for two weeks, as CloudWatch does at a
// resolution of a minute.
func TestAMetricForgetsDataOfMoreThanTwoWeeks(t *testing.T) {
	t.Parallel()
	a := aws{t, newEnvironment(t).up().Endpoint}
	const service, day = "GraniteServiceVersion20100801.", 24 * time.Hour
	put := func(region, metric string, ages ...time.Duration) {
		for _, age := range ages {
			a.json(region, "monitoring", service+"PutMetricData", object{"Namespace": "Test", "MetricData": []object{
				{"MetricName": metric, "Value": 1, "Timestamp": time.Now().Add(-age).Unix()},
			}})
		}
	}
	for _, region := range []string{east, west} {
		put(region, "old", 15*day)
		put(region, "both", 15*day, 13*day)
	}
	a.vpc(west, "10.1.0.0/16") // saves, and so forgets
	for _, region := range []string{east, west} {
		listed := a.json(region, "monitoring", service+"ListMetrics", object{"Namespace": "Test"})["Metrics"].([]any)
		if len(listed) != 1 || listed[0].(map[string]any)["MetricName"] != "both" {
			t.Errorf("the metrics of %s are %v, want the one with newer data", region, listed)
		}
		data := a.json(region, "monitoring", service+"GetMetricStatistics", object{
			"Namespace": "Test", "MetricName": "both", "Period": 86400, "Statistics": []string{"Sum"},
			"StartTime": time.Now().Add(-20 * day).Unix(), "EndTime": time.Now().Unix(),
		})["Datapoints"].([]any)
		if len(data) != 1 {
			t.Errorf("the data of %s are %v, want that of the last two weeks", region, data)
		}
	}
}
