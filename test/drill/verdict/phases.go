package verdict

import (
	"fmt"
	"slices"
	"time"

	"warmstandby/test/drill/evidence"
)

// phases lists the known moments of the drill in the order of their times. A change that nobody saw, because nobody could be asked, is
// none.
func (j *judge) phases() {
	add := func(name string, when time.Time, format string, values ...any) {
		if !when.IsZero() {
			j.result.Phases = append(j.result.Phases, Phase{name, when, when.Sub(j.clockStart()).Seconds(), fmt.Sprintf(format, values...)})
		}
	}
	for _, m := range j.Marks {
		if m.Step != evidence.LoadBegan && m.Step != evidence.LoadEnded {
			add(map[evidence.Step]string{
				evidence.Faulted: "fault", evidence.Healed: "healed", evidence.OperatorCommand: "the operator asks",
			}[m.Step], m.At, "%s", m.Detail)
		}
	}
	for _, m := range j.Moves {
		if m.Begun.Before(j.faultTime) {
			continue
		}
		add("detection", m.LossSince, "the controller's first failed probe, by its journal")
		add("decision", m.Begun, "a %s to %s by the %s, by the journal", m.Action, m.To, m.By)
		add("promotion begins", m.Requested, "RDS agreed, by the journal")
		add("promotion ends", m.Ended, "the writer is in %s, by the journal (%s)", m.To, m.Phase)
	}
	for _, row := range [...]struct {
		topic             evidence.Topic
		moves, to         string // the phase of the move, and what is seen then
		returns, returned string // the phase of the return
		message           string
	}{
		{evidence.Check(j.Primary), "check red", evidence.Unhealthy, "check green", evidence.Healthy,
			"the health check of " + j.Primary + ", by GetHealthCheckStatus"},
		{evidence.Answer, "DNS moves", j.Standby, "DNS returns", j.Primary, "what the zone's server answers with"},
		{evidence.Writer, "writer moved", j.Standby, "writer returns", j.Primary, "the writer's region, by DescribeGlobalClusters"},
	} {
		moved, ok := j.First(row.topic, j.faultTime, row.to)
		if !ok || j.faultTime.IsZero() {
			continue
		}
		if at, seen := j.Turned(row.topic, j.faultTime, row.to); seen {
			add(row.moves, at, "%s: %s", row.message, row.to)
		}
		if at, seen := j.Turned(row.topic, moved.At, row.returned); seen {
			add(row.returns, at, "%s: %s", row.message, row.returned)
		}
	}
	if first, ok := j.firstGood(); ok && j.Expectations.WriterMoves {
		add("first good write", first.End(), "number %d, try %d, answered by %s", first.Number, first.Try, first.Region)
	}
	if last, ok := j.firstGoodInPrimaryAgain(); ok {
		add("users are back", last.End(), "number %d, answered by %s", last.Number, last.Region)
	}
	slices.SortStableFunc(j.result.Phases, func(a, b Phase) int { return a.At.Compare(b.At) })
}

// firstGoodInPrimaryAgain is the first good write that the primary region answered after the standby region had answered one.
func (j *judge) firstGoodInPrimaryAgain() (evidence.Attempt, bool) {
	away := false
	for _, a := range j.acknowledged {
		switch {
		case a.At.Before(j.faultTime):
		case a.Region == j.Standby:
			away = true
		case away && a.Region == j.Primary:
			return a, true
		}
	}
	return evidence.Attempt{}, false
}
