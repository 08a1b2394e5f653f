package verdict

import (
	"slices"

	"warmstandby/test/drill/evidence"
)

// Flood is what a flood of the standby region did. Times are in seconds after the fault; unknown ones are null.
type Flood struct {
	// Sent counts the requests of the flood, Refused those for which Lambda had no execution.
	Sent    int `json:"sent"`
	Refused int `json:"refused"`
	// Throttled counts the invocations of the controller that Lambda refused and tried again.
	Throttled *int `json:"controllerThrottled"`
	// Noticed is when the operators were notified that the executions are used up, Decided when the controller's move began.
	Noticed *float64 `json:"noticedSeconds"`
	Decided *float64 `json:"decidedSeconds"`
}

// checkFlood fails a platform whose operators are not notified that the standby region's executions are used up, or whose controller
// decides too late because of it. It doubts a flood that used none up.
func (j *judge) checkFlood() {
	switch {
	case !j.Expectations.Flooded:
		j.skip(notPart)
		return
	case j.Aborted != "" && (j.Evidence.Flood == nil || j.Evidence.Flood.Began.IsZero()):
		j.skip(brokenOff)
		return
	}
	found := j.Evidence.Flood
	if found == nil || found.Sent == 0 || !j.faulted {
		j.doubt("There was no flood.")
		return
	}
	result := &Flood{Sent: found.Sent, Refused: found.Refused, Throttled: found.Throttled}
	j.result.Flood = result
	if found.Refused == 0 {
		j.doubt("The flood used no executions up: of %d requests Lambda refused none.", found.Sent)
	}
	if at, noticed := found.Noticed(j.faultTime); noticed {
		result.Noticed = between(j.faultTime, at)
	}
	if at, noticed := found.Noticed(j.faultTime); !noticed || at.After(j.markedOrEnd(evidence.Healed)) {
		j.fail("The operators of %s were not notified that its executions are used up: no notice of %s.", j.Standby, evidence.ConcurrencyAlarm)
	}
	i := slices.IndexFunc(j.Moves, func(m evidence.Move) bool { return m.To == j.Standby && m.Begun.After(j.faultTime) })
	if i < 0 {
		return // checkMove says so
	}
	result.Decided = between(j.faultTime, j.Moves[i].Begun)
	if took := j.Moves[i].Begun.Sub(j.faultTime); took > j.Expectations.DecidedWithin {
		j.failLate("The controller decided %s after the fault, allowed are %s.", formatDuration(took), j.Expectations.DecidedWithin)
	}
}
