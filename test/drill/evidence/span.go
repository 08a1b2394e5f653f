package evidence

import (
	"strings"
	"time"
)

// Span is a time in which a topic had one value.
type Span struct {
	Interval
	Value  string
	Reason string
}

// Known reports whether the value was observed. What is asked where the fault is, or of somebody who does not answer, is not.
func (s Span) Known() bool { return s.Value != Unknown }

// Spans returns the values of a topic in the order of time, without a gap from the first observation to the end of the drill. A health
// check's status is not known while the region is unreachable that has Route 53's API, whatever was observed before.
func (e *Evidence) Spans(topic Topic) []Span {
	var all []Span
	observations := e.Observations[topic]
	for i, one := range observations {
		end := e.Ended
		if i+1 < len(observations) {
			end = observations[i+1].At
		}
		span := Span{Interval{one.At, end}, one.Value, one.Reason}
		if e.isCheck(topic) {
			all = append(all, span.without(e.controlPlaneLost())...)
		} else {
			all = append(all, span)
		}
	}
	return merge(all)
}

func (e *Evidence) isCheck(topic Topic) bool {
	return topic == Check(e.Primary) || topic == Check(e.Standby)
}

// controlPlaneRegion has Route 53's API (AWS Fault Isolation Boundaries, "Route 53").
const controlPlaneRegion = "us-east-1"

// controlPlaneLost returns the times in which Route 53's API could not be asked, since its region was unreachable. A fault on AWS does
// not cut AWS's APIs.
func (e *Evidence) controlPlaneLost() []Interval {
	if !e.OnEmulator() {
		return nil
	}
	return e.Faults(func(detail string) bool {
		return strings.HasPrefix(detail, controlPlaneRegion+" ") && strings.HasSuffix(detail, " unreachable")
	})
}

// Faults returns the times of the faults whose detail is chosen, each until the next healing or the end of the drill.
func (e *Evidence) Faults(chosen func(detail string) bool) []Interval {
	var all []Interval
	var begun time.Time
	for _, m := range e.Marks {
		switch {
		case m.Step == Faulted && begun.IsZero() && chosen(m.Detail):
			begun = m.At
		case m.Step == Healed && !begun.IsZero():
			all, begun = append(all, Interval{begun, m.At}), time.Time{}
		}
	}
	if !begun.IsZero() {
		all = append(all, Interval{begun, e.Ended})
	}
	return all
}

// without returns the span cut at intervals, in which its value is not known.
func (s Span) without(intervals []Interval) []Span {
	all, rest := []Span(nil), s
	for _, cut := range Intersect(intervals, []Interval{s.Interval}) {
		if cut.From.After(rest.From) {
			all = append(all, Span{Interval{rest.From, cut.From}, s.Value, s.Reason})
		}
		all = append(all, Span{cut, Unknown, "Route 53's API is in the region that is unreachable"})
		rest.From = cut.To
	}
	if rest.To.After(rest.From) {
		all = append(all, rest)
	}
	return all
}

// merge joins neighbours of one value.
func merge(spans []Span) []Span {
	var all []Span
	for _, s := range spans {
		if n := len(all); n > 0 && all[n-1].Value == s.Value {
			all[n-1].To = s.To
			continue
		}
		all = append(all, s)
	}
	return all
}

// maxUnobserved is how long nobody may have answered before a change, for the change to have been observed: two queries of a health
// check that were lost.
const maxUnobserved = 10 * time.Second

// Turned returns when a topic was observed to change to a value, at or after a moment. It is not observed when the value before was not
// known for longer than maxUnobserved: then the topic has changed at some time that nobody saw.
func (e *Evidence) Turned(topic Topic, after time.Time, value string) (time.Time, bool) {
	spans := e.Spans(topic)
	for i, s := range spans {
		if s.Value != value || s.From.Before(after) {
			continue
		}
		before := i - 1
		if before >= 0 && !spans[before].Known() {
			if spans[before].Length() > maxUnobserved {
				return time.Time{}, false
			}
			before--
		}
		return s.From, before >= 0 && spans[before].Known() && spans[before].Value != value
	}
	return time.Time{}, false
}
