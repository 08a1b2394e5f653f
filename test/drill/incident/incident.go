// Package incident makes the post-mortem of a real incident from what the platform has recorded itself: the failover controller's journal
// and log, CloudWatch's history of alarms, and the metrics of Route 53's health checks. It only reads.
package incident

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/history"
	"warmstandby/lambda/failover/journal"
	"warmstandby/lambda/failover/spec"
	"warmstandby/shared/contract/controller"
	"warmstandby/test/drill/evidence"
	"warmstandby/test/drill/report"
	"warmstandby/test/drill/verdict"
)

// maxSilence is how long the controller, which decides each minute, may be silent for its last observation to hold.
const maxSilence = 3 * time.Minute

// healthPoint is a minute of a health check's metric: 1 is healthy.
type healthPoint struct {
	at    time.Time
	value float64
}

// record is what was read.
type record struct {
	config   controller.Config
	from, to time.Time
	decided  []spec.Event
	events   []history.Event // notices and alarms
	state    journal.State
	health   map[string][]healthPoint // by region
	notKnown []string
	platform *evidence.Platform
}

// incident makes the incident of a record.
func (r record) incident() report.Incident {
	e := evidence.Evidence{
		Environment: r.config.Environment, Primary: r.config.PrimaryRegion, Standby: r.config.StandbyRegion, Began: r.from, Ended: r.to,
		Observations: map[evidence.Topic][]evidence.Observation{}, Platform: r.platform,
	}
	r.observe(&e)
	for region, points := range r.health {
		observeHealth(&e, evidence.Check(region), points, r.to)
	}
	for _, m := range [...]*journal.Move{r.state.Last, r.state.Move} {
		if m != nil && !cmp.Or(m.Ended, m.Begun).Before(r.from) {
			e.Moves = append(e.Moves, evidence.Move{
				Action: string(m.Action), By: m.By, To: m.To, Phase: string(m.Phase), LossSince: m.LossSince, Begun: m.Begun,
				Requested: m.Requested, Ended: m.Ended, Reasons: m.Reasons,
			})
		}
	}
	e.Moves = append(r.earlierMoves(e.Moves), e.Moves...)
	result := report.Incident{Evidence: e, From: r.from, To: r.to, NotKnown: r.notKnown}
	result.Zero, result.What = r.zero(e)
	result.Phases = r.phases(e, result.Zero)
	result.From, result.To = r.around(result.Phases)
	for _, one := range history.Sorted(append(slices.Clone(r.events), history.Changes(r.decided, r.config.StandbyRegion)...)) {
		if one.IsNews() && !one.At.Before(result.From) && !one.At.After(result.To) {
			result.Entries = append(result.Entries, report.Entered{
				At: one.At, Kind: string(one.Kind), Region: one.Region, Subject: one.Subject, State: one.State, Text: one.Text,
			})
		}
	}
	return result
}

// observe turns the controller's evidence into observations. Between two decisions the last one holds, unless the controller was silent.
func (r record) observe(e *evidence.Evidence) {
	last := time.Time{}
	note := func(at time.Time, topic evidence.Topic, value, reason string) {
		seen := e.Observations[topic]
		if n := len(seen); n > 0 && seen[n-1].Value == value {
			return
		}
		e.Observations[topic] = append(seen, evidence.Observation{At: at, Value: value, Reason: reason})
	}
	topics := []evidence.Topic{
		evidence.Writer, evidence.Answer, evidence.Accepts(e.Primary), report.ServesReads, report.Heartbeat, report.Replication,
	}
	silent := func(at time.Time) {
		for _, topic := range topics {
			note(at, topic, evidence.Unknown, "the controller made no decision")
		}
	}
	for _, d := range r.decided {
		if d.Evidence == nil || d.At.After(r.to) {
			continue
		}
		if !last.IsZero() && d.At.Sub(last) > maxSilence {
			silent(last.Add(time.Minute))
		}
		last = d.At
		for topic, seen := range valuesOf(*d.Evidence, r.config) {
			note(d.At, topic, seen.value, seen.reason)
		}
	}
	if !last.IsZero() && r.to.Sub(last) > maxSilence {
		silent(last.Add(time.Minute))
	}
}

// seen is a value with its reason.
type seen struct{ value, reason string }

// valuesOf is what one decision's evidence says of each topic.
func valuesOf(d decision.Evidence, c controller.Config) map[evidence.Topic]seen {
	unknown := func(reason string) seen { return seen{evidence.Unknown, reason} }
	yes := func(known, is bool, reason string) seen {
		switch {
		case !known:
			return unknown(reason)
		case is:
			return seen{evidence.Yes, reason}
		}
		return seen{"no", reason}
	}
	region := func(known, primary bool, reason string) seen {
		if !known {
			return unknown(reason)
		}
		return seen{map[bool]string{true: c.PrimaryRegion, false: c.StandbyRegion}[primary], reason}
	}
	replicates := yes(d.Replication.Known, d.Now.Sub(d.Replication.Through) <= decision.ReplicationOverdue, "")
	if d.Database.Known && d.Database.WriterInStandby {
		replicates = unknown("the writer is in the standby region, which receives nothing")
	}
	writer := region(d.Database.Known, !d.Database.WriterInStandby, d.Database.Status)
	if d.Database.Known && d.Database.Moving {
		writer.value = ""
	}
	return map[evidence.Topic]seen{
		evidence.Writer:                   writer,
		evidence.Answer:                   region(d.Routing.Known, d.Routing.Primary, d.Routing.Detail),
		evidence.Accepts(c.PrimaryRegion): yes(d.Writes.Known, d.Writes.FailingSince.IsZero(), d.Writes.Last),
		report.ServesReads:                yes(d.PrimaryReads.Known, d.PrimaryReads.OK, d.PrimaryReads.Outcome),
		report.Heartbeat:                  yes(d.Heartbeat.Known, d.Now.Sub(d.Heartbeat.At) <= controller.HeartbeatOverdue, ""),
		report.Replication:                replicates,
	}
}

