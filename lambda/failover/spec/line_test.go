package spec

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"warmstandby/lambda/failover/decision"
)

// logged writes events as the controller does.
func logged(events []Event, with func(slog.Handler) slog.Handler) string {
	var text bytes.Buffer
	log := slog.New(with(slog.NewJSONHandler(&text, nil)))
	for _, e := range events {
		log := log.With("run", e.Run)
		switch e.Kind {
		case Decided:
			log.Info(string(e.Kind), "action", e.Action, "would", e.Recommended, "reasons", e.Reasons, "evidence", *e.Evidence)
		case Saved:
			log.Info(string(e.Kind), "version", int64(3), "action", e.Action, "phase", e.Phase, "target", e.Target, "by", e.By,
				"loss", e.Loss, "begun", e.Begun, "concerns", e.Concerns)
		case Requested:
			log.Info(string(e.Kind), "action", e.Action, "target", e.Target)
		case Answered:
			log.Info(string(e.Kind), "action", e.Action, "target", e.Target, "outcome", e.Outcome)
		case Notified:
			log.Info(string(e.Kind), "subject", e.Subject)
		}
	}
	return text.String()
}

func plain(h slog.Handler) slog.Handler { return h }

// tee gives each record to a Handler besides.
type tee struct {
	slog.Handler
	also slog.Handler
}

func (t tee) Handle(ctx context.Context, r slog.Record) error {
	return errors.Join(t.Handler.Handle(ctx, r), t.also.Handle(ctx, r))
}

func (t tee) WithAttrs(attributes []slog.Attr) slog.Handler {
	return tee{t.Handler.WithAttrs(attributes), t.also.WithAttrs(attributes)}
}

func TestALogAsTextIsTheLogAsEvents(t *testing.T) {
	evidence := lost()
	events := append(failover(nil), Event{Kind: Notified, Run: "1", Subject: "[prod] failover to us-west-2 has begun"},
		Event{Kind: Decided, Run: "2", Action: decision.Advise, Recommended: decision.Failover, Reasons: []string{"a", "b"}, Evidence: &evidence},
		Event{Kind: Saved, Run: "2", Concerns: map[string]time.Time{"a concern": at(7)}})
	var direct []Event
	text := logged(events, func(h slog.Handler) slog.Handler {
		return tee{h, Handler{Watch: func(e Event) { direct = append(direct, e) }}}
	})
	var parsed []Event
	for line := range strings.Lines(text) {
		e, is, err := ParseLine([]byte(line))
		if err != nil || !is {
			t.Fatalf("%s: %t, %v", line, is, err)
		}
		parsed = append(parsed, e)
	}
	if len(direct) != len(events) || len(parsed) != len(events) {
		t.Fatalf("%d and %d events, want %d", len(direct), len(parsed), len(events))
	}
	for i := range events {
		direct[i].At, parsed[i].At, events[i].At = at(0), at(0), at(0)
		if !reflect.DeepEqual(direct[i], events[i]) || !reflect.DeepEqual(parsed[i], events[i]) {
			t.Errorf("event %d is\n%+v directly and\n%+v from its text, want\n%+v", i, direct[i], parsed[i], events[i])
		}
	}
}

func TestLines(t *testing.T) {
	request := `{"time":"2026-03-01T12:00:00Z","level":"INFO","msg":"request to RDS","run":"1","action":"failover","target":"arn"}`
	want := Event{At: noon, Kind: Requested, Run: "1", Action: decision.Failover, Target: "arn"}
	for name, test := range map[string]struct {
		line string
		is   bool
		err  string
	}{
		"a line of the controller":                      {request, true, ""},
		"a line with what aws logs tail puts before it": {"2026-03-01T12:00:00 2026/03/01/[$LATEST]1 " + request, true, ""},
		"a line of Lambda's own":                        {"REPORT RequestId: 1 Duration: 2 ms", false, ""},
		"another line of the controller":                {`{"time":"2026-03-01T12:00:00Z","msg":"notice","subject":"x"}`, false, ""},
		"an empty line":                                 {"", false, ""},
		"a line that is cut off":                        {request[:40], false, ""},
		"an event whose field is of another type":       {strings.Replace(request, `"arn"`, "7", 1), false, "cannot unmarshal"},
		"an event without a time":                       {strings.Replace(request, `"time"`, `"then"`, 1), false, "it has no time"},
	} {
		t.Run(name, func(t *testing.T) {
			got, is, err := ParseLine([]byte(test.line))
			if is != test.is || (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
				t.Fatalf("%t, %v", is, err)
			}
			if is && !reflect.DeepEqual(got, want) {
				t.Errorf("the event is %+v", got)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	right := logged(failover(nil), plain)
	wrong := logged(slices.Delete(failover(nil), 1, 2), plain)
	for name, test := range map[string]struct {
		log    string
		events int
		broken int
		err    error
	}{
		"a right log":          {"START RequestId: 1\n" + right, 5, 0, nil},
		"a log that is wrong":  {wrong, 4, 1, nil},
		"a log of nothing":     {"", 0, 0, ErrNoEvents},
		"a log of another one": {"START\nEND\n", 0, 0, ErrNoEvents},
	} {
		t.Run(name, func(t *testing.T) {
			events, violations, err := Check(strings.NewReader(test.log))
			if events != test.events || len(violations) != test.broken || !errors.Is(err, test.err) {
				t.Errorf("%d events, %v, %v", events, violations, err)
			}
		})
	}
	t.Run("a line that is too long is an error", func(t *testing.T) {
		if _, _, err := Check(strings.NewReader(right + strings.Repeat("x", lineLimit+1))); err == nil {
			t.Error("it is read")
		}
	})
	t.Run("an event that cannot be read is an error that names its line", func(t *testing.T) {
		broken := strings.Replace(right, `"target":"`, `"target":7,"x":"`, 1)
		if _, _, err := Check(strings.NewReader(broken)); err == nil || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("the error is %v", err)
		}
	})
}

func FuzzParseLine(f *testing.F) {
	for line := range strings.Lines(logged(failover(nil), plain)) {
		f.Add([]byte(line))
	}
	f.Add([]byte(`x {"msg":"journal saved","time":"2026-03-01T12:00:00Z","concerns":{"a":"2026-03-01T12:00:00Z"}}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		e, is, err := ParseLine(line)
		if is && (err != nil || e.At.IsZero() || !isLogged(e.Kind)) {
			t.Errorf("%q is %+v, %v", line, e, err)
		}
		if is {
			w := NewWatcher()
			w.Observe(e) // whatever a log says, the watcher says something of it
			w.Observe(e)
			w.Violations()
		}
	})
}
