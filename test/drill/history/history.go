// Package history checks what clients were answered who change the same records, and who repeat keyed creations: each record and each
// idempotency key must have had one course that explains all answers (linearizability, checked by porcupine). Where a failover may
// lose data, one cut may take the last changes away.
package history

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/anishathalye/porcupine"

	"warmstandby/test/drill/evidence"
)

// ReadLag is how old an answer of a read may be. Reads come from the readers of the region that is asked, which Aurora replicates to
// within a second (Amazon Aurora User Guide, "Using Amazon Aurora Global Database"); the rest is for a busy machine.
const ReadLag = 3 * time.Second

// checkTimeout bounds the check of one subject's history. Usual ones take milliseconds.
const checkTimeout = time.Minute

// Cut is a failover that may lose data: between Begin and End it may take back what was acknowledged after From.
type Cut struct{ From, Begin, End time.Time }

// Return is a reconciliation, which may bring back between Begin and End what a cut has taken, where nobody has made a change since.
type Return struct{ Begin, End time.Time }

// Allowed is what a history may have beside operations. Nil members allow nothing.
type Allowed struct {
	Cut    *Cut
	Return *Return
	// Stale reports whether a read is of a region that had been cut off from the writer, whose age has no bound. It is not judged.
	Stale func(evidence.Operation) bool
}

// Violation is a subject whose history is not explained.
type Violation struct {
	Subject string `json:"of"`
	// Text says what was found.
	Text string `json:"says"`
}

// Result is what was found.
type Result struct {
	Subjects   int `json:"subjects"`
	Operations int `json:"operations"` // that were judged
	// Unknown are operations whose outcome nobody knows, such as a request without an answer; the history may have them or not.
	Unknown int `json:"unknown"`
	// Stale are reads that were not judged.
	Stale      int         `json:"stale"`
	Violations []Violation `json:"violations,omitempty"`
	// Undecided are subjects whose histories could not be checked in time.
	Undecided []string `json:"undecided,omitempty"`
}

// Check checks the histories of all subjects.
func Check(operations []evidence.Operation, allowed Allowed) Result {
	var result Result
	for subject, of := range bySubject(operations) {
		result.Subjects++
		h := newHistory(of, allowed)
		result.Operations, result.Unknown, result.Stale = result.Operations+len(h.operations), result.Unknown+h.unknown, result.Stale+h.stale
		if text := h.reusedTag(); text != "" {
			result.Violations = append(result.Violations, Violation{subject, text})
			continue
		}
		switch verdict, _ := h.check(); verdict {
		case porcupine.Ok:
		case porcupine.Illegal:
			result.Violations = append(result.Violations, Violation{subject, "no course of changes explains the answers"})
		default:
			result.Undecided = append(result.Undecided, subject)
		}
	}
	return result
}

// Draw draws the history of a subject as a page that loads nothing: the operations of each client over time, and the longest courses that
// explain a part of them.
func Draw(to io.Writer, operations []evidence.Operation, allowed Allowed, subject string) error {
	h := newHistory(bySubjectMap(operations)[subject], allowed)
	_, information := h.check()
	if err := porcupine.Visualize(h.model, information, to); err != nil {
		return fmt.Errorf("drawing the history of %s: %w", subject, err)
	}
	return nil
}

func bySubjectMap(operations []evidence.Operation) map[string][]evidence.Operation {
	all := map[string][]evidence.Operation{}
	for _, o := range operations {
		all[o.Subject] = append(all[o.Subject], o)
	}
	return all
}

// bySubject iterates over the subjects, sorted.
func bySubject(operations []evidence.Operation) func(yield func(string, []evidence.Operation) bool) {
	all := bySubjectMap(operations)
	return func(yield func(string, []evidence.Operation) bool) {
		for _, subject := range slices.Sorted(maps.Keys(all)) {
			if !yield(subject, all[subject]) {
				return
			}
		}
	}
}

