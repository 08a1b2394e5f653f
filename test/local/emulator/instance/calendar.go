package instance

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"warmstandby/test/local/gateway"
	"warmstandby/test/local/makecommand"
)

// calendarPath is the path of a running instance's AWS Backup calendar: POST moves it on by the duration in the query, and answers its
// new time.
const calendarPath = "/_local/backup-calendar"

// calendarTimeout bounds a request to move the calendar on: the plans of a week run meanwhile.
const calendarTimeout = 5 * time.Minute

// AdvanceBackups moves AWS Backup's calendar on and returns its new time. What is due meanwhile has been run by then.
func (f Folder) AdvanceBackups(ctx context.Context, by time.Duration) (time.Time, error) {
	status, err := f.Status(ctx)
	if err != nil {
		return time.Time{}, err
	}
	if status.State != StateUp {
		return time.Time{}, fmt.Errorf("%w: %s starts it", errNotUp, makecommand.For("local-up"))
	}
	ctx, cancel := context.WithTimeout(ctx, calendarTimeout)
	defer cancel()
	path := status.Run.Endpoint + calendarPath + "?" + url.Values{"by": {by.String()}}.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, path, nil)
	if err != nil {
		return time.Time{}, fmt.Errorf("moving AWS Backup's calendar on: %w", err)
	}
	response, err := direct.Do(request)
	if err != nil {
		return time.Time{}, fmt.Errorf("moving AWS Backup's calendar on: %w", err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, 1<<16))
	if err != nil {
		return time.Time{}, fmt.Errorf("moving AWS Backup's calendar on: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		return time.Time{}, fmt.Errorf("moving AWS Backup's calendar on: %s", strings.TrimSpace(string(answer)))
	}
	moved, err := time.Parse(time.RFC3339Nano, string(answer))
	if err != nil {
		return time.Time{}, fmt.Errorf("reading the time of AWS Backup's calendar: %w", err)
	}
	return moved, nil
}

// calendarHandler serves calendarPath.
type calendarHandler struct{ gateway *gateway.Gateway }

func (h calendarHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		http.Error(w, "POST "+calendarPath+"?by=26h", http.StatusMethodNotAllowed)
		return
	}
	by, err := time.ParseDuration(r.URL.Query().Get("by"))
	if err == nil {
		var moved time.Time
		if moved, err = h.gateway.AdvanceBackups(r.Context(), by); err == nil {
			_, _ = io.WriteString(w, moved.Format(time.RFC3339Nano)) // a client that has gone asks again
			return
		}
	}
	http.Error(w, err.Error(), http.StatusBadRequest)
}
