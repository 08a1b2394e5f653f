package instance

import (
	"fmt"
	"os"
	"testing"
	"time"
)

// logs is CloudWatch Logs in us-west-2, with one log group.
type logs struct {
	aws
	group string
}

func newLogs(a aws) logs {
	a.json(west, "logs", "CreateLogGroup", object{"logGroupName": "/aws/lambda/app"})
	return logs{a, "/aws/lambda/app"}
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

// TestLogLinesAloneAreNotSavedWithEveryChange has the file of all log lines, which after an hour is tens of megabytes, stay as it
// is while resources of other services are saved.
func TestLogLinesAloneAreNotSavedWithEveryChange(t *testing.T) {
	t.Parallel()
	e := newEnvironment(t)
	record := e.up()
	a := aws{t, record.Endpoint}
	l := newLogs(a)
	written := func() os.FileInfo {
		t.Helper()
		info, err := os.Stat(e.folder.path("emulator", "services", "cloudwatch_logs.json"))
		if err != nil {
			t.Fatal(err)
		}
		return info
	}
	before := written()
	l.write("first", "a line")
	a.vpc(west, "10.1.0.0/16")
	if !os.SameFile(before, written()) {
		t.Error("the log lines were saved with a VPC, though no log group is new")
	}
	a.json(west, "logs", "PutRetentionPolicy", object{"logGroupName": l.group, "retentionInDays": 7})
	if os.SameFile(before, written()) {
		t.Error("a log group's new retention was not saved")
	}
	l.write("second", "a line")
	e.down()
	l = logs{aws{t, e.up().Endpoint}, l.group}
	for _, stream := range [...]string{"first", "second"} {
		if !l.has(stream) {
			t.Errorf("stream %s is gone after down and up", stream)
		}
	}
}

// TestALogGroupKeepsItsNewestStreams makes more than KEPT_STREAMS of telemetry.py.
func TestALogGroupKeepsItsNewestStreams(t *testing.T) {
	t.Parallel()
	a := aws{t, newEnvironment(t).up().Endpoint}
	l := newLogs(a)
	const kept, more = 2000, 3
	for i := range kept + more {
		a.json(west, "logs", "CreateLogStream", object{"logGroupName": l.group, "logStreamName": fmt.Sprintf("%05d", i)})
	}
	a.vpc(west, "10.1.0.0/16") // saves, and so forgets
	if l.has(fmt.Sprintf("%05d", more-1)) {
		t.Errorf("the group keeps more than %d streams", kept)
	}
	if oldest, newest := fmt.Sprintf("%05d", more), fmt.Sprintf("%05d", kept+more-1); !l.has(oldest) || !l.has(newest) {
		t.Errorf("the group does not keep its streams from %s to %s", oldest, newest)
	}
}
