package spec

import (
	"context"
	"log/slog"
	"time"

	"warmstandby/lambda/failover/decision"
)

// Handler is a slog.Handler that gives each event of the log to Watch, without a detour through text.
type Handler struct {
	// Watch gets the events.
	Watch func(Event)
	// Other gets the records that are no events, with their attributes; nil when nobody wants them.
	Other func(run string, record slog.Record)

	run string
}

// Enabled implements slog.Handler.
func (h Handler) Enabled(context.Context, slog.Level) bool { return true }

// WithAttrs implements slog.Handler. Of the attributes of a whole run the specification knows its name alone.
func (h Handler) WithAttrs(attributes []slog.Attr) slog.Handler {
	for _, a := range attributes {
		if a.Key == "run" {
			h.run = a.Value.String()
		}
	}
	return h
}

// WithGroup implements slog.Handler. The controller groups nothing.
func (h Handler) WithGroup(string) slog.Handler { return h }

// Handle implements slog.Handler.
func (h Handler) Handle(_ context.Context, r slog.Record) error {
	if !isLogged(Kind(r.Message)) {
		if h.Other != nil {
			h.Other(h.run, r)
		}
		return nil
	}
	e := Event{At: r.Time, Kind: Kind(r.Message), Run: h.run}
	r.Attrs(func(a slog.Attr) bool {
		switch a.Key {
		case "action":
			e.Action = as[decision.Action](a)
		case "would":
			e.Recommended = as[decision.Action](a)
		case "reasons":
			e.Reasons = as[[]string](a)
		case "evidence":
			evidence := as[decision.Evidence](a)
			e.Evidence = &evidence
		case "phase":
			e.Phase = a.Value.String()
		case "target":
			e.Target = a.Value.String()
		case "by":
			e.By = a.Value.String()
		case "loss":
			e.Loss = a.Value.Time()
		case "begun":
			e.Begun = a.Value.Time()
		case "concerns":
			e.Concerns = as[map[string]time.Time](a)
		case "outcome":
			e.Outcome = a.Value.String()
		case "subject":
			e.Subject = a.Value.String()
		}
		return true
	})
	h.Watch(e)
	return nil
}

// as returns the value of an attribute that the log has as this type.
func as[T any](a slog.Attr) T {
	value, _ := a.Value.Any().(T) // of another type only after a change of the log lines, which the tests compare with the text
	return value
}
