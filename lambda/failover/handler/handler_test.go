package handler

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"warmstandby/lambda/failover/restoretest"
	"warmstandby/shared/contract/controller"
)

// recorded is what the handler has had done.
type recorded struct {
	task controller.Task
	at   time.Time
	job  restoretest.Job
}

func handle(text string) (recorded, error) {
	var got recorded
	h := Handler{
		RunTask:         func(_ context.Context, task controller.Task) error { got.task = task; return nil },
		SaveHeartbeat:   func(_ context.Context, at time.Time) error { got.at = at; return nil },
		ValidateRestore: func(_ context.Context, job restoretest.Job) error { got.job = job; return nil },
	}
	err := h.Handle(context.Background(), json.RawMessage(text))
	return got, err
}

func TestHandle(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	tests := []struct {
		name, event string
		want        recorded
		fails       bool
	}{
		{"the watch", `{"task":"watch"}`, recorded{task: controller.TaskWatch}, false},
		{"the validation", `{"task":"validate"}`, recorded{task: controller.TaskValidate}, false},
		{
			name: "a heartbeat, by what its schedule says",
			event: `{"source":"warmstandby.heartbeat","detail-type":"Heartbeat","time":"2026-03-01T12:00:09Z",` +
				`"detail":{"at":"2026-03-01T12:00:00Z"}}`,
			want:  recorded{at: at},
			fails: false,
		},
		{
			name:  "a heartbeat that says nothing, by its event's time",
			event: `{"source":"warmstandby.heartbeat","detail-type":"Heartbeat","time":"2026-03-01T12:00:00Z","detail":{}}`,
			want:  recorded{at: at},
			fails: false,
		},
		{
			name: "a heartbeat whose schedule wrote no time",
			event: `{"source":"warmstandby.heartbeat","detail-type":"Heartbeat","time":"2026-03-01T12:00:00Z",` +
				`"detail":{"at":"<aws.scheduler.scheduled-time>"}}`,
			want:  recorded{at: at},
			fails: false,
		},
		{
			name: "a restore test",
			event: `{"source":"aws.backup","detail-type":"Restore Job State Change","detail":{"restoreJobId":"j","status":"COMPLETED",` +
				`"resourceType":"S3","createdResourceArn":"arn:aws:s3:::b","percentDone":0,"isParent":false}}`,
			want: recorded{job: restoretest.Job{ID: "j", Status: "COMPLETED", ResourceType: "S3", CreatedARN: "arn:aws:s3:::b"}},
		},
		{
			name: "a restore test that failed",
			event: `{"source":"aws.backup","detail-type":"Restore Job State Change","detail":{"restoreJobId":"j","status":"FAILED",` +
				`"statusMessage":"no subnet group"}}`,
			want: recorded{job: restoretest.Job{ID: "j", Status: "FAILED", Message: "no subnet group"}},
		},
		{
			name:  "a restore test of no job",
			event: `{"source":"aws.backup","detail-type":"Restore Job State Change","detail":{"status":"FAILED"}}`,
			fails: true,
		},
		{
			name:  "a restore test whose status is no text",
			event: `{"source":"aws.backup","detail-type":"Restore Job State Change","detail":{"restoreJobId":"j","status":1}}`,
			fails: true,
		},
		{"a backup, which is for the operators", `{"source":"aws.backup","detail-type":"Backup Job State Change","detail":{}}`, recorded{}, true},
		{"a heartbeat of no time", `{"source":"warmstandby.heartbeat","detail-type":"Heartbeat","detail":{}}`, recorded{}, true},
		{
			name:  "another event of the bus",
			event: `{"source":"warmstandby.records","detail-type":"RecordCreated","time":"2026-03-01T12:00:00Z","detail":{}}`,
			want:  recorded{},
			fails: true,
		},
		{"a task that nobody knows", `{"task":"failover"}`, recorded{}, true},
		{"no object", `[]`, recorded{}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := handle(test.event)
			if got != test.want || (err != nil) != test.fails {
				t.Errorf("%s has it do %+v and ends with %v, want %+v and failed: %t", test.event, got, err, test.want, test.fails)
			}
		})
	}
}

func TestSentAt(t *testing.T) {
	t.Run("a heartbeat from the future counts as sent now", func(t *testing.T) {
		now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		got, err := event{Time: now.Add(time.Hour)}.sentAt(now)
		if err != nil || !got.Equal(now) {
			t.Errorf("it was sent at %s (%v), want %s", got, err, now)
		}
	})
}

func TestHandleError(t *testing.T) {
	t.Run("the error of a task is returned", func(t *testing.T) {
		broken := errors.New("broken")
		h := Handler{RunTask: func(context.Context, controller.Task) error { return broken }}
		if err := h.Handle(t.Context(), json.RawMessage(`{"task":"watch"}`)); !errors.Is(err, broken) {
			t.Errorf("a watch that fails ends with %v", err)
		}
	})
}

func FuzzHandle(f *testing.F) {
	f.Add(`{"task":"watch"}`)
	f.Add(`{"source":"warmstandby.heartbeat","detail-type":"Heartbeat","time":"2026-03-01T12:00:00Z","detail":{"at":7}}`)
	f.Fuzz(func(t *testing.T, text string) {
		got, err := handle(text)
		if done := got.task != "" || !got.at.IsZero(); done == (err != nil) {
			t.Errorf("%q has it do %+v and ends with %v", text, got, err)
		}
		if got.at.After(time.Now()) {
			t.Errorf("%q is a heartbeat of %s, which is to come", text, got.at)
		}
	})
}
