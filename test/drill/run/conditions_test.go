package run

import (
	"testing"
	"time"

	"warmstandby/test/drill/evidence"
	"warmstandby/test/drill/scenario"
)

const east, west = "us-east-1", "us-west-2"

// evidenceOf is evidence in which each topic was last seen to be so.
func evidenceOf(topics map[evidence.Topic]string) *evidence.Evidence {
	e := &evidence.Evidence{
		Primary:      east,
		Standby:      west,
		Observations: map[evidence.Topic][]evidence.Observation{},
		Arrivals:     map[int]time.Time{},
	}
	for topic, value := range topics {
		e.Observations[topic] = []evidence.Observation{{Value: "something else"}, {Value: value}}
	}
	return e
}

// withWrites adds writes, the oldest first: statuses by the region that answered.
func withWrites(e *evidence.Evidence, times int, region string, status int) *evidence.Evidence {
	for range times {
		e.Attempts = append(e.Attempts, evidence.Attempt{Kind: evidence.Write, Number: len(e.Attempts) + 1, Region: region, Status: status})
	}
	return e
}

func TestConditions(t *testing.T) {
	calm := map[evidence.Topic]string{
		evidence.Decision:      "none",
		evidence.Writer:        east,
		evidence.Answer:        east,
		evidence.Accepts(east): evidence.Yes,
	}
	calmExcept := func(topic evidence.Topic, value string) *evidence.Evidence {
		all := map[evidence.Topic]string{}
		for one, value := range calm {
			all[one] = value
		}
		if all[topic] = value; value == "" {
			delete(all, topic)
		}
		return evidenceOf(all)
	}
	waiting := map[evidence.Topic]string{evidence.Accepts(east): "no"}
	moving := evidenceOf(map[evidence.Topic]string{evidence.Writer: west})
	moving.Moves = []evidence.Move{{Phase: "moved"}}
	announced := evidenceOf(map[evidence.Topic]string{evidence.Writer: west})
	announced.Moves = []evidence.Move{{Phase: "announced"}}
	read := withWrites(evidenceOf(nil), servedWrites, east, 201)
	read.Attempts = append(read.Attempts, evidence.Attempt{Kind: evidence.Read, Status: 404, Region: west})
	inStep := withWrites(evidenceOf(nil), 30, east, 201)
	for n := 1; n <= 10; n++ {
		inStep.Arrivals[n] = time.Now()
	}
	behind := withWrites(evidenceOf(nil), 30, east, 201)
	behind.Arrivals[1] = time.Now()
	for name, test := range map[string]struct {
		e    *evidence.Evidence
		c    scenario.Condition
		want bool
	}{
		"all is well":                           {evidenceOf(calm), scenario.AllHealthy, true},
		"nothing was decided yet":               {calmExcept(evidence.Decision, ""), scenario.AllHealthy, false},
		"the controller advises":                {calmExcept(evidence.Decision, "advise"), scenario.AllHealthy, false},
		"the writer is away":                    {calmExcept(evidence.Writer, west), scenario.AllHealthy, false},
		"the name leads away":                   {calmExcept(evidence.Answer, west), scenario.AllHealthy, false},
		"the primary accepts nothing":           {calmExcept(evidence.Accepts(east), "no"), scenario.AllHealthy, false},
		"the operators do not know of the move": {moving, scenario.WriterStandby, false},
		"they know":                             {announced, scenario.WriterStandby, true},
		"a writer that is moving is nowhere":    {evidenceOf(map[evidence.Topic]string{evidence.Writer: ""}), scenario.WriterStandby, false},
		"the writer is home":                    {evidenceOf(calm), scenario.WriterPrimary, true},
		"the standby serves":                    {withWrites(evidenceOf(nil), servedWrites, west, 201), scenario.ServedStandby, true},
		"it has not served for long enough": {
			withWrites(withWrites(evidenceOf(nil), 1, west, 503), servedWrites-1, west, 201),
			scenario.ServedStandby, false,
		},
		"one of the last was the other's": {
			withWrites(withWrites(evidenceOf(nil), servedWrites, west, 201), 1, east, 201),
			scenario.ServedStandby, false,
		},
		"reads do not count": {read, scenario.ServedPrimary, true},
		"the controller has advice": {
			evidenceOf(map[evidence.Topic]string{evidence.Decision: "advise, would failover"}),
			scenario.Advised, true,
		},
		"commits wait": {
			withWrites(withWrites(evidenceOf(waiting), 1, east, 201), servedWrites, east, 503),
			scenario.CommitsPaused, true,
		},
		"one of the last writes was good": {
			withWrites(withWrites(evidenceOf(waiting), servedWrites, east, 503), 1, east, 201),
			scenario.CommitsPaused, false,
		},
		"too few writes have failed":            {withWrites(evidenceOf(waiting), servedWrites-1, east, 503), scenario.CommitsPaused, false},
		"writes fail and the database does not": {withWrites(evidenceOf(calm), servedWrites, east, 503), scenario.CommitsPaused, false},
		"the advice names the RPO": {
			evidenceOf(map[evidence.Topic]string{evidence.RPOAdvice: evidence.Yes}),
			scenario.PauseAdvised, true,
		},
		"another advice": {
			evidenceOf(map[evidence.Topic]string{evidence.Decision: "advise", evidence.RPOAdvice: "no"}),
			scenario.PauseAdvised, false,
		},
		"it has no advice":                         {evidenceOf(calm), scenario.Advised, false},
		"all but the last second's has arrived":    {inStep, scenario.ReplicaCaughtUp, true},
		"something has not":                        {behind, scenario.ReplicaCaughtUp, false},
		"nothing was written, so nothing was seen": {evidenceOf(nil), scenario.ReplicaCaughtUp, false},
	} {
		if got := conditionMet(test.e, test.c); got != test.want {
			t.Errorf("%s: %q holds: %t", name, test.c, got)
		}
	}
}
