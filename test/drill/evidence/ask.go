package evidence

import (
	"slices"
	"time"
)

// Last returns the last observation of a topic.
func (e *Evidence) Last(topic Topic) (Observation, bool) {
	observations := e.Observations[topic]
	if len(observations) == 0 {
		return Observation{}, false
	}
	return observations[len(observations)-1], true
}

// LastKnown returns the last observation of a topic that says something.
func (e *Evidence) LastKnown(topic Topic) (Observation, bool) {
	for _, one := range slices.Backward(e.Observations[topic]) {
		if one.Value != Unknown {
			return one, true
		}
	}
	return Observation{}, false
}

// Currently reports whether the last observation of a topic has a value.
func (e *Evidence) Currently(topic Topic, value string) bool {
	last, observations := e.Last(topic)
	return observations && last.Value == value
}

// First returns the first observation of a topic with a value, at or after a moment.
func (e *Evidence) First(topic Topic, after time.Time, value string) (Observation, bool) {
	for _, s := range e.Observations[topic] {
		if s.Value == value && !s.At.Before(after) {
			return s, true
		}
	}
	return Observation{}, false
}

// MarkedAt returns the time of the first mark of a step; ok is false without one.
func (e *Evidence) MarkedAt(step Step) (when time.Time, ok bool) {
	if i := slices.IndexFunc(e.Marks, func(m Mark) bool { return m.Step == step }); i >= 0 {
		return e.Marks[i].At, true
	}
	return time.Time{}, false
}

// Busiest returns the largest share of a minute, 0 to 1, in which a process waited for a processor, between two moments. ok is
// false if CPU pressure was not observed for a minute.
func (e *Evidence) Busiest(from, to time.Time) (part float64, ok bool) {
	var samples []PressureSample
	for _, w := range e.CPUPressure {
		if !w.At.Before(from) && !w.At.After(to) {
			samples = append(samples, w)
		}
	}
	first := 0
	for _, last := range samples {
		for ; last.At.Sub(samples[first].At) >= time.Minute; first++ {
			part = max(part, float64(last.Waited-samples[first].Waited)/float64(last.At.Sub(samples[first].At)))
			ok = true
		}
	}
	return part, ok
}

// Interval is a time between two moments.
type Interval struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// Length is how long the interval is.
func (i Interval) Length() time.Duration { return i.To.Sub(i.From) }

// During returns the intervals in which a topic had a value. The last one ends with the drill.
func (e *Evidence) During(topic Topic, value string) []Interval {
	var all []Interval
	observations := e.Observations[topic]
	for i, s := range observations {
		if s.Value != value {
			continue
		}
		end := e.Ended
		if i+1 < len(observations) {
			end = observations[i+1].At
		}
		all = append(all, Interval{s.At, end})
	}
	return all
}

// Intersect returns the intersection of two lists of intervals.
func Intersect(a, b []Interval) []Interval {
	var all []Interval
	for _, one := range a {
		for _, other := range b {
			from, to := one.From, one.To
			if other.From.After(from) {
				from = other.From
			}
			if other.To.Before(to) {
				to = other.To
			}
			if to.After(from) {
				all = append(all, Interval{from, to})
			}
		}
	}
	return all
}
