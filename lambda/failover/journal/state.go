// Package journal is the failover controller's memory: what it has seen fail and since when, the move that is under way and
// how far it has come, and what it has told the operators.
//
// There is one document. It is changed only by its owner, the run that holds the lease, and only when nobody else has changed
// it since it was read: of two runs at the same moment one writes, and the other learns that it must leave.
package journal

import (
	"time"

	"warmstandby/lambda/failover/decision"
)

// State is the whole memory.
type State struct {
	// Version counts the changes; zero is a state that was never saved.
	Version int64 `json:"-"`
	Lease   Lease `json:"lease"`

	// FailingSince, Failures and LastProbe are decision.Writes, remembered from run to run.
	FailingSince time.Time `json:"failingSince,omitzero"`
	Failures     int       `json:"failures,omitempty"`
	LastProbe    string    `json:"lastProbe,omitempty"`

	// Move is the move that is under way, nil when none is; Last is the one before.
	Move *Move `json:"move,omitempty"`
	Last *Move `json:"last,omitempty"`
	// LastMove is when the controller last had RDS move the writer. An operator who fails back clears it: somebody has looked.
	LastMove time.Time `json:"lastMove,omitzero"`

	// Decision is the last one.
	Decision Decision `json:"decision,omitzero"`
	// Notified has each concern that the operators were told of, and when it was last seen.
	Notified map[string]time.Time `json:"told,omitempty"`
	// Writer is the region in which the writer was last seen, of which the operators know.
	Writer string `json:"writer,omitempty"`
	// ProbeDocument is when the last probe document was put into the primary region's bucket.
	ProbeDocument time.Time `json:"probeDocument,omitzero"`
}

// Lease is the right to act, of one run at a time.
type Lease struct {
	Owner string    `json:"owner,omitempty"`
	Until time.Time `json:"until,omitzero"`
}

// Decision is a decision as it was made.
type Decision struct {
	At          time.Time       `json:"at"`
	Action      decision.Action `json:"action"`
	Recommended decision.Action `json:"would,omitempty"`
	Reasons     []string        `json:"reasons"`
}

// Phase is how far a move has come. Each is written before what it allows is done.
type Phase string

// The phases of a move, in their order, and how it may end otherwise.
const (
	// Intent: the move is meant. RDS has not been asked yet, or its answer was not heard.
	Intent Phase = "intent"
	// Requested: RDS has agreed.
	Requested Phase = "requested"
	// Moved: the writer is at the target. The operators may not know yet.
	Moved Phase = "moved"
	// Announced: the operators know. This is the end.
	Announced Phase = "announced"
	// Abandoned: what asked for the move passed before RDS was asked.
	Abandoned Phase = "abandoned"
	// Failed: RDS agreed, and left the writer where it was.
	Failed Phase = "failed"
)

// Actors are who a move is made by.
const (
	Controller = "controller"
	Operator   = "operator"
)

// Move is a move of the writer to another member.
type Move struct {
	Action decision.Action `json:"action"`
	// Target is the ARN of the cluster that gets the writer, To its region; From is the region that had it.
	Target string `json:"target"`
	To     string `json:"to"`
	From   string `json:"from"`
	By     string `json:"by"`
	// LossSince is when the failures began for which the controller moves; zero when an operator does.
	LossSince time.Time `json:"loss,omitzero"`
	Reasons   []string  `json:"reasons"`

	Phase     Phase     `json:"phase"`
	Begun     time.Time `json:"begun"`
	Requested time.Time `json:"requested,omitzero"`
	Ended     time.Time `json:"ended,omitzero"`
	// Refusal is what RDS last said against it.
	Refusal string `json:"refusal,omitempty"`
}

// WasRequested says whether RDS agreed to the move, whatever came of it.
func (m *Move) WasRequested() bool { return m != nil && !m.Requested.IsZero() }

// RecordProbe notes the result of a probe of the primary region's writes: what it got, and whether that was good.
func (s *State) RecordProbe(at time.Time, good bool, got string) {
	s.LastProbe = got
	switch {
	case good:
		s.FailingSince, s.Failures = time.Time{}, 0
	default:
		if s.Failures++; s.FailingSince.IsZero() {
			s.FailingSince = at
		}
	}
}

// ForgetFailures begins the count of failures anew: where the writer is not, writes are meant to fail.
func (s *State) ForgetFailures() { s.FailingSince, s.Failures = time.Time{}, 0 }

// Writes is what is remembered of the probes.
func (s *State) Writes() decision.Writes {
	return decision.Writes{Known: s.LastProbe != "", FailingSince: s.FailingSince, Failures: s.Failures, Last: s.LastProbe}
}
