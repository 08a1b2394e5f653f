package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"warmstandby/test/drill/evidence"
	"warmstandby/test/drill/history"
)

// stored is a version of a record.
type stored struct {
	content string
	tag     string
	at      time.Time
}

// fakeApplication answers as the application does, with what is wrong with it. It is a writer that fails over after two minutes, whose
// successor lacks the changes of the last ten seconds.
type fakeApplication struct {
	mu       sync.Mutex
	began    time.Time
	records  map[string][]stored // by id, the current version last
	keys     map[string]string
	failed   bool
	old      *fakeApplication // the writer before, where there are two
	tries    int
	stale    time.Duration // how old the answers of reads are
	bareTags bool
	forgets  bool // idempotency keys after the failover
	twoLive  bool // the old writer goes on after the failover
	loses    bool // answers of one request in ten
	down     bool // every answer is 503
}

const (
	failsOverAfter = 2 * time.Minute
	lostAtFailover = 10 * time.Second
)

// RoundTrip implements http.RoundTripper. A request and its answer take some milliseconds each.
func (f *fakeApplication) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
	}
	time.Sleep(rand.N(20 * time.Millisecond))
	answer := f.serve(r, body)
	time.Sleep(rand.N(20 * time.Millisecond))
	if f.loses && rand.N(10) == 0 {
		return nil, errors.New("the answer is lost")
	}
	return answer, nil
}

func (f *fakeApplication) serve(r *http.Request, body []byte) *http.Response {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down {
		return f.answer(http.StatusServiceUnavailable, "", stored{})
	}
	f.failOver()
	if f.tries++; f.twoLive && f.old != nil && f.tries%2 == 0 {
		return f.old.serve(r, body)
	}
	id := strings.TrimPrefix(r.URL.Path, "/records/")
	versions := f.records[id]
	switch {
	case r.Method == http.MethodPost:
		key := r.Header.Get("Idempotency-Key")
		if f.keys[key] == "" {
			f.keys[key] = fmt.Sprintf("id-%d-%x", len(f.records), rand.Uint32())
			f.put(f.keys[key], body)
		}
		return f.answer(http.StatusCreated, f.keys[key], f.records[f.keys[key]][0])
	case len(versions) == 0:
		return f.answer(http.StatusNotFound, "", stored{})
	case r.Method == http.MethodGet:
		current := versions[0]
		for _, one := range versions {
			if time.Since(one.at) >= f.stale {
				current = one
			}
		}
		if r.Header.Get("If-None-Match") == current.tag {
			return f.answer(http.StatusNotModified, id, stored{tag: current.tag})
		}
		return f.answer(http.StatusOK, id, current)
	case r.Header.Get("If-Match") != versions[len(versions)-1].tag:
		return f.answer(http.StatusPreconditionFailed, "", stored{})
	}
	return f.answer(http.StatusOK, id, f.put(id, body))
}

func (f *fakeApplication) put(id string, body []byte) stored {
	var sent struct{ Content json.RawMessage }
	_ = json.Unmarshal(body, &sent)
	tag := fmt.Sprintf(`"%d"`, len(f.records[id])+1)
	if !f.bareTags {
		tag = fmt.Sprintf(`"%d-%x"`, len(f.records[id])+1, rand.Uint64())
	}
	f.records[id] = append(f.records[id], stored{string(sent.Content), tag, time.Now()})
	return f.records[id][len(f.records[id])-1]
}

func (f *fakeApplication) answer(status int, id string, of stored) *http.Response {
	header := http.Header{}
	if of.tag != "" {
		header.Set("ETag", of.tag)
	}
	text := ""
	if of.content != "" {
		text = fmt.Sprintf(`{"id":%q,"content":%s}`, id, of.content)
	}
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(text))}
}

