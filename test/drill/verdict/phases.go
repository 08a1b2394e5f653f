package verdict

import (
	"fmt"
	"slices"
	"time"

	"warmstandby/test/drill/evidence"
)

// phases lists the moments of the drill that are known, in their order.
func (j *judge) phases() {
	add := func(name string, at time.Time, format string, values ...any) {
		if !at.IsZero() {
			j.result.Phases = append(j.result.Phases, Phase{name, at, at.Sub(j.from()).Seconds(), fmt.Sprintf(format, values...)})
		}
	}
	for _, m := range j.Marks {
		if m.Step != evidence.LoadBegan && m.Step != evidence.LoadEnded {
			add(map[evidence.Step]string{
				evidence.Faulted: "fault", evidence.Healed: "healed", evidence.Asked: "the operator asks",
			}[m.Step], m.At, "%s", m.Says)
		}
	}
	for _, m := range j.Moves {
		if m.Begun.Before(j.zero) {
			continue
		}
		add("detection", m.Loss, "the controller's first failed probe, by its journal")
		add("decision", m.Begun, "a %s to %s by the %s, by the journal", m.Action, m.To, m.By)
		add("promotion begins", m.Requested, "RDS agreed, by the journal")
		add("promotion ends", m.Ended, "the writer is in %s, by the journal (%s)", m.To, m.Phase)
	}
	for _, row := range [...]struct {
		name, is string
		topic    evidence.Topic
		says     string
	}{
		{"check red", evidence.Unhealthy, evidence.Check(j.Primary), "Route 53 takes " + j.Primary + " for unhealthy, by GetHealthCheckStatus"},
		{"DNS moves", j.Standby, evidence.Answer, "the zone's server answers with " + j.Standby},
		{"writer moved", j.Standby, evidence.Writer, "RDS says so, by DescribeGlobalClusters"},
	} {
		if s, ok := j.First(row.topic, j.zero, row.is); ok && !j.zero.IsZero() {
			add(row.name, s.At, "%s", row.says)
			j.addReturn(add, row.topic, row.name, s.At)
		}
	}
	if first, ok := j.firstGood(); ok && j.Bounds.Moves {
		add("first good write", first.End(), "number %d, try %d, answered by %s", first.Number, first.Try, first.Region)
	}
	if last, ok := j.firstBack(); ok {
		add("users are back", last.End(), "number %d, answered by %s", last.Number, last.Region)
	}
	slices.SortStableFunc(j.result.Phases, func(a, b Phase) int { return a.At.Compare(b.At) })
}

// addReturn adds when what had moved came back.
func (j *judge) addReturn(add func(string, time.Time, string, ...any), topic evidence.Topic, name string, moved time.Time) {
	back := map[evidence.Topic][3]string{
		evidence.Check(j.Primary): {"check green", evidence.Healthy, "by GetHealthCheckStatus"},
		evidence.Answer:           {"DNS returns", j.Primary, "the zone's server answers with it"},
		evidence.Writer:           {"writer returns", j.Primary, "by DescribeGlobalClusters"},
	}[topic]
	if s, ok := j.First(topic, moved, back[1]); ok {
		add(back[0], s.At, "%s, %s", j.Primary, back[2])
	}
}

// firstBack is the first good write that the primary region answered after the standby region had answered one.
func (j *judge) firstBack() (evidence.Attempt, bool) {
	away := false
	for _, a := range j.acked {
		switch {
		case a.At.Before(j.zero):
		case a.Region == j.Standby:
			away = true
		case away && a.Region == j.Primary:
			return a, true
		}
	}
	return evidence.Attempt{}, false
}
