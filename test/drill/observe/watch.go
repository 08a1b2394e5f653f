// Package observe watches the platform while a drill goes on, by asking AWS and the application, and counts at the end what is
// there. What does not answer is not taken for anything: it is seen again when it answers.
package observe

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"warmstandby/lambda/failover/globaldb"
	"warmstandby/lambda/failover/journal"
	"warmstandby/test/drill/client"
	"warmstandby/test/drill/evidence"
	"warmstandby/test/drill/resolver"
)

const (
	// period is how often each thing is asked: as fine as the figures are to be.
	period = time.Second
	// askTime bounds a question. One that hangs is asked again when it was given up.
	queryTimeout = 3 * time.Second
	// arrivalPeriod is how often the standby's rows are listed, a page or two at a time: the dearest of the questions.
	arrivalPeriod = 2 * time.Second
	// checkPeriod is how often Route 53 is asked for its checks' status: it allows five calls a second to a whole account
	// (Amazon Route 53 Developer Guide, "Quotas", Route 53 API requests).
	checkPeriod = 3 * time.Second
	// machinePeriod is how often this machine is asked how busy it is, which is told by the minute.
	pressurePeriod = 5 * time.Second
)

// Globals is RDS of one region.
type Globals interface {
	Global(ctx context.Context) (globaldb.Global, error)
}

// Journals is the failover controller's journal.
type Journals interface {
	Load(ctx context.Context) (journal.State, error)
}

// Checks is Route 53's health checks, by region.
type Checks interface {
	Healthy(ctx context.Context, region string) (bool, error)
}

// Watch is all that is asked. Its fields are set before Run.
type Watch struct {
	Log              *evidence.Log
	Primary, Standby string
	// Databases is RDS of the standby region and, when that does not answer, of the primary.
	Databases [2]Globals
	Journal   Journals
	Checks    Checks
	// Exchange asks the zone's own server, past every cache.
	Exchange resolver.Exchange
	Global   *url.URL
	Names    *client.Regions
	HTTP     http.RoundTripper
	Token    func(context.Context) (string, error)
	// Patient is whose records the drill makes.
	Patient string
	// Since is when the drill began: what the controller decided before says nothing of it.
	Since time.Time
	// Waited says for how long something has waited for a processor of this machine.
	CPUPressure func() (time.Duration, error)
}

// Run watches until the context ends.
func (w *Watch) Run(ctx context.Context) {
	var watching sync.WaitGroup
	arrivals := &arrivals{watch: w}
	for _, row := range [...]struct {
		every time.Duration
		query func(context.Context)
	}{
		{period, w.observeWriter}, {period, w.observeJournal}, {period, w.observeAnswer}, {arrivalPeriod, arrivals.poll},
		{period, func(ctx context.Context) { w.observeAccepts(ctx, w.Primary) }}, {period, func(ctx context.Context) { w.observeAccepts(ctx, w.Standby) }},
		{checkPeriod, func(ctx context.Context) { w.observeCheck(ctx, w.Primary) }}, {checkPeriod, func(ctx context.Context) { w.observeCheck(ctx, w.Standby) }},
		{pressurePeriod, w.observeCPUPressure},
	} {
		watching.Go(func() { poll(ctx, row.every, row.query) })
	}
	watching.Wait()
}

// repeat asks now and every so often, each question within askTime, until the context ends.
func poll(ctx context.Context, every time.Duration, query func(context.Context)) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		attempt, cancel := context.WithTimeout(ctx, queryTimeout)
		query(attempt)
		cancel()
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// writer asks RDS for the region of the writer.
func (w *Watch) observeWriter(ctx context.Context) {
	for _, databases := range w.Databases {
		global, err := databases.Global(ctx)
		if err != nil {
			continue
		}
		region := ""
		if one, known := global.Writer(); known && !global.Moving {
			region = one.Region()
		}
		w.Log.Observe(evidence.Writer, region, global.Status)
		return
	}
}

// journal notes what the controller decides and does.
func (w *Watch) observeJournal(ctx context.Context) {
	state, err := w.Journal.Load(ctx)
	if err != nil {
		return
	}
	if d := state.Decision; d.At.After(w.Since) {
		value := string(d.Action)
		if d.Recommended.Moves() {
			value += ", would " + string(d.Recommended)
		}
		w.Log.Observe(evidence.Decision, value, strings.Join(d.Reasons, " "))
	}
	for _, m := range [...]*journal.Move{state.Last, state.Move} {
		if m != nil && m.Begun.After(w.Since) {
			w.Log.SetMove(evidence.Move{
				Action: string(m.Action), By: m.By, To: m.To, Phase: string(m.Phase),
				LossSince: m.LossSince, Begun: m.Begun, Requested: m.Requested, Ended: m.Ended, Reasons: m.Reasons,
			})
		}
	}
}

// answer asks the zone's server where the global name leads.
func (w *Watch) observeAnswer(ctx context.Context) {
	answer, _, err := resolver.Query(ctx, w.Exchange, w.Global.Hostname())
	if err != nil {
		return
	}
	regions := map[string]bool{}
	for _, address := range answer.Addresses {
		regions[w.Names.Locate(ctx, address)] = true
	}
	value := ""
	for region := range regions {
		value = region
	}
	if len(regions) > 1 {
		value = "several regions"
	}
	w.Log.Observe(evidence.Answer, value, "")
}

// check asks Route 53 what it takes a region for.
func (w *Watch) observeCheck(ctx context.Context, region string) {
	healthy, err := w.Checks.Healthy(ctx, region)
	if err != nil {
		return
	}
	value := evidence.Unhealthy
	if healthy {
		value = evidence.Healthy
	}
	w.Log.Observe(evidence.Check(region), value, "")
}
