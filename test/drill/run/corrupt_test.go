package run

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"warmstandby/lambda/failover/restore"
	"warmstandby/test/access"
	"warmstandby/test/drill/evidence"
	"warmstandby/test/drill/scenario"
)

// damagedPlatform notes what is damaged, and refuses damage to one record.
type damagedPlatform struct {
	*fakePlatform
	damage []string
}

func (w *damagedPlatform) RoundTrip(r *http.Request) (*http.Response, error) {
	status := map[string]int{http.MethodPut: http.StatusOK, http.MethodDelete: http.StatusNoContent}[r.Method]
	if status == 0 {
		return w.fakePlatform.RoundTrip(r)
	}
	if r.Method == http.MethodPut && r.Header.Get("If-Match") != "*" || strings.HasSuffix(r.URL.Path, "/id-3") {
		status = http.StatusPreconditionRequired
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.damage = append(w.damage, r.Method+" "+r.URL.Path)
	return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(""))}, nil
}

func TestCorrupt(t *testing.T) {
	steps := []scenario.Step{
		{Do: scenario.Corrupt, For: time.Second}, {Do: scenario.Load, For: 5 * time.Second}, {Do: scenario.Restore, For: time.Minute},
		{Do: scenario.Operate, Command: []string{"restore", "--remove"}, For: time.Minute},
	}
	for _, test := range []struct {
		name     string
		takeBack error
	}{{"the damaged rows are taken back", nil}, {"the restored cluster is removed although nothing was taken back", errors.New("no login")}} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &damagedPlatform{fakePlatform: newFakePlatform()}
				s := shortScenario(steps...)
				s.Fault = ""
				d := w.drill(s)
				d.Client.HTTP = w
				d.TakeBack = func(context.Context) (int, error) { return 4, test.takeBack }
				e, err := d.Run(t.Context())
				c := e.Corruption
				if err != nil || e.Aborted != "" || c == nil {
					t.Fatalf("it ended with %v, %q, %+v", err, e.Aborted, c)
				}
				if want := []string{"PUT /records/id-1", "DELETE /records/id-2", "PUT /records/id-3", "DELETE /records/id-4"}; len(w.damage) < 4 ||
					!slices.Equal(w.damage[:4], want) || c.Overwritten[0] != 1 || c.Deleted[0] != 2 || len(c.Errors) != 1 {
					t.Errorf("it damaged %q, and recorded %+v", w.damage, c)
				}
				if slices.Contains(c.Overwritten, 3) {
					t.Errorf("number 3 counts as overwritten, although the application refused it: %+v", c)
				}
				second, wanted := c.Began.UTC().Truncate(time.Second), slices.IndexFunc(w.calls, func(call string) bool {
					return strings.HasPrefix(call, "restore --at ")
				})
				if wanted < 0 || w.calls[wanted] != "restore --at "+second.Format(restore.TimeFormat) || w.calls[wanted+1] != "restore --remove" {
					t.Errorf("the operator did %q, want the second %s", w.calls, second)
				}
				if (c.TakenBack.IsZero() || c.Rows != 4) != (test.takeBack != nil) || c.Restored.Before(c.Found) ||
					(len(e.Timeouts) == 0) != (test.takeBack == nil) {
					t.Errorf("it was taken back: %+v, %q", c, e.Timeouts)
				}
				if faulted, ok := e.MarkedAt(evidence.Faulted); !ok || faulted.Before(c.Began) {
					t.Errorf("the fault is marked at %s", faulted)
				}
			})
		})
	}
}

func TestOpenCorruptedOnAWS(t *testing.T) {
	t.Run("on AWS the scenario is refused before anything is begun", func(t *testing.T) {
		s, _ := scenario.Find("data-corrupted")
		o := Options{Target: access.Target{Environment: "dev", Region: west}}
		if _, err := Open(t.Context(), o, s, t.Logf); !errors.Is(err, errInsideVPC) {
			t.Errorf("it was opened with %v", err)
		}
	})
}