// observeHealth turns the minutes of a health check's metric into observations. A minute without data is not known.
func observeHealth(e *evidence.Evidence, topic evidence.Topic, points []healthPoint, to time.Time) {
	add := func(at time.Time, value string) {
		all := e.Observations[topic]
		if n := len(all); n > 0 && all[n-1].Value == value {
			return
		}
		e.Observations[topic] = append(all, evidence.Observation{At: at, Value: value, Reason: "the metric HealthCheckStatus"})
	}
	const gap = 2 * time.Minute
	for i, p := range points {
		if i > 0 && p.at.Sub(points[i-1].at) > gap {
			add(points[i-1].at.Add(time.Minute), evidence.Unknown)
		}
		add(p.at, map[bool]string{true: evidence.Healthy, false: evidence.Unhealthy}[p.value >= 1])
	}
	if n := len(points); n > 0 && to.Sub(points[n-1].at) > gap {
		add(points[n-1].at.Add(time.Minute), evidence.Unknown)
	}
}

// earlierMoves are moves that the journal has no longer, which keeps one, by the controller's notices of them.
func (r record) earlierMoves(kept []evidence.Move) []evidence.Move {
	var all []evidence.Move
	for _, n := range r.events {
		_, rest, begun := strings.Cut(n.Subject, "] ")
		action, to, is := strings.Cut(rest, " to ")
		to, is2 := strings.CutSuffix(to, " has begun")
		known := slices.ContainsFunc(kept, func(m evidence.Move) bool {
			return m.To == to && n.At.Sub(m.Begun).Abs() < maxSilence
		})
		if n.Kind == history.Notice && begun && is && is2 && !known {
			all = append(all, evidence.Move{
				Action: action, By: journal.Controller, To: to, Phase: "by its notice", Begun: n.At, Reasons: []string{n.Text},
			})
		}
	}
	return all
}

// zero is what times count from: the first failed probe of the first move, or its beginning, or the beginning of what was looked at.
func (r record) zero(e evidence.Evidence) (time.Time, string) {
	for _, m := range e.Moves {
		if !m.LossSince.IsZero() && !m.LossSince.Before(r.from) {
			return m.LossSince, "the controller's first failed probe"
		}
		if !m.Begun.Before(r.from) {
			return m.Begun, "the beginning of the first move"
		}
	}
	return r.from, "the beginning"
}

// The time that is shown before the first phase and after the last one: what the controller needs to conclude something, and what alarms
// need to turn red and green again.
const (
	shownBefore = 10 * time.Minute
	shownAfter  = 15 * time.Minute
)

// around is the time around the phases, within what was looked at; all of that without phases.
func (r record) around(phases []verdict.Phase) (from, to time.Time) {
	from, to = r.from, r.to
	if len(phases) == 0 {
		return from, to
	}
	if first := phases[0].At.Add(-shownBefore); first.After(from) {
		from = first
	}
	if last := phases[len(phases)-1].At.Add(shownAfter); last.Before(to) {
		to = last
	}
	return from, to
}

// phases are the moments of the moves and the changes that were observed.
func (r record) phases(e evidence.Evidence, zero time.Time) []verdict.Phase {
	var all []verdict.Phase
	add := func(name string, at time.Time, text string) {
		if !at.IsZero() && !at.Before(r.from) && !at.After(r.to) {
			all = append(all, verdict.Phase{Name: name, At: at, After: at.Sub(zero).Seconds(), Evidence: text})
		}
	}
	for _, m := range e.Moves {
		add("detection", m.LossSince, "the controller's first failed probe, by its journal")
		add("decision", m.Begun, "a "+m.Action+" to "+m.To+" by the "+m.By+", "+m.Phase)
		add("RDS agreed", m.Requested, "by the journal")
		add("writer arrived", m.Ended, "the writer is in "+m.To+", by the journal ("+m.Phase+")")
	}
	for _, row := range [...]struct {
		topic evidence.Topic
		name  string
	}{
		{evidence.Answer, "users are sent to "}, {evidence.Writer, "writer seen in "},
		{evidence.Check(e.Primary), "check of " + e.Primary + " is "}, {evidence.Check(e.Standby), "check of " + e.Standby + " is "},
	} {
		spans := e.Spans(row.topic)
		for i := 1; i < len(spans); i++ {
			if spans[i].Known() && spans[i-1].Known() && spans[i].Value != "" {
				add(row.name+spans[i].Value, spans[i].From, cmp.Or(spans[i].Reason, "as the controller saw it"))
			}
		}
	}
	slices.SortStableFunc(all, func(a, b verdict.Phase) int { return a.At.Compare(b.At) })
	return all
}
