// Package handler is the Lambda function's door: it tells the schedules' tasks from the heartbeat that the bus delivers, and
// hands each to what does it.
package handler

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"warmstandby/lambda/failover/config"
)

// Handler does what an event asks for.
type Handler struct {
	// RunTask does a task.
	RunTask func(ctx context.Context, task config.Task) error
	// SaveHeartbeat keeps when a heartbeat was sent.
	SaveHeartbeat func(ctx context.Context, at time.Time) error
}

// event is what the function may be sent: a schedule's order, or an event of EventBridge (Amazon EventBridge Events
// Reference, "AWS service event metadata").
type event struct {
	config.TaskEvent
	Source     string                     `json:"source"`
	DetailType string                     `json:"detail-type"`
	Time       time.Time                  `json:"time"`
	Detail     map[string]json.RawMessage `json:"detail"`
}

// Handle takes one event. An event of another kind is an error: the function's triggers and its code disagree.
func (h Handler) Handle(ctx context.Context, text json.RawMessage) error {
	var e event
	if err := json.Unmarshal(text, &e); err != nil {
		return fmt.Errorf("reading the event: %w", err)
	}
	switch {
	case e.Source == config.HeartbeatSource && e.DetailType == config.HeartbeatDetailType:
		at, err := e.sentAt(time.Now())
		if err != nil {
			return err
		}
		return h.SaveHeartbeat(ctx, at)
	case e.Task == config.Watch, e.Task == config.Validate:
		return h.RunTask(ctx, e.Task)
	}
	return fmt.Errorf(
		"the event asks for task %q and is from source %q: want one of the tasks %q and %q, or a heartbeat",
		e.Task,
		e.Source,
		config.Watch,
		config.Validate,
	)
}

// sentAt is when the heartbeat was sent: when its schedule was to send it, where the detail says so, else when it was put on
// the bus. One from the future would hide the loss of those that follow: it counts as of now.
func (e event) sentAt(now time.Time) (time.Time, error) {
	at := e.Time
	var scheduled string
	if err := json.Unmarshal(e.Detail[config.HeartbeatAtKey], &scheduled); err == nil {
		if scheduled, err := time.Parse(time.RFC3339, scheduled); err == nil {
			at = scheduled
		}
	}
	if at.IsZero() {
		return at, fmt.Errorf(
			"reading the heartbeat: it says neither in %s of its detail nor in its time when it was sent",
			config.HeartbeatAtKey,
		)
	}
	if at.After(now) {
		at = now
	}
	return at.UTC(), nil
}
