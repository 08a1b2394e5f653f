package journal

import (
	"time"

	"warmstandby/lambda/failover/decision"
)

// State is the persisted state.
type State struct {
	// Version counts the changes; zero is a state that was never saved.
	Version int64 `json:"-"`
	Lease   Lease `json:"lease"`

	// FailingSince, Failures and LastProbe keep decision.Writes from run to run.
	FailingSince time.Time `json:"failingSince,omitzero"`
	Failures     int       `json:"failures,omitempty"`
	LastProbe    string    `json:"lastProbe,omitempty"`
	// Cause, DatabaseAnswered and Minutes keep the rest of decision.Writes: why the last probe failed, when a failed one last
	// proved that the database answers, and the probes of the last decision.GrayWindow minutes, the newest last.
	Cause            decision.WriteFailure `json:"cause,omitempty"`
	DatabaseAnswered time.Time             `json:"databaseAnswered,omitzero"`
	Minutes          []Minute              `json:"minutes,omitempty"`
	// RoutingUnknownSince and RoutedAwaySince keep decision.Routing's UnknownSince and AwaySince; RoutedAway is the last observation
	// that found users taken away.
	RoutingUnknownSince time.Time `json:"routingUnknownSince,omitzero"`
	RoutedAway          time.Time `json:"routedAway,omitzero"`
	RoutedAwaySince     time.Time `json:"routedAwaySince,omitzero"`

	// Move is the move in progress, nil when there is none. Last is the one before.
	Move *Move `json:"move,omitempty"`
	Last *Move `json:"last,omitempty"`
	// LastMove is when the controller last had RDS move the writer. An operator's failback clears it, because a person has
	// checked both regions.
	LastMove time.Time `json:"lastMove,omitzero"`

	// Decision is the last one.
	Decision Decision `json:"decision,omitzero"`
	// Notified has every concern that the operators were notified of, with the time at which it was last observed.
	Notified map[string]time.Time `json:"told,omitempty"`
	// Writer is the last known region of the writer, which the operators were notified of.
	Writer string `json:"writer,omitempty"`
	// ProbeDocument is when the last probe document was put into the primary region's bucket.
	ProbeDocument time.Time `json:"probeDocument,omitzero"`
}

// Lease is the exclusive right of one run to act.
type Lease struct {
	Owner string    `json:"owner,omitempty"`
	Until time.Time `json:"until,omitzero"`
}

// Decision is a recorded decision.
type Decision struct {
	At          time.Time       `json:"at"`
	Action      decision.Action `json:"action"`
	Recommended decision.Action `json:"would,omitempty"`
	Reasons     []string        `json:"reasons"`
}

// Phase is the progress of a move. Each phase is saved before what it allows is done.
type Phase string

// The phases of a move, in order; then the phases in which a move ends that was not made.
const (
	// Intent: RDS has not been asked yet, or its response was lost.
	Intent Phase = "intent"
	// Requested: RDS has accepted.
	Requested Phase = "requested"
	// Moved: the writer is at the target. The operators may not be notified yet.
	Moved Phase = "moved"
	// Announced: the operators are notified. This is the normal end.
	Announced Phase = "announced"
	// Abandoned: the reason for the move passed before RDS was asked.
	Abandoned Phase = "abandoned"
	// Failed: RDS accepted, and left the writer where it was.
	Failed Phase = "failed"
)

// The values of Move.By.
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
	// LossSince is when the failures began that made the controller move the writer; zero for an operator's move.
	LossSince time.Time `json:"loss,omitzero"`
	Reasons   []string  `json:"reasons"`

	Phase Phase     `json:"phase"`
	Begun time.Time `json:"begun"`
	// Asked is when RDS was last asked; zero when it has answered each request with a refusal. It is saved before the request.
	Asked     time.Time `json:"asked,omitzero"`
	Requested time.Time `json:"requested,omitzero"`
	Ended     time.Time `json:"ended,omitzero"`
	// Refusal is RDS's last refusal.
	Refusal string `json:"refusal,omitempty"`
}

// WasRequested reports whether RDS accepted the move, whatever its outcome.
func (m *Move) WasRequested() bool { return m != nil && !m.Requested.IsZero() }
