package run

import (
	"strings"

	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/journal"
	"warmstandby/test/drill/evidence"
	"warmstandby/test/drill/scenario"
)

// holds says whether a condition is met by what was seen last.
func conditionMet(e *evidence.Evidence, c scenario.Condition) bool {
	switch c {
	case scenario.AllHealthy:
		return e.Currently(evidence.Decision, string(decision.None)) && e.Currently(evidence.Writer, e.Primary) &&
			e.Currently(evidence.Answer, e.Primary) && e.Currently(evidence.Accepts(e.Primary), evidence.Yes)
	case scenario.WriterStandby:
		return e.Currently(evidence.Writer, e.Standby) && announced(e)
	case scenario.WriterPrimary:
		return e.Currently(evidence.Writer, e.Primary)
	case scenario.ServedStandby:
		return servedBy(e, e.Standby)
	case scenario.ServedPrimary:
		return servedBy(e, e.Primary)
	case scenario.Advised:
		last, seen := e.Last(evidence.Decision)
		return seen && strings.HasPrefix(last.Value, string(decision.Advise))
	case scenario.ReplicaCaughtUp:
		return replicaCaughtUp(e)
	}
	return false
}

// announced says whether no move is under way by the journal.
func announced(e *evidence.Evidence) bool {
	for _, m := range e.Moves {
		switch journal.Phase(m.Phase) {
		case journal.Intent, journal.Requested, journal.Moved:
			return false
		}
	}
	return true
}

// servedBy says whether the last writes were good, and answered by the region.
func servedBy(e *evidence.Evidence, region string) bool {
	good := 0
	for i := len(e.Attempts) - 1; i >= 0 && good < servedWrites; i-- {
		switch a := e.Attempts[i]; {
		case a.Kind != evidence.Write:
		case !a.Good() || a.Region != region:
			return false
		default:
			good++
		}
	}
	return good == servedWrites
}

// inStep says whether all that was acknowledged, but for the last seconds', has been read in the standby region.
func replicaCaughtUp(e *evidence.Evidence) bool {
	const underWay = 20 // of writes, four seconds: the standby is looked at every two
	newest := 0
	for _, a := range e.Attempts {
		newest = max(newest, a.Number)
	}
	for _, a := range e.Attempts {
		if a.Kind != evidence.Write || !a.Good() || a.Number > newest-underWay {
			continue
		}
		if _, arrived := e.Arrivals[a.Number]; !arrived {
			return false
		}
	}
	return newest > 0
}