// history is a subject's, as porcupine takes it.
type history struct {
	model      porcupine.Model
	operations []porcupine.Operation
	judged     []evidence.Operation
	unknown    int
	stale      int
}

// newHistory leaves out what says nothing: operations that were refused for the time being, and those of unknown outcome that nobody
// can have seen. A change that nobody saw is the basis of no later one, so the course is the same without it, unless a client was
// refused because of it.
func newHistory(operations []evidence.Operation, allowed Allowed) *history {
	h := &history{model: model.ToModel()}
	seen := firstSeen(operations)
	conflicts := map[string]bool{} // contents on which a change was refused
	for _, o := range operations {
		if o.Kind == evidence.Update && o.Status == statusPreconditionFailed {
			conflicts[o.Basis] = true
		}
	}
	for _, o := range operations {
		step := step{Operation: o, outcome: outcomeOf(o)}
		call, back := o.At, o.End()
		switch {
		case step.outcome == unknown && o.Kind != evidence.Update:
			h.unknown++
			continue
		case step.outcome == unknown:
			h.unknown++
			by, wasSeen := seen[o.Value]
			switch {
			case wasSeen:
				step.outcome, back = applied, by
			case conflicts[o.Basis]:
				back = time.Unix(0, forever)
			default:
				continue
			}
		case step.outcome == nothing:
			continue
		case o.Kind == evidence.ReadRecord && allowed.Stale != nil && allowed.Stale(o):
			h.stale++
			continue
		case o.Kind == evidence.ReadRecord:
			call = call.Add(-ReadLag)
		}
		step.by = back.UnixNano()
		h.add(o.Client, step, call, back)
		h.judged = append(h.judged, o)
	}
	if c := allowed.Cut; c != nil {
		h.add(failover, step{outcome: cut, by: c.From.UnixNano()}, c.Begin, c.End)
	}
	if r := allowed.Return; r != nil {
		h.add(failover, step{outcome: returned}, r.Begin, r.End)
	}
	return h
}

// failover is the client of what is no client's. Clients are few.
const failover = 99

// forever is after every drill.
const forever = int64(1) << 62

func (h *history) add(client int, s step, call, back time.Time) {
	h.operations = append(h.operations, porcupine.Operation{
		ClientId: client, Input: s, Call: call.UnixNano(), Output: nil, Return: max(back.UnixNano(), call.UnixNano()),
	})
}

func (h *history) check() (porcupine.CheckResult, porcupine.LinearizationInfo) {
	return porcupine.CheckOperationsVerbose(h.model, h.operations, checkTimeout)
}

// firstSeen returns for each content when the first answer came that shows it, or the first change on it was begun.
func firstSeen(operations []evidence.Operation) map[string]time.Time {
	seen := map[string]time.Time{}
	see := func(value string, at time.Time) {
		if first, known := seen[value]; value != "" && (!known || at.Before(first)) {
			seen[value] = at
		}
	}
	for _, o := range operations {
		if outcomeOf(o) == read {
			see(o.Value, o.End())
		}
		if o.Kind == evidence.Update && outcomeOf(o) == applied {
			see(o.Basis, o.End())
		}
	}
	return seen
}

// reusedTag says which tag names two contents, or which content has two tags.
func (h *history) reusedTag() string {
	contents, tags := map[string]string{}, map[string]string{}
	for _, o := range slices.SortedStableFunc(slices.Values(h.judged), func(a, b evidence.Operation) int { return a.End().Compare(b.End()) }) {
		if outcome := outcomeOf(o); o.Tag == "" || outcome != applied && outcome != read {
			continue
		}
		if known, is := contents[o.Tag]; is && known != o.Value {
			return fmt.Sprintf("the tag %s names two contents, %s and %s", o.Tag, known, o.Value)
		}
		if known, is := tags[o.Value]; is && known != o.Tag {
			return fmt.Sprintf("the content %s has two tags, %s and %s", o.Value, known, o.Tag)
		}
		contents[o.Tag], tags[o.Value] = o.Value, o.Tag
	}
	return ""
}
