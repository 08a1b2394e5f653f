package instance

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"
	"time"
)

// schedule makes a schedule that is due.
func (a aws) schedule(region, name string, target object) {
	a.t.Helper()
	target["RoleArn"] = a.starter()
	body, err := json.Marshal(object{
		"ScheduleExpression": "at(2020-01-01T00:00:00)", "FlexibleTimeWindow": object{"Mode": "OFF"}, "Target": target,
	})
	if err != nil {
		a.t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(a.t.Context(), http.MethodPost, a.endpoint+"/schedules/"+name, bytes.NewReader(body))
	if err != nil {
		a.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	sign(request, region, "scheduler")
	if status, answer := a.do(request); status != http.StatusOK {
		a.t.Fatalf("making schedule %s in %s: %d %s", name, region, status, answer)
	}
}

// awaited returns the body of the one message that comes into a queue.
func (a aws) awaited(region, queue string) string {
	a.t.Helper()
	output := a.json(region, "sqs", "ReceiveMessage", object{"QueueUrl": queue, "MaxNumberOfMessages": 10, "WaitTimeSeconds": 20})
	messages, _ := output["Messages"].([]any)
	if len(messages) != 1 {
		a.t.Fatalf("queue %s in %s got %v, want one message", queue, region, messages)
	}
	return messages[0].(map[string]any)["Body"].(string)
}

func TestAScheduleInOneRegionIsHeardInTheOther(t *testing.T) {
	t.Parallel()
	p := newBusPair(aws{t, newEnvironment(t).up().Endpoint}, "records", ownRegion)
	p.schedule(east, "heartbeat", object{
		"Arn": busARN(east, "records"), "Input": `{"at":"<aws.scheduler.scheduled-time>","by":"<aws.scheduler.schedule-arn>"}`,
		"EventBridgeParameters": object{"Source": "test.heartbeat", "DetailType": "Heartbeat"},
	})
	for _, region := range []string{east, west} {
		var event struct {
			Source, Region string
			DetailType     string `json:"detail-type"`
			Detail         struct{ At, By string }
		}
		body := p.awaited(region, p.queues[region])
		if err := json.Unmarshal([]byte(body), &event); err != nil {
			t.Fatalf("%s got %s: %v", region, body, err)
		}
		if event.Source != "test.heartbeat" || event.DetailType != "Heartbeat" || event.Region != east {
			t.Errorf("%s got %s, want the event that the schedule of %s describes", region, body, east)
		}
		at, err := time.Parse(time.RFC3339, event.Detail.At)
		if age := time.Since(at); err != nil || age < -time.Minute || age > time.Minute {
			t.Errorf("in %s it says that it was sent at %q, %v", region, event.Detail.At, err)
		}
		if want := "arn:aws:scheduler:us-east-1:" + testAccount + ":schedule/default/heartbeat"; event.Detail.By != want {
			t.Errorf("in %s it says that %q sent it, want %s", region, event.Detail.By, want)
		}
	}
}

func TestAScheduleFillsTheInputOfOtherTargetsToo(t *testing.T) {
	t.Parallel()
	a := aws{t, newEnvironment(t).up().Endpoint}
	queue := a.queue(west, "inbox")
	a.schedule(west, "note", object{"Arn": queueARN(west, "inbox"), "Input": `{"attempt":<aws.scheduler.attempt-number>}`})
	if got := a.awaited(west, queue); got != `{"attempt":1}` {
		t.Errorf("the queue got %s", got)
	}
}
