package run

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"warmstandby/test/drill/evidence"
	"warmstandby/test/drill/scenario"
)

func TestReconcile(t *testing.T) {
	reconcile := scenario.Step{Do: scenario.Reconcile, For: time.Minute}
	for _, test := range []struct {
		name     string
		failures int // of the command, before it succeeds
		ended    bool
	}{
		{"the rows are counted before, and the report is kept", 0, true},
		{"a refused reconciliation is repeated", 3, true},
		{"one that never succeeds ends with the step's time", 1000, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newFakePlatform()
				w.lists = `{"records":[{"id":"a","content":{"number":1}},{"id":"b","content":{"number":1}}],"next":null}`
				d := w.drill(shortScenario(blip, reconcile))
				calls := 0
				d.Reconcile = func(context.Context) (evidence.Reconciliation, error) {
					if calls++; calls <= test.failures {
						return evidence.Reconciliation{}, errors.New("there is no snapshot")
					}
					return evidence.Reconciliation{Lost: 4, Returned: 4}, nil
				}
				e, err := d.Run(t.Context())
				r := e.Reconciliation
				if err != nil || r == nil || r.Before[1] != 2 || r.CountedAt.IsZero() {
					t.Fatalf("the reconciliation is %+v (%v)", r, err)
				}
				if r.Ended.IsZero() == test.ended || (r.Lost == 4) != test.ended || (len(e.Timeouts) == 0) != test.ended {
					t.Errorf("ended with %+v, %q after %d calls", r, e.Timeouts, calls)
				}
				if !test.ended && !strings.Contains(e.Timeouts[0], "The operator's reconcile did not succeed within 1m0s: there is no snapshot") {
					t.Errorf("it timed out with %q", e.Timeouts)
				}
			})
		})
	}
	t.Run("rows that cannot be counted before end the drill", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newFakePlatform()
			d := w.drill(shortScenario(blip, reconcile))
			w.lists = `{`
			d.Reconcile = func(context.Context) (evidence.Reconciliation, error) { return evidence.Reconciliation{}, nil }
			if e, _ := d.Run(t.Context()); !strings.Contains(e.Aborted, "before the reconciliation: counting rows") {
				t.Errorf("it was broken off with %q", e.Aborted)
			}
		})
	})
}

func TestParseReconciliation(t *testing.T) {
	for _, test := range []struct {
		name, output, refused string
		want                  evidence.Reconciliation
	}{
		{
			name: "the sums and each record in conflict once",
			output: `{"command":"reconcile","reconciliation":{"snapshot":"s","totals":{"lost":4,"returned":1,"conflict":3,"doubled":1},"rows":[` +
				`{"recordId":"a","outcome":"conflict"},{"recordId":"a","outcome":"conflict"},{"recordId":"b","outcome":"returned"},` +
				`{"recordId":"c","outcome":"conflict"}]}}`,
			want: evidence.Reconciliation{Snapshot: "s", Lost: 4, Returned: 1, Conflict: 3, Doubled: 1, Conflicts: []string{"a", "c"}},
		},
		{name: "no JSON", output: "All 4 lost changes are back.", refused: "reading the report"},
		{name: "nothing", refused: "reading the report"},
		{name: "no report", output: `{"says":"Nothing was lost."}`, refused: "it has none"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := parseReconciliation([]byte(test.output))
			if test.refused == "" && (err != nil || fmt.Sprint(got) != fmt.Sprint(test.want)) {
				t.Errorf("read %+v (%v), want %+v", got, err, test.want)
			}
			if test.refused != "" && (err == nil || !strings.Contains(err.Error(), test.refused)) {
				t.Errorf("read %+v with %v, want %q", got, err, test.refused)
			}
		})
	}
}

func FuzzParseReconciliation(f *testing.F) {
	f.Add([]byte(`{"reconciliation":{"totals":{"lost":1},"rows":[{"recordId":"a","outcome":"conflict"}]}}`))
	f.Fuzz(func(t *testing.T, output []byte) {
		found, err := parseReconciliation(output)
		if err != nil && (found.Lost != 0 || found.Conflicts != nil) {
			t.Errorf("refused with %v, and returned %+v", err, found)
		}
	})
}
