package simulate

import (
	"testing"
)

// outageSeeds is in how many worlds each outage happens: schedules, delays and Route 53's checkers differ.
const outageSeeds = 60

func TestOutagesThatHappened(t *testing.T) {
	for _, outage := range Outages {
		t.Run(outage.Name, func(t *testing.T) {
			advised := 0
			for seed := range uint64(outageSeeds) {
				result, _ := simulate(t, outage.Plan(seed), false)
				if result.Wrong != "" {
					t.Errorf("seed %d: %s (%s)", seed, result.Wrong, outage.Why)
				}
				for _, v := range result.Violations {
					t.Errorf("seed %d: %s", seed, v)
				}
				if result.Lost > 0 {
					t.Errorf("seed %d: %d rows are lost", seed, result.Lost)
				}
				if result.Met&(1<<metAdvice) != 0 || len(result.Moves) > 0 {
					advised++
				}
			}
			if advised != outageSeeds {
				t.Errorf("something is moved or advised in %d worlds, want all %d", advised, outageSeeds)
			}
		})
	}
}
