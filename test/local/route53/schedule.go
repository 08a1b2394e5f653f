package route53

import (
	"hash/fnv"
	"time"
)

// schedule is when something periodic is due next.
type schedule struct {
	next time.Time
	busy bool // the turn before has no result yet
}

// newSchedule starts at the phase of an interval that a hash of the name selects, so that checks with different names do not
// run in step.
func newSchedule(name string, interval time.Duration, now time.Time) schedule {
	sum := fnv.New64a()
	sum.Write([]byte(name))
	phase := time.Duration(sum.Sum64() % uint64(interval))
	return schedule{next: now.Truncate(interval).Add(phase + interval)}.advance(interval, now)
}

// advance moves the next time to the first one in phase after now.
func (s schedule) advance(interval time.Duration, now time.Time) schedule {
	late := now.Sub(s.next)
	s.next = s.next.Add(late.Truncate(interval))
	if !s.next.After(now) {
		s.next = s.next.Add(interval)
	}
	return s
}

// due says whether the time has come, and then schedules the next turn. A turn that comes due while the one before still runs
// is skipped.
func (s *schedule) due(interval time.Duration, now time.Time) bool {
	if now.Before(s.next) {
		return false
	}
	*s = s.advance(interval, now)
	if s.busy {
		return false
	}
	s.busy = true
	return true
}
