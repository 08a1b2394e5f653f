// Package spec is the specification of the failover controller: rules about what it did, not about how it decides. It watches a
// log of events and reports each event that breaks a rule. The log may be a simulation's, a drill's, an end-to-end test's or that
// of production: the controller writes the lines, and package audit those of what crosses its boundary. A simulation is watched
// while it runs. A drill and the end-to-end test of the automatic failover read the function's log group when they end, and
// "warmstandby check-log" reads any.
//
// Moves that an operator makes by the command line are not in the controller's log, and no rule holds for them. What follows
// from them is seen in later evidence and in the journal: a failback ends the cooldown.
//
// The rules are written apart from package decision, with limits of their own, so that a mistake there is not repeated here.
package spec

import (
	"time"

	"warmstandby/lambda/failover/decision"
)

// Kind is what an event reports. Of the controller's events it is the message of the log line.
type Kind string

// The events of the controller's log.
const (
	// Decided is a decision, with its evidence.
	Decided Kind = "decision"
	// Saved is a change of the journal that its table has confirmed: of the move in progress, or of what was notified.
	Saved Kind = "journal saved"
	// Requested is a request to RDS to move the writer, before it is sent.
	Requested Kind = "request to RDS"
	// Answered is what became of it: Accepted, Refused or Unanswered.
	Answered Kind = "answer of RDS"
	// Notified is a notice that the standby region's topic has accepted.
	Notified Kind = "notice accepted"
)

// The events that only an observer outside of both regions can report: the simulator, or a drill.
const (
	// OutsideView is a change of what outside observers see: whether Route 53 answers with the primary region, and whether users
	// write there.
	OutsideView Kind = "outside view"
	// RowsLost counts the acknowledged rows that a move gave up.
	RowsLost Kind = "rows lost"
	// Excused says that a service, named in Detail, is lost: rules that need it do not hold until it is back.
	Excused Kind = "service lost"
	// Restored says that the service is back.
	Restored Kind = "service back"
)

// The outcomes of a request.
const (
	Accepted   = "accepted"
	Refused    = "refused"
	Unanswered = "unanswered" // RDS may have accepted
)

// Event is one event. Fields that a kind does not have are zero. The tags are the keys of the controller's log lines; what only an
// observer outside reports has none there.
type Event struct {
	At   time.Time `json:"time"`
	Kind Kind      `json:"msg"`
	// Run is the controller's run, as its lease names it.
	Run string `json:"run"`
	// Detail is for readers of a trace; Excused and Restored name the service.
	Detail string `json:"-"`

	// Action is the action of a decision or a move; Recommended is the move that a decision advises.
	Action      decision.Action `json:"action"`
	Recommended decision.Action `json:"would"`
	// Reasons are the decision's.
	Reasons []string `json:"reasons"`
	// Evidence is what was decided on.
	Evidence *decision.Evidence `json:"evidence"`

	// Phase, Target, By, Loss and Begun are those of the journal's move; Phase is empty when no move is in progress.
	Phase  string    `json:"phase"`
	Target string    `json:"target"`
	By     string    `json:"by"`
	Loss   time.Time `json:"loss"`
	Begun  time.Time `json:"begun"`
	// Concerns are those that the journal records as notified, each with the time at which it was last seen.
	Concerns map[string]time.Time `json:"concerns"`

	Outcome string `json:"outcome"`
	Subject string `json:"subject"`

	// Routed says that Route 53's name servers answer with the primary region, Writable that users write there.
	Routed   bool `json:"-"`
	Writable bool `json:"-"`

	// Rows is how many acknowledged rows are lost, Span the time from the oldest of them to the youngest.
	Rows int           `json:"-"`
	Span time.Duration `json:"-"`
	// Causes is how many independent faults were present, of OutsideView and RowsLost, and PrimaryLost whether one of them had
	// taken the primary's database.
	Causes      int  `json:"-"`
	PrimaryLost bool `json:"-"`
}

// Violation is an event that breaks a rule.
type Violation struct {
	At   time.Time
	Rule string
	Run  string
	// Text says what was seen and what is allowed.
	Text string
}

// String returns the violation in one line.
func (v Violation) String() string {
	run := ""
	if v.Run != "" {
		run = " run " + v.Run
	}
	return v.At.UTC().Format("2006-01-02T15:04:05.000Z") + run + ": " + v.Rule + ": " + v.Text
}
