package history

import (
	"fmt"
	"hash/fnv"
	"net/http"

	"github.com/anishathalye/porcupine"

	"warmstandby/test/drill/evidence"
)

const (
	statusOK                 = http.StatusOK
	statusPreconditionFailed = http.StatusPreconditionFailed
)

// outcome is what an operation is known to have done.
type outcome string

const (
	applied  outcome = "applied"  // a change was made, or a creation answered with its record
	read     outcome = "read"     // the value was the current one
	absent   outcome = "absent"   // there was no record
	refused  outcome = "refused"  // the content was not the basis any more
	broken   outcome = "broken"   // an answer that no history explains
	unknown  outcome = "unknown"  // it may have been made, or not
	nothing  outcome = "nothing"  // it was not made, and the answer says nothing of the record
	cut      outcome = "cut"      // a failover, which may have taken changes away
	returned outcome = "returned" // a reconciliation, which may have brought them back
)

// outcomeOf returns what the answer to an operation says.
func outcomeOf(o evidence.Operation) outcome {
	switch {
	case o.Status == http.StatusTooManyRequests, o.Status == http.StatusConflict:
		return nothing // 409: the first request of the key is in flight
	case o.Status == 0, o.Status >= http.StatusInternalServerError:
		if o.Kind == evidence.ReadRecord {
			return nothing
		}
		return unknown
	case o.Kind == evidence.Create && o.Status == http.StatusCreated, o.Kind == evidence.Update && o.Status == statusOK:
		return applied
	case o.Kind == evidence.ReadRecord && (o.Status == statusOK || o.Status == http.StatusNotModified):
		return read
	case o.Kind == evidence.Update && o.Status == statusPreconditionFailed:
		return refused
	case o.Kind != evidence.Create && o.Status == http.StatusNotFound:
		return absent
	}
	return broken
}

// step is an operation with its outcome. by is when its answer was there at the latest, or of a cut the time from which on it may take
// changes away; in nanoseconds.
type step struct {
	evidence.Operation
	outcome outcome
	by      int64
}

// version is a content of a record with those before it. Contents are unique, and a record's or a key's first one has none before.
type version struct {
	value  string
	by     int64
	before *version
	hash   uint64 // of all contents up to this one
}

func (v *version) next(value string, by int64) *version {
	hash := fnv.New64a()
	fmt.Fprintf(hash, "%d %s", v.sum(), value)
	return &version{value, by, v, hash.Sum64()}
}

func (v *version) sum() uint64 {
	if v == nil {
		return 0
	}
	return v.hash
}

func (v *version) content() string {
	if v == nil {
		return "nothing"
	}
	return v.value
}

// state is what a record is. lost is what the cut has taken, until a change is made.
type state struct {
	current, lost *version
	isCut         bool
}

func (s state) changed(value string, by int64) state {
	return state{current: s.current.next(value, by), isCut: s.isCut}
}

// model is a record that is changed on a condition, or a key that creates one record.
var model = porcupine.NondeterministicModel{
	Init: func() []any { return []any{state{}} },
	Step: func(from, input, _ any) []any {
		var next []any
		for _, one := range from.(state).after(input.(step)) {
			next = append(next, one)
		}
		return next
	},
	Equal: func(a, b any) bool {
		x, y := a.(state), b.(state)
		return x.current.sum() == y.current.sum() && x.lost.sum() == y.lost.sum() && x.isCut == y.isCut
	},
	DescribeOperation: func(input, _ any) string { return input.(step).describe() },
	DescribeState:     func(s any) string { return s.(state).current.content() },
}

// after returns what a record may be after an operation; nothing if the answer contradicts the state.
func (s state) after(o step) []state {
	isBasis := s.current != nil && s.current.value == o.Basis
	switch o.outcome {
	case applied:
		switch {
		case o.Kind == evidence.Create && s.current == nil, o.Kind == evidence.Update && isBasis:
			return []state{s.changed(o.Value, o.by)}
		case o.Kind == evidence.Create && s.current.value == o.Value:
			return []state{s}
		}
	case unknown:
		if isBasis {
			return []state{s, s.changed(o.Value, o.by)}
		}
		return []state{s}
	case read:
		if s.current != nil && s.current.value == o.Value {
			return []state{s}
		}
	case refused:
		if s.current != nil && !isBasis {
			return []state{s}
		}
	case absent:
		if s.current == nil {
			return []state{s}
		}
	case cut:
		return s.afterCut(o.by)
	case returned:
		if s.lost != nil {
			return []state{s, {current: s.lost, isCut: s.isCut}}
		}
		return []state{s}
	}
	return nil
}

// afterCut returns the state and every earlier one from which on all changes were acknowledged at the time or later.
func (s state) afterCut(from int64) []state {
	states := []state{{current: s.current, isCut: true}}
	for v := s.current; v != nil && v.by >= from; v = v.before {
		states = append(states, state{current: v.before, lost: s.current, isCut: true})
	}
	return states
}

func (o step) describe() string {
	switch o.outcome {
	case cut:
		return "failover"
	case returned:
		return "reconciliation"
	}
	text := string(o.Kind)
	if o.Basis != "" {
		text += " on " + o.Basis
	}
	if o.Kind == evidence.Update {
		text += " to " + o.Value
	}
	text += " → " + string(o.outcome)
	if o.Kind != evidence.Update && o.Value != "" {
		text += " " + o.Value
	}
	if o.Region != "" {
		text += " (" + o.Region + ")"
	}
	return text
}
