package observe

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"testing"

	"github.com/miekg/dns"

	"warmstandby/lambda/failover/globaldb"
	"warmstandby/lambda/failover/journal"
	"warmstandby/test/access"
	"warmstandby/test/access/resolver"
	"warmstandby/test/drill/evidence"
)

// silent is every service that the drill asks, and answers nothing.
type silent struct{}

var errSilent = errors.New("a time-out")

func (silent) Global(context.Context) (globaldb.Global, error)           { return globaldb.Global{}, errSilent }
func (silent) Load(context.Context) (journal.State, error)               { return journal.State{}, errSilent }
func (silent) Healthy(context.Context, string) (bool, error)             { return false, errSilent }
func (silent) RoundTrip(*http.Request) (*http.Response, error)           { return nil, errSilent }
func silentExchange(context.Context, *dns.Msg, string) (*dns.Msg, error) { return nil, errSilent }

// What was known before is not known any longer when nobody answers; a query that the drill's end cancels says nothing.
func TestUnanswered(t *testing.T) {
	w := &Watch{
		Log: evidence.NewLog(evidence.Evidence{}), Primary: east, Standby: west, Databases: [2]Globals{silent{}, silent{}},
		Journal: silent{}, Checks: silent{}, Exchange: silentExchange, Global: &url.URL{Scheme: "http", Host: "app.example"},
		Names: access.NewRegions(resolver.New(silentExchange), map[string]string{east: "east.example"}), HTTP: silent{},
	}
	topics := []evidence.Topic{evidence.Writer, evidence.Answer, evidence.Decision, evidence.Check(east), evidence.Accepts(east)}
	for _, topic := range topics {
		w.Log.Observe(topic, "as it was", "")
	}
	ask := func(ctx context.Context) {
		w.observeWriter(ctx)
		w.observeAnswer(ctx)
		w.observeJournal(ctx)
		w.observeCheck(ctx, east)
		w.observeAccepts(ctx, east)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	ask(ended)
	seen := w.Log.Copy()
	for _, topic := range topics {
		if !seen.Currently(topic, "as it was") {
			t.Errorf("%s: a query that was cancelled says %+v", topic, seen.Observations[topic])
		}
	}
	ask(t.Context())
	seen = w.Log.Copy()
	for _, topic := range topics {
		if last, _ := seen.Last(topic); last.Value != evidence.Unknown || last.Reason == "" {
			t.Errorf("%s is %+v, want %q and why", topic, last, evidence.Unknown)
		}
	}
}
