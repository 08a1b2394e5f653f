package verdict

import (
	"time"

	"warmstandby/test/drill/evidence"
)

const (
	// leastPause is how long no write is good where commits wait: longer than a client's attempt that is slow for another reason.
	leastPause = 10 * time.Second
	// pauseEarly and pauseLate are how far from rds.global_db_rpo the pause may be, counted from the fault. The standby may lag
	// before it, by replicationTime at most; and Aurora, and the client, see the lag a little later.
	pauseEarly = replicationTime
	pauseLate  = 30 * time.Second
)

// checkPause checks that commits paused at rds.global_db_rpo and that the controller advised the operators of it.
func (j *judge) checkPause() {
	if !j.Expectations.CommitsPause {
		j.skip(notPart)
		return
	}
	if j.faultTime.IsZero() {
		j.skip(nothingDone)
		return
	}
	if j.RPOSeconds == 0 {
		j.doubt("rds.global_db_rpo of the writer's cluster was not read, or is off: nothing says when commits should have paused.")
		return
	}
	rpo := time.Duration(j.RPOSeconds) * time.Second
	paused, ok := j.pausedAt()
	if !ok {
		j.fail("Commits never paused although replication was stalled: rds.global_db_rpo is %s.", rpo)
		return
	}
	switch after := paused.Sub(j.faultTime); {
	case after < rpo-pauseEarly:
		j.fail("Commits paused %s after the fault, although the standby could lag by rds.global_db_rpo, %s.", formatDuration(after), rpo)
	case after > rpo+pauseLate:
		j.failLate("Commits paused %s after the fault, rds.global_db_rpo is %s: what a failover then loses is more.", formatDuration(after), rpo)
	}
	advice, advised := j.First(evidence.RPOAdvice, paused, evidence.Yes)
	if !advised {
		j.failLate("No advice of the controller named rds.global_db_rpo while commits waited.")
		return
	}
	took := advice.At.Sub(paused)
	j.result.Advice = new(took.Seconds())
	if took > j.Expectations.AdviceWithin {
		j.failLate("The advice that names rds.global_db_rpo came %s after commits paused, allowed are %s.",
			formatDuration(took), j.Expectations.AdviceWithin)
	}
}

// pausedAt returns when the last write before the first pause between the fault and its end was good.
func (j *judge) pausedAt() (time.Time, bool) {
	last := j.faultTime
	for _, a := range j.acknowledged {
		at := a.End()
		if at.Before(j.faultTime) {
			continue
		}
		if at.Sub(last) >= leastPause {
			break
		}
		last = at
	}
	return last, j.markedOrEnd(evidence.Healed).Sub(last) >= leastPause
}
