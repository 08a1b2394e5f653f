package run

import (
	"strings"

	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/journal"
	"warmstandby/test/drill/evidence"
	"warmstandby/test/drill/scenario"
)

// conditionMet reports whether the last observations meet a condition.
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
	case scenario.CommitsPaused:
		return commitsPaused(e)
	case scenario.BackupsCompleted:
		return e.Backups != nil && e.Backups.Silenced(e.Primary) && e.Backups.Silenced(e.Standby)
	case scenario.BackupsMissed:
		fault, faulted := e.MarkedAt(evidence.Faulted)
		return faulted && len(e.Backups.Unnoticed(e.Primary, evidence.AlarmRinging, fault)) == 0
	case scenario.FailuresReported:
		fault, faulted := e.MarkedAt(evidence.Faulted)
		failed, unreported := e.Backups.Failures(e.Primary, fault)
		return faulted && failed > 0 && len(unreported) == 0
	case scenario.FloodNoticed:
		fault, faulted := e.MarkedAt(evidence.Faulted)
		_, noticed := e.Flood.Noticed(fault)
		return faulted && noticed
	case scenario.PauseAdvised:
		return e.Currently(evidence.RPOAdvice, evidence.Yes)
	}
	return false
}

// announced reports whether no move is in progress by the journal.
func announced(e *evidence.Evidence) bool {
	for _, m := range e.Moves {
		switch journal.Phase(m.Phase) {
		case journal.Intent, journal.Requested, journal.Moved:
			return false
		}
	}
	return true
}

// servedBy reports whether the last writes were good and answered by a region.
func servedBy(e *evidence.Evidence, region string) bool {
	return lastWrites(e, func(a evidence.Attempt) bool { return a.Good() && a.Region == region })
}

// commitsPaused says whether the last writes have all failed, and the primary region's application says that its own do.
func commitsPaused(e *evidence.Evidence) bool {
	last, seen := e.Last(evidence.Accepts(e.Primary))
	return seen && last.Value != evidence.Yes && lastWrites(e, func(a evidence.Attempt) bool { return !a.Good() })
}

// lastWrites reports whether a condition holds for each of the last servedWrites writes, of which there must be as many.
func lastWrites(e *evidence.Evidence, condition func(evidence.Attempt) bool) bool {
	writes := 0
	for i := len(e.Attempts) - 1; i >= 0 && writes < servedWrites; i-- {
		switch a := e.Attempts[i]; {
		case a.Kind != evidence.Write:
		case !condition(a):
			return false
		default:
			writes++
		}
	}
	return writes == servedWrites
}

// replicaCaughtUp reports whether all acknowledged writes, but for those of the last seconds, were read in the standby region.
func replicaCaughtUp(e *evidence.Evidence) bool {
	const inFlight = 20 // writes, four seconds of them: the standby is listed every two
	newest := 0
	for _, a := range e.Attempts {
		newest = max(newest, a.Number)
	}
	for _, a := range e.Attempts {
		if a.Kind != evidence.Write || !a.Good() || a.Number > newest-inFlight {
			continue
		}
		if _, arrived := e.Arrivals[a.Number]; !arrived {
			return false
		}
	}
	return newest > 0
}
