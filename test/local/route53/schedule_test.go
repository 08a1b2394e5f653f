package route53

import (
	"testing"
	"time"
)

func TestAScheduleKeepsItsPhase(t *testing.T) {
	const interval = 30 * time.Second
	first := newSchedule("check", interval, testTime)
	if wait := first.next.Sub(testTime); wait <= 0 || wait > interval {
		t.Errorf("the first is due after %s, want one within an interval", wait)
	}
	s := first
	var dues []time.Duration
	for at := testTime; at.Before(testTime.Add(3 * interval)); at = at.Add(time.Second) {
		if s.due(interval, at) {
			dues = append(dues, at.Sub(testTime))
			s.busy = false
		}
	}
	if len(dues) != 3 || dues[1]-dues[0] != interval || dues[2]-dues[1] != interval {
		t.Errorf("in three intervals it is due after %v", dues)
	}
	if again := newSchedule("check", interval, testTime.Add(10*interval)); again.next.Sub(first.next)%interval != 0 {
		t.Errorf("a check that begins again has another phase: %s, then %s", first.next, again.next)
	}
	if other := newSchedule("another", interval, testTime); other.next.Equal(first.next) {
		t.Error("two checks are in step")
	}
}

// What is busy is not started again and turns that were missed are left out.
func TestBusyAndMissedTurns(t *testing.T) {
	const interval = 10 * time.Second
	s := newSchedule("check", interval, testTime)
	at := s.next
	if !s.due(interval, at) || s.due(interval, at.Add(interval)) {
		t.Error("it is not due once, or is although it is busy")
	}
	s.busy = false
	late := at.Add(10*interval + time.Second)
	if !s.due(interval, late) || s.next.Sub(late) != interval-time.Second {
		t.Errorf("after a pause it is due next in %s, want only once, and in phase", s.next.Sub(late))
	}
}
