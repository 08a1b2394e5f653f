package run

import (
	"testing"
	"time"

	"warmstandby/test/drill/evidence"
	"warmstandby/test/drill/scenario"
)

const east, west = "us-east-1", "us-west-2"

// seen is evidence in which each topic was last seen to be so.
func seen(topics map[evidence.Topic]string) *evidence.Evidence {
	e := &evidence.Evidence{Primary: east, Standby: west, Sightings: map[evidence.Topic][]evidence.Sighting{}, Arrivals: map[int]time.Time{}}
	for topic, is := range topics {
		e.Sightings[topic] = []evidence.Sighting{{Is: "something else"}, {Is: is}}
	}
	return e
}

// written adds writes, the oldest first: statuses by the region that answered.
func written(e *evidence.Evidence, times int, region string, status int) *evidence.Evidence {
	for range times {
		e.Attempts = append(e.Attempts, evidence.Attempt{Kind: evidence.Write, Number: len(e.Attempts) + 1, Region: region, Status: status})
	}
	return e
}

func TestConditions(t *testing.T) {
	calm := map[evidence.Topic]string{evidence.Decision: "none", evidence.Writer: east, evidence.Answer: east, evidence.Accepts(east): evidence.Yes}
	without := func(topic evidence.Topic, is string) *evidence.Evidence {
		all := map[evidence.Topic]string{}
		for one, value := range calm {
			all[one] = value
		}
		if all[topic] = is; is == "" {
			delete(all, topic)
		}
		return seen(all)
	}
	moving := seen(map[evidence.Topic]string{evidence.Writer: west})
	moving.Moves = []evidence.Move{{Phase: "moved"}}
	announced := seen(map[evidence.Topic]string{evidence.Writer: west})
	announced.Moves = []evidence.Move{{Phase: "announced"}}
	read := written(seen(nil), served, east, 201)
	read.Attempts = append(read.Attempts, evidence.Attempt{Kind: evidence.Read, Status: 404, Region: west})
	inStep := written(seen(nil), 30, east, 201)
	for n := 1; n <= 10; n++ {
		inStep.Arrivals[n] = time.Now()
	}
	behind := written(seen(nil), 30, east, 201)
	behind.Arrivals[1] = time.Now()
	for name, test := range map[string]struct {
		e    *evidence.Evidence
		c    scenario.Condition
		want bool
	}{
		"all is well":                              {seen(calm), scenario.Calm, true},
		"nothing was decided yet":                  {without(evidence.Decision, ""), scenario.Calm, false},
		"the controller advises":                   {without(evidence.Decision, "advise"), scenario.Calm, false},
		"the writer is away":                       {without(evidence.Writer, west), scenario.Calm, false},
		"the name leads away":                      {without(evidence.Answer, west), scenario.Calm, false},
		"the primary accepts nothing":              {without(evidence.Accepts(east), "no"), scenario.Calm, false},
		"the operators do not know of the move":    {moving, scenario.WriterStandby, false},
		"they know":                                {announced, scenario.WriterStandby, true},
		"a writer that is moving is nowhere":       {seen(map[evidence.Topic]string{evidence.Writer: ""}), scenario.WriterStandby, false},
		"the writer is home":                       {seen(calm), scenario.WriterPrimary, true},
		"the standby serves":                       {written(seen(nil), served, west, 201), scenario.ServedStandby, true},
		"it has not served for long enough":        {written(written(seen(nil), 1, west, 503), served-1, west, 201), scenario.ServedStandby, false},
		"one of the last was the other's":          {written(written(seen(nil), served, west, 201), 1, east, 201), scenario.ServedStandby, false},
		"reads do not count":                       {read, scenario.ServedPrimary, true},
		"the controller tells of something":        {seen(map[evidence.Topic]string{evidence.Decision: "advise, would failover"}), scenario.Advised, true},
		"it has nothing to tell":                   {seen(calm), scenario.Advised, false},
		"all but the last second's has arrived":    {inStep, scenario.InStep, true},
		"something has not":                        {behind, scenario.InStep, false},
		"nothing was written, so nothing was seen": {seen(nil), scenario.InStep, false},
	} {
		if got := holds(test.e, test.c); got != test.want {
			t.Errorf("%s: %q holds: %t", name, test.c, got)
		}
	}
}
