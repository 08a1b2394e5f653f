package observe

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"

	"warmstandby/test/access"
	"warmstandby/test/access/resolver"
	"warmstandby/test/drill/evidence"
	"warmstandby/test/drill/scenario"
)

const east, west = "us-east-1", "us-west-2"

// answers is an application whose answers a test gives by URL, and by URL and body for a POST.
type answers map[string]string

func (a answers) RoundTrip(r *http.Request) (*http.Response, error) {
	key := r.URL.String()
	if r.Method == http.MethodPost {
		sent, err := io.ReadAll(r.Body)
		if err != nil || r.Header.Get("Content-Type") != "application/json" {
			return nil, errors.New("the request has no JSON")
		}
		key += " " + string(sent)
	}
	body, ok := a[key]
	if !ok {
		return nil, errors.New("a time-out")
	}
	status := http.StatusOK
	if body == "" {
		status = http.StatusServiceUnavailable
	}
	return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(body))}, nil
}

func zone(_ context.Context, question *dns.Msg, _ string) (*dns.Msg, error) {
	record, err := dns.NewRR(question.Question[0].Name + " 60 IN A 127.53.0.1")
	answer := new(dns.Msg).SetReply(question)
	answer.Answer = append(answer.Answer, record)
	return answer, err
}

func watch(a answers) *Watch {
	names := access.NewRegions(resolver.New(zone), map[string]string{east: "us-east-1.app.test", west: "us-west-2.app.test"})
	return &Watch{
		Log:     evidence.NewLog(evidence.Evidence{Primary: east, Standby: west}),
		Primary: east,
		Standby: west,
		HTTP:    a,
		Names:   names,
		Patient: "drill",
		Global:  &url.URL{Scheme: "http", Host: "app.test:8080"},
		Token:   func(context.Context) (string, error) { return "t", nil },
	}
}

func TestProbe(t *testing.T) {
	t.Run("a probe asks the path that the fault cuts", func(t *testing.T) {
		const host = "http://us-east-1.app.test:8080"
		well := answers{host + healthPath: "ok", host + readyPath: "ok"}
		down := answers{host + healthPath: "ok", host + readyPath: ""}
		for name, test := range map[string]struct {
			a    answers
			kind scenario.Kind
			want bool
		}{
			"a region that answers":             {well, scenario.Unreachable, true},
			"a region that does not":            {answers{}, scenario.Unreachable, false},
			"an application that serves":        {well, scenario.AppDown, true},
			"a database that takes writes":      {well, scenario.DBDown, true},
			"a database that takes none":        {down, scenario.DBDown, false},
			"an application without its writer": {down, scenario.AppDown, true},
		} {
			if works, got := watch(test.a).probe(t.Context(), test.kind, east); works != test.want {
				t.Errorf("%s: it works: %t (%s)", name, works, got)
			}
		}
	})
	for _, kind := range []scenario.Kind{scenario.Split, scenario.Isolated, scenario.ReplicationStalled} {
		t.Run(string(kind)+" is probed by rows that arrive in the standby, while the writer stays", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { checkReplicationProbes(t, kind) })
		})
	}
}

// checkReplicationProbes probes a fault of replication while rows come, and do not.
func checkReplicationProbes(t *testing.T, kind scenario.Kind) {
	t.Helper()
	w := watch(answers{})
	w.Log.Observe(evidence.Writer, east, "")
	w.Log.AddArrivals([]int{1}) // just before the fault
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go w.ProbeFault(ctx, kind, east)
	time.Sleep(10*time.Second + period/2)
	probes := w.Log.Copy().Probes
	if len(probes) != 6 {
		t.Fatalf("there are %d probes in ten seconds, want one each from the fifth on", len(probes))
	}
	for _, p := range probes {
		if p.Works {
			t.Errorf("no row has arrived since the fault, and it works: %s", p.Detail)
		}
	}
	w.Log.AddArrivals([]int{2})
	time.Sleep(period)
	if probes = w.Log.Copy().Probes; !probes[len(probes)-1].Works {
		t.Errorf("a row has just arrived, and it does not work: %s", probes[len(probes)-1].Detail)
	}
	w.Log.Observe(evidence.Writer, west, "")
	before := len(w.Log.Copy().Probes)
	time.Sleep(10 * time.Second)
	if after := len(w.Log.Copy().Probes); after != before {
		t.Errorf("%d further probes were made of replication that the move of the writer has ended", after-before)
	}
}

func TestCount(t *testing.T) {
	t.Run("rows are counted over all pages", func(t *testing.T) {
		const listing = "http://us-west-2.app.test:8080/records/search "
		a := answers{
			listing + `{"patient":"drill","limit":100}`: `{"records":[{"id":"a","content":{"number":1}},` +
				`{"id":"b","content":{"number":1}}],"next":"c1"}`,
			listing + `{"patient":"drill","limit":100,"cursor":"c1"}`: `{"records":[{"id":"c","content":{"number":2}}],"next":null}`,
		}
		rows, err := watch(a).Count(t.Context(), west)
		if err != nil || len(rows[1]) != 2 || len(rows[2]) != 1 {
			t.Errorf("counted %v (%v)", rows, err)
		}
		delete(a, listing+`{"patient":"drill","limit":100,"cursor":"c1"}`)
		if rows, err := watch(a).Count(t.Context(), west); err == nil {
			t.Errorf("half of the pages were taken for all: %v", rows)
		}
	})
}

func TestArrivals(t *testing.T) {
	t.Run("polling begins with the load and reads the page before the last again", func(t *testing.T) {
		const listing = "http://us-west-2.app.test:8080/records/search "
		a := answers{
			listing + `{"patient":"drill","limit":100}`:               `{"records":[{"id":"a","content":{"number":1}}],"next":"c1"}`,
			listing + `{"patient":"drill","limit":100,"cursor":"c1"}`: `{"records":[{"id":"b","content":{"number":2}}],"next":null}`,
		}
		w := watch(a)
		follow := &arrivals{watch: w}
		if follow.poll(t.Context()); len(w.Log.Copy().Arrivals) != 0 {
			t.Error("something arrived before anything was written")
		}
		w.Log.Mark(evidence.LoadBegan, "")
		if follow.poll(t.Context()); len(w.Log.Copy().Arrivals) != 2 {
			t.Errorf("arrived are %v, want 1 and 2", w.Log.Copy().Arrivals)
		}
		// Number 3 was begun before the page ended, and committed after it was read.
		a[listing+`{"patient":"drill","limit":100}`] = `{"records":[{"id":"a","content":{"number":1}},` +
			`{"id":"d","content":{"number":3}}],"next":"c1"}`
		if follow.poll(t.Context()); len(w.Log.Copy().Arrivals) != 3 {
			t.Errorf("arrived are %v, want 3 among them", w.Log.Copy().Arrivals)
		}
	})
}

func FuzzParsePage(f *testing.F) {
	f.Add([]byte(`{"records":[{"id":"a","content":{"number":1}}],"next":"c"}`))
	f.Add([]byte(`{"records":null,"next":null}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if one, err := parsePage(body); err != nil && (len(one.Records) > 0 || one.Next != nil) {
			t.Errorf("what cannot be read is a page: %+v", one)
		}
	})
}
