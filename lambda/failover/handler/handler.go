// Package handler dispatches the Lambda function's events: the tasks of the schedules, the heartbeat that the event bus delivers, and
// the restore tests that AWS Backup has ended.
package handler

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"warmstandby/lambda/failover/restoretest"
	"warmstandby/shared/contract/controller"
)

// Handler handles the events.
type Handler struct {
	// RunTask runs a task.
	RunTask func(ctx context.Context, task controller.Task) error
	// SaveHeartbeat persists the send time of a heartbeat.
	SaveHeartbeat func(ctx context.Context, at time.Time) error
	// ValidateRestore validates what a restore test restored.
	ValidateRestore func(ctx context.Context, job restoretest.Job) error
}

// event is what the function may receive: a schedule's task event, or an event of EventBridge (Amazon EventBridge Events
// Reference, "AWS service event metadata").
type event struct {
	controller.TaskEvent
	Source     string                     `json:"source"`
	DetailType string                     `json:"detail-type"`
	Time       time.Time                  `json:"time"`
	Detail     map[string]json.RawMessage `json:"detail"`
}

// Handle handles one event. An unexpected event is an error: the function's triggers and its code disagree.
func (h Handler) Handle(ctx context.Context, text json.RawMessage) error {
	var e event
	if err := json.Unmarshal(text, &e); err != nil {
		return fmt.Errorf("reading the event: %w", err)
	}
	switch {
	case e.Source == controller.HeartbeatSource && e.DetailType == controller.HeartbeatDetailType:
		at, err := e.sentAt(time.Now())
		if err != nil {
			return err
		}
		return h.SaveHeartbeat(ctx, at)
	case e.Source == controller.BackupSource && e.DetailType == controller.RestoreDetailType:
		job, err := e.restoreJob()
		if err != nil {
			return err
		}
		return h.ValidateRestore(ctx, job)
	case e.Task == controller.TaskWatch, e.Task == controller.TaskValidate:
		return h.RunTask(ctx, e.Task)
	}
	return fmt.Errorf(
		"the event asks for task %q and is from source %q: want one of the tasks %q and %q, a heartbeat or a restore test",
		e.Task,
		e.Source,
		controller.TaskWatch,
		controller.TaskValidate,
	)
}

// restoreJob returns the restore job of an event (AWS Backup Developer Guide, "Monitoring AWS Backup events using Amazon EventBridge").
func (e event) restoreJob() (restoretest.Job, error) {
	var job restoretest.Job
	for key, value := range map[string]*string{
		"restoreJobId": &job.ID, "status": &job.Status, "statusMessage": &job.Message,
		"resourceType": &job.ResourceType, "createdResourceArn": &job.CreatedARN,
	} {
		if text, there := e.Detail[key]; there {
			if err := json.Unmarshal(text, value); err != nil {
				return job, fmt.Errorf("reading %s of a restore job: %w", key, err)
			}
		}
	}
	if job.ID == "" || job.Status == "" {
		return job, errors.New("reading a restore job: its event has no restoreJobId, or no status")
	}
	return job, nil
}

// sentAt returns when the heartbeat was sent: its scheduled time if the detail has one, else the time at which it was put on
// the bus. A time in the future would hide missing heartbeats, so it counts as now.
func (e event) sentAt(now time.Time) (time.Time, error) {
	at := e.Time
	var scheduled string
	if err := json.Unmarshal(e.Detail[controller.HeartbeatAtKey], &scheduled); err == nil {
		if scheduled, err := time.Parse(time.RFC3339, scheduled); err == nil {
			at = scheduled
		}
	}
	if at.IsZero() {
		return at, fmt.Errorf(
			"reading the heartbeat: it says neither in %s of its detail nor in its time when it was sent",
			controller.HeartbeatAtKey,
		)
	}
	if at.After(now) {
		at = now
	}
	return at.UTC(), nil
}
