package route53

import (
	"hash/fnv"
	"time"
)

// streak is a state that turns after so many results of the other kind, one after another. The zero streak is healthy.
type streak struct {
	unhealthy bool
	against   int // results in a row that contradict the state
}

// observe adds a result and says whether the state has turned. A threshold below 1 counts as 1.
func (s *streak) observe(healthy bool, threshold int) (turned bool) {
	if healthy != s.unhealthy {
		s.against = 0
		return false
	}
	s.against++
	if s.against < threshold {
		return false
	}
	s.unhealthy, s.against = !healthy, 0
	return true
}

// schedule is when something periodic is due next.
type schedule struct {
	next time.Time
	busy bool // the one before has no result yet
}

// newSchedule begins at the phase that a name has in an interval: what is named differently is not in step.
func newSchedule(name string, interval time.Duration, now time.Time) schedule {
	sum := fnv.New64a()
	sum.Write([]byte(name))
	phase := time.Duration(sum.Sum64() % uint64(interval))
	return schedule{next: now.Truncate(interval).Add(phase + interval)}.from(interval, now)
}

// from moves the next time to the first after now that is in phase.
func (s schedule) from(interval time.Duration, now time.Time) schedule {
	late := now.Sub(s.next)
	s.next = s.next.Add(late.Truncate(interval))
	if !s.next.After(now) {
		s.next = s.next.Add(interval)
	}
	return s
}

// due says whether it is time, and then sets the next one. What is busy is not started again; that turn is left out.
func (s *schedule) due(interval time.Duration, now time.Time) bool {
	if now.Before(s.next) {
		return false
	}
	*s = s.from(interval, now)
	if s.busy {
		return false
	}
	s.busy = true
	return true
}
