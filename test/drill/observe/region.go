package observe

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"warmstandby/test/access"
	"warmstandby/test/drill/evidence"
	"warmstandby/test/drill/scenario"
)

// The application's paths without authorization: whether it can serve reads, and whether its region's database accepts writes.
const (
	healthPath = "/healthz"
	readyPath  = "/readyz"
)

// searchPath is where a patient's records are searched for, and pageLimit the most that it lists at once.
const (
	searchPath = "/records/search"
	pageLimit  = 100
)

// maxArrivalAge is the age of the last row that has arrived in the standby region, up to which replication works. Rows come
// five times a second and are listed every two seconds.
const maxArrivalAge = 5 * time.Second

// request sends a request to the application in one region: a GET, or a POST of the JSON when that is not nil.
func (w *Watch) request(ctx context.Context, region, path, token string, json []byte) (status int, body []byte, err error) {
	address, err := w.Names.OwnAddress(ctx, region)
	if err != nil {
		return 0, nil, err
	}
	method := http.MethodGet
	if json != nil {
		method = http.MethodPost
	}
	answer, err := access.Send(ctx, w.HTTP, access.Request{
		Method: method, URL: w.application(region).String() + path, Address: address, Token: token, JSON: json,
	})
	return answer.Status, answer.Body, err
}

// application is the URL of a region's own application.
func (w *Watch) application(region string) *url.URL {
	target := *w.Global
	target.Host = region + "." + target.Host
	return &target
}

// observeAccepts asks the application of a region whether its own database accepts writes.
func (w *Watch) observeAccepts(ctx context.Context, region string) {
	status, _, err := w.request(ctx, region, readyPath, "", nil)
	if err != nil && status != http.StatusOK {
		w.unanswered(ctx, err, evidence.Accepts(region))
		return
	}
	value := "no"
	if status == http.StatusOK {
		value = evidence.Yes
	}
	w.Log.Observe(evidence.Accepts(region), value, fmt.Sprint("status ", status))
}

// ProbeFault probes the path that a fault of a region cuts, each second until the context ends. A fault of replication is not probed
// before rows in flight have arrived, nor after the writer has moved to the region where they would arrive.
func (w *Watch) ProbeFault(ctx context.Context, kind scenario.Kind, region string) {
	faulted := time.Now()
	poll(ctx, period, func(attempt context.Context) {
		begun := time.Now()
		var works bool
		var detail string
		switch {
		case kind.BreaksBackups():
			return // users' paths are not cut
		case !kind.StopsReplication():
			works, detail = w.probe(attempt, kind, region)
		case begun.Sub(faulted) >= maxArrivalAge && w.replicationExpected():
			works, detail = w.rowsArrive()
		default:
			return
		}
		if ctx.Err() == nil {
			w.Log.Update(func(e *evidence.Evidence) {
				e.Probes = append(e.Probes, evidence.Probe{At: begun, Works: works, Detail: detail})
			})
		}
	})
}

// replicationExpected reports whether the writer is in the primary region. After it has moved, nothing is replicated to the
// standby region.
func (w *Watch) replicationExpected() (value bool) {
	w.Log.Read(func(e *evidence.Evidence) { value = e.Currently(evidence.Writer, e.Primary) })
	return value
}

// rowsArrive reports whether rows arrive in the standby region.
func (w *Watch) rowsArrive() (value bool, detail string) {
	var last time.Time
	w.Log.Read(func(e *evidence.Evidence) {
		for _, arrived := range e.Arrivals {
			if arrived.After(last) {
				last = arrived
			}
		}
	})
	age := time.Since(last)
	return age < maxArrivalAge, "the last row arrived in the standby region " + age.Round(time.Second).String() + " ago"
}

// probe sends a request on the path that the fault cuts in a region's application.
func (w *Watch) probe(ctx context.Context, kind scenario.Kind, region string) (works bool, detail string) {
	path := healthPath
	if kind == scenario.DBDown {
		path = readyPath
	}
	status, _, err := w.request(ctx, region, path, "", nil)
	if err != nil {
		return false, err.Error()
	}
	return status == http.StatusOK, fmt.Sprintf("%s answers %d", path, status)
}

// search is the body of a search for records.
type search struct {
	Patient string `json:"patient"`
	Limit   int    `json:"limit"`
	Cursor  string `json:"cursor,omitempty"`
}

// page is a page of a list of records.
type page struct {
	Records []struct {
		ID      string
		Content struct{ Number int }
	}
	Next *string
}

// parsePage decodes a page.
func parsePage(body []byte) (page, error) {
	var one page
	if err := json.Unmarshal(body, &one); err != nil {
		return page{}, fmt.Errorf("reading a page of records: %w", err)
	}
	return one, nil
}

// list returns a page of the drill's records in a region, oldest first, from a cursor on.
func (w *Watch) list(ctx context.Context, region, cursor string) (page, error) {
	token, err := w.Token(ctx)
	if err != nil {
		return page{}, fmt.Errorf("getting a token: %w", err)
	}
	query, err := json.Marshal(search{Patient: w.Patient, Limit: pageLimit, Cursor: cursor})
	if err != nil {
		return page{}, fmt.Errorf("writing a search: %w", err)
	}
	status, body, err := w.request(ctx, region, searchPath, token, query)
	if err != nil {
		return page{}, fmt.Errorf("listing records in %s: %w", region, err)
	}
	if status != http.StatusOK {
		return page{}, fmt.Errorf("listing records in %s: status %d: %s", region, status, strings.TrimSpace(string(body[:min(len(body), 200)])))
	}
	return parsePage(body)
}

// Count lists all of the drill's records in a region and returns their ids by number.
func (w *Watch) Count(ctx context.Context, region string) (map[int][]string, error) {
	all, cursor := map[int][]string{}, ""
	for {
		attempt, cancel := context.WithTimeout(ctx, queryTimeout)
		one, err := w.list(attempt, region, cursor)
		cancel()
		if err != nil {
			return nil, err
		}
		for _, record := range one.Records {
			all[record.Content.Number] = append(all[record.Content.Number], record.ID)
		}
		if one.Next == nil {
			return all, nil
		}
		cursor = *one.Next
	}
}

// arrivals follows the drill's records in the standby region.
type arrivals struct {
	watch *Watch
	// cursors are of the last two full pages. The page before the last is read again, because rows become visible in the order of
	// their commits and are listed in the order of their creation.
	cursors [2]string
}

// poll records what has arrived since the last call.
func (a *arrivals) poll(ctx context.Context) {
	begun := false
	a.watch.Log.Read(func(e *evidence.Evidence) { _, begun = e.MarkedAt(evidence.LoadBegan) })
	if !begun {
		return
	}
	for cursor := a.cursors[0]; ; {
		one, err := a.watch.list(ctx, a.watch.Standby, cursor)
		if err != nil {
			return
		}
		var numbers []int
		for _, record := range one.Records {
			numbers = append(numbers, record.Content.Number)
		}
		a.watch.Log.AddArrivals(numbers)
		if one.Next == nil {
			return
		}
		if cursor = *one.Next; cursor != a.cursors[1] {
			a.cursors = [2]string{a.cursors[1], cursor}
		}
	}
}
