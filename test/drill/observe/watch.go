// Package observe polls AWS and the application during a drill, and counts rows and events at the end. A query without an answer is
// an observation, too: what the topic is, is then not known.
package observe

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/globaldb"
	"warmstandby/lambda/failover/journal"
	"warmstandby/test/access"
	"warmstandby/test/access/resolver"
	"warmstandby/test/drill/evidence"
)

const (
	// period is the time between two queries of a topic, and so the resolution of the figures.
	period = time.Second
	// queryTimeout bounds a query. A query that hangs is given up and repeated.
	queryTimeout = 3 * time.Second
	// arrivalPeriod is the time between two lists of the standby's rows, a page or two each: the most expensive query.
	arrivalPeriod = 2 * time.Second
	// checkPeriod is the time between two queries of the health checks' status: Route 53 allows five calls a second for a whole
	// account (Amazon Route 53 Developer Guide, "Quotas", Route 53 API requests).
	checkPeriod = 3 * time.Second
	// pressurePeriod is the time between two samples of CPU pressure, which is judged by the minute.
	pressurePeriod = 5 * time.Second
)

// Globals is the RDS API of one region.
type Globals interface {
	Global(ctx context.Context) (globaldb.Global, error)
}

// Journals is the failover controller's journal.
type Journals interface {
	Load(ctx context.Context) (journal.State, error)
}

// Checks is the health checks of Route 53, by region.
type Checks interface {
	Healthy(ctx context.Context, region string) (bool, error)
}

// Watch is the observer of a platform. Its fields are set before Run.
type Watch struct {
	Log              *evidence.Log
	Primary, Standby string
	// Databases is RDS of the standby region and, if that does not answer, of the primary region.
	Databases [2]Globals
	Journal   Journals
	Checks    Checks
	// Exchange queries the zone's own name server, without a cache.
	Exchange resolver.Exchange
	Global   *url.URL
	Names    *access.Regions
	HTTP     http.RoundTripper
	Token    func(context.Context) (string, error)
	// Patient is the patient of the drill's records.
	Patient string
	// Since is when the drill began: earlier decisions of the controller are ignored.
	Since time.Time
	// CPUPressure returns the CPU pressure of this machine; see the function of that name.
	CPUPressure func() (time.Duration, error)
}

// Run observes until the context ends.
func (w *Watch) Run(ctx context.Context) {
	var watching sync.WaitGroup
	arrivals := &arrivals{watch: w}
	for _, row := range [...]struct {
		every time.Duration
		query func(context.Context)
	}{
		{period, w.observeWriter}, {period, w.observeJournal}, {period, w.observeAnswer}, {arrivalPeriod, arrivals.poll},
		{period, func(ctx context.Context) { w.observeAccepts(ctx, w.Primary) }},
		{period, func(ctx context.Context) { w.observeAccepts(ctx, w.Standby) }},
		{checkPeriod, func(ctx context.Context) { w.observeCheck(ctx, w.Primary) }},
		{checkPeriod, func(ctx context.Context) { w.observeCheck(ctx, w.Standby) }},
		{pressurePeriod, w.observeCPUPressure},
	} {
		watching.Go(func() { poll(ctx, row.every, row.query) })
	}
	watching.Wait()
}

// poll runs a query at once and after each period, each within queryTimeout, until the context ends.
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

// observeWriter asks RDS for the region of the writer.
func (w *Watch) observeWriter(ctx context.Context) {
	var faults []error
	for _, databases := range w.Databases {
		global, err := databases.Global(ctx)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		region := ""
		if one, known := global.Writer(); known && !global.Moving {
			region = one.Region()
		}
		w.Log.Observe(evidence.Writer, region, global.Status)
		return
	}
	w.unanswered(ctx, errors.Join(faults...), evidence.Writer)
}

// unanswered records that topics are not known, and why. A query that ends with the drill records nothing.
func (w *Watch) unanswered(ctx context.Context, err error, topics ...evidence.Topic) {
	if errors.Is(ctx.Err(), context.Canceled) {
		return
	}
	for _, topic := range topics {
		w.Log.Observe(topic, evidence.Unknown, err.Error())
	}
}

// observeJournal reads the controller's decision and moves.
func (w *Watch) observeJournal(ctx context.Context) {
	state, err := w.Journal.Load(ctx)
	if err != nil {
		w.unanswered(ctx, err, evidence.Decision, evidence.RPOAdvice)
		return
	}
	if d := state.Decision; d.At.After(w.Since) {
		value := string(d.Action)
		if d.Recommended.Moves() {
			value += ", would " + string(d.Recommended)
		}
		reasons := strings.Join(d.Reasons, " ")
		w.Log.Observe(evidence.Decision, value, reasons)
		named := "no"
		if d.Action == decision.Advise && strings.Contains(reasons, globaldb.RPOParameter) {
			named = evidence.Yes
		}
		w.Log.Observe(evidence.RPOAdvice, named, reasons)
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

// observeAnswer asks the zone's name server for the addresses of the global name.
func (w *Watch) observeAnswer(ctx context.Context) {
	answer, _, err := resolver.Query(ctx, w.Exchange, w.Global.Hostname())
	if err != nil {
		w.unanswered(ctx, err, evidence.Answer)
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

// observeCheck asks Route 53 for the state of a region's health check.
func (w *Watch) observeCheck(ctx context.Context, region string) {
	healthy, err := w.Checks.Healthy(ctx, region)
	if err != nil {
		w.unanswered(ctx, err, evidence.Check(region))
		return
	}
	value := evidence.Unhealthy
	if healthy {
		value = evidence.Healthy
	}
	w.Log.Observe(evidence.Check(region), value, "")
}
