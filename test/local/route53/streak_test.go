package route53

import (
	"testing"
	"time"
)

func TestAStateTurnsAfterAsManyResultsInARowAsItsThreshold(t *testing.T) {
	for name, test := range map[string]struct {
		threshold int
		results   string // + is good, - is bad
		states    string // after each: H or u
	}{
		"three bad ones":                           {3, "---", "HHu"},
		"a good one between bad ones":              {3, "--+---", "HHHHHu"},
		"as many good ones turn it back":           {3, "---++-+++", "HHuuuuuuH"},
		"one is enough where the threshold is one": {1, "-+-", "uHu"},
		"nor can less than one be":                 {0, "-+", "uH"},
	} {
		var s streak
		for i, result := range test.results {
			before := s.unhealthy
			turned := s.observe(result == '+', test.threshold)
			if want := test.states[i] == 'u'; s.unhealthy != want || turned != (before != want) {
				t.Errorf("%s: after %s it is unhealthy: %t, turned: %t", name, test.results[:i+1], s.unhealthy, turned)
			}
		}
	}
}

func TestAScheduleKeepsItsPhase(t *testing.T) {
	const interval = 30 * time.Second
	first := newSchedule("check", interval, begin)
	if wait := first.next.Sub(begin); wait <= 0 || wait > interval {
		t.Errorf("the first is due after %s, want one within an interval", wait)
	}
	s := first
	var dues []time.Duration
	for at := begin; at.Before(begin.Add(3 * interval)); at = at.Add(time.Second) {
		if s.due(interval, at) {
			dues = append(dues, at.Sub(begin))
			s.busy = false
		}
	}
	if len(dues) != 3 || dues[1]-dues[0] != interval || dues[2]-dues[1] != interval {
		t.Errorf("in three intervals it is due after %v", dues)
	}
	if again := newSchedule("check", interval, begin.Add(10*interval)); again.next.Sub(first.next)%interval != 0 {
		t.Errorf("a check that begins again has another phase: %s, then %s", first.next, again.next)
	}
	if other := newSchedule("another", interval, begin); other.next.Equal(first.next) {
		t.Error("two checks are in step")
	}
}

func TestWhatIsBusyIsNotStartedAgainAndTurnsThatWereMissedAreLeftOut(t *testing.T) {
	const interval = 10 * time.Second
	s := newSchedule("check", interval, begin)
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