// failOver takes away what the successor lacks.
func (f *fakeApplication) failOver() {
	if f.failed || time.Since(f.began) < failsOverAfter {
		return
	}
	f.failed = true
	if f.twoLive {
		f.old = &fakeApplication{records: map[string][]stored{}, keys: map[string]string{}, failed: true}
		for key, id := range f.keys {
			f.old.keys[key], f.old.records[id] = id, slices.Clone(f.records[id])
		}
	}
	for id, versions := range f.records {
		f.records[id] = slices.DeleteFunc(slices.Clone(versions), func(one stored) bool { return time.Since(one.at) < lostAtFailover })
	}
	for key, id := range f.keys {
		if len(f.records[id]) == 0 || f.forgets {
			delete(f.keys, key)
		}
	}
}

// contend runs the contended load on an application for five minutes of a fake clock, and checks its histories.
func contend(t *testing.T, f *fakeApplication) (history.Result, []evidence.Operation) {
	t.Helper()
	var result history.Result
	var operations []evidence.Operation
	synctest.Test(t, func(t *testing.T) {
		f.began, f.records, f.keys = time.Now(), map[string][]stored{}, map[string]string{}
		log := evidence.NewLog(evidence.Evidence{})
		c := &Client{
			URL: &url.URL{Scheme: "http", Host: "app.example.test"}, Names: oneRegion{}, HTTP: f, Log: log, Name: "drill",
			Token: func(context.Context) (string, error) { return "t", nil },
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		c.Contention().Run(ctx)
		operations = log.Copy().Operations
		moved := f.began.Add(failsOverAfter)
		result = history.Check(operations, history.Allowed{
			Cut: &history.Cut{From: moved.Add(-lostAtFailover - time.Second), Begin: moved.Add(-time.Second), End: moved.Add(time.Second)},
		})
	})
	return result, operations
}

func TestContention(t *testing.T) {
	for _, test := range []struct {
		name        string
		application *fakeApplication
		impossible  string // begins the subject of an impossible history; none when empty
	}{
		{"an application that keeps its word", &fakeApplication{}, ""},
		{"answers that are lost explain themselves", &fakeApplication{loses: true}, ""},
		{"answers as old as replication takes", &fakeApplication{stale: time.Second}, ""},
		{"stale reads are served as fresh", &fakeApplication{stale: 10 * time.Second}, "record"},
		{"a tag is used again", &fakeApplication{bareTags: true}, "record"},
		{"two writers", &fakeApplication{twoLive: true}, "record"},
		{"idempotency keys are forgotten", &fakeApplication{forgets: true}, "key"},
	} {
		t.Run(test.name, func(t *testing.T) {
			result, operations := contend(t, test.application)
			if len(result.Undecided) > 0 || result.Subjects < contendedRecords+100 {
				t.Fatalf("of %d subjects undecided are %v", result.Subjects, result.Undecided)
			}
			if test.impossible == "" && len(result.Violations) > 0 {
				t.Errorf("violations %v", result.Violations[:1])
			}
			if test.impossible != "" && !slices.ContainsFunc(result.Violations, func(v history.Violation) bool {
				return strings.HasPrefix(v.Subject, test.impossible)
			}) {
				t.Errorf("no violation of a %s in %d operations: %v", test.impossible, len(operations), result.Violations)
			}
		})
	}
	t.Run("clients meet: of the changes of a round some are refused, and some reads are answered with nothing new", func(t *testing.T) {
		_, operations := contend(t, &fakeApplication{})
		count := map[string]int{}
		for _, o := range operations {
			count[fmt.Sprint(o.Kind, " ", o.Status)]++
		}
		for _, want := range []string{"update 200", "update 412", "read 200", "read 304", "create 201"} {
			if count[want] < 50 {
				t.Errorf("%d of %s in %v, want 50", count[want], want, count)
			}
		}
	})
	t.Run("records that cannot be made are not contended", func(t *testing.T) {
		result, operations := contend(t, &fakeApplication{down: true})
		if slices.ContainsFunc(operations, func(o evidence.Operation) bool { return o.Kind != evidence.Create }) {
			t.Error("a record that nobody has made was read or changed")
		}
		if len(result.Violations) > 0 || result.Unknown != len(operations) || result.Unknown == 0 {
			t.Errorf("%d of %d operations are of unknown outcome, and %v are impossible", result.Unknown, len(operations), result.Violations)
		}
	})
}
