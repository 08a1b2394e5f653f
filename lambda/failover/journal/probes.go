package journal

import (
	"time"

	"warmstandby/lambda/failover/decision"
)

// Minute counts the write probes that began within a minute.
type Minute struct {
	At     time.Time `json:"at"` // its beginning
	Probes int       `json:"probes"`
	Failed int       `json:"failed,omitempty"`
	Slow   int       `json:"slow,omitempty"` // good, and slower than decision.SlowProbe
}

// spoiled says whether a probe of the minute failed, or all were slow.
func (m Minute) spoiled() bool { return m.Failed > 0 || m.Slow == m.Probes }

// RecordProbe records a write probe of the primary region that began at a time.
func (s *State) RecordProbe(at time.Time, probe decision.Probe) {
	s.LastProbe, s.Cause = probe.Outcome, probe.Cause
	if probe.OK {
		if s.Failures >= decision.LossProbes && at.Sub(s.FailingSince) >= decision.LossAfter {
			s.Minutes = nil // they were those of a loss, which the operators know of
		}
		s.FailingSince, s.Failures, s.DatabaseAnswered = time.Time{}, 0, time.Time{}
	} else {
		if s.Failures++; s.FailingSince.IsZero() {
			s.FailingSince = at
		}
		if probe.Cause.ProvesDatabase() {
			s.DatabaseAnswered = at
		}
	}
	s.countProbe(at, probe)
}

// countProbe adds the probe to its minute, and drops the minutes that are no longer looked back on.
func (s *State) countProbe(at time.Time, probe decision.Probe) {
	begun := at.UTC().Truncate(time.Minute)
	if last := len(s.Minutes) - 1; last < 0 || s.Minutes[last].At.Before(begun) {
		s.Minutes = append(s.Minutes, Minute{At: begun})
	}
	oldest := begun.Add(-(decision.GrayWindow - 1) * time.Minute)
	for len(s.Minutes) > decision.GrayWindow || s.Minutes[0].At.Before(oldest) {
		s.Minutes = s.Minutes[1:]
	}
	minute := &s.Minutes[len(s.Minutes)-1]
	minute.Probes++
	switch {
	case !probe.OK:
		minute.Failed++
	case probe.Took > decision.SlowProbe:
		minute.Slow++
	}
}

// RecordRouting records where Route 53 was found to send users at a time, and returns the routing with what was recorded before.
func (s *State) RecordRouting(at time.Time, routing decision.Routing) decision.Routing {
	switch {
	case routing.Known:
		s.RoutingUnknownSince = time.Time{}
	case s.RoutingUnknownSince.IsZero():
		s.RoutingUnknownSince = at
	}
	switch {
	case !routing.Known:
	case routing.Primary:
		s.RoutedAwaySince, s.RoutedAway = time.Time{}, time.Time{}
	default:
		// Route 53 takes RoutingDue at most to take users away, and no less to send them back first: within that it has done neither.
		if s.RoutedAwaySince.IsZero() || at.Sub(s.RoutedAway) > decision.RoutingDue {
			s.RoutedAwaySince = at
		}
		s.RoutedAway = at
	}
	routing.UnknownSince, routing.AwaySince = s.RoutingUnknownSince, s.RoutedAwaySince
	return routing
}

// ForgetFailures resets what the probes and the name servers have found: a region that does not have the writer is expected to
// refuse writes, and users to be elsewhere.
func (s *State) ForgetFailures() {
	s.RoutedAwaySince, s.RoutedAway = time.Time{}, time.Time{}
	s.FailingSince, s.Failures, s.DatabaseAnswered, s.Minutes = time.Time{}, 0, time.Time{}, nil
}

// Writes returns the record of write probes for package decision.
func (s *State) Writes() decision.Writes {
	return decision.Writes{
		Known: s.LastProbe != "", FailingSince: s.FailingSince, Failures: s.Failures, Last: s.LastProbe, Cause: s.Cause,
		DatabaseAnswered: s.DatabaseAnswered, Recent: s.recent(),
	}
}

func (s *State) recent() decision.Recent {
	var r decision.Recent
	for _, minute := range s.Minutes {
		r.Minutes, r.Probes, r.Failed, r.Slow = r.Minutes+1, r.Probes+minute.Probes, r.Failed+minute.Failed, r.Slow+minute.Slow
		if minute.spoiled() {
			r.Spoiled++
		}
	}
	return r
}
