// Package evidence holds what a drill has observed: every attempt of its client, every change of the observed topics, and the
// counts at the end. drill.json has it as it is, and the verdict follows from it alone. The JSON keys must not change: reports of
// earlier drills are read again.
package evidence

import "time"

// Evidence is all that a drill has observed. Times are of the clock of the machine that runs the drill, unless stated
// otherwise.
type Evidence struct {
	Scenario    string `json:"scenario"`
	Environment string `json:"environment"`
	// Primary and Standby are the regions by their deployed roles.
	Primary string `json:"primary"`
	Standby string `json:"standby"`

	Began time.Time `json:"began"`
	Ended time.Time `json:"ended"`
	// Aborted is why the drill ended before its last step. Timeouts has one entry for each step that waited in vain.
	Aborted  string   `json:"broken,omitempty"`
	Timeouts []string `json:"late,omitempty"`

	Marks []Mark `json:"marks"`
	// RPOSeconds is rds.global_db_rpo of the writer's cluster, where a scenario depends on it; 0 is off, or not read.
	RPOSeconds int `json:"rpoSeconds,omitempty"`
	// OtherUsers are the writes of the kinds of user beside the client, by kind. Their numbers are none of the client's.
	OtherUsers map[User][]Attempt `json:"otherUsers,omitempty"`

	// Operations are those of the clients that change the same records, and that repeat keyed creations. It is empty in drills that were
	// made before histories were checked.
	Operations []Operation `json:"operations,omitempty"`

	Attempts     []Attempt               `json:"attempts"`
	Observations map[Topic][]Observation `json:"sightings"`
	Probes       []Probe                 `json:"probes"`
	Moves        []Move                  `json:"moves"`
	Arrivals     map[int]time.Time       `json:"arrivals"` // when each number was first read in the standby region
	Rows         Rows                    `json:"rows"`
	Events       map[string]EventCount   `json:"events"` // by region
	Preview      *Preview                `json:"preview,omitempty"`
	// ControllerLog is nil in drills that were made before the log was checked.
	ControllerLog *ControllerLog `json:"controllerLog,omitempty"`
	// Reconciliation is nil where none is a part of the scenario, and in drills that were made before it was.
	Reconciliation *Reconciliation `json:"reconciliation,omitempty"`
	// Corruption is nil in scenarios without one.
	Corruption *Corruption `json:"corruption,omitempty"`
	// Backups is nil in scenarios without a fault of AWS Backup.
	Backups *Backups `json:"backups,omitempty"`
	// Flood is nil in scenarios without one.
	Flood *Flood `json:"flood,omitempty"`
	// Documents are the uploads of records' documents, in scenarios that have them.
	Documents []Document `json:"documents,omitempty"`
	// NotObserved lists what could not be observed, and why.
	NotObserved []string `json:"unseen,omitempty"`
	// CPUPressure is of the machine that runs the drill, and on it the emulator.
	CPUPressure []PressureSample `json:"waits,omitempty"`
	// Platform is nil in drills that were made before it was recorded, all of which ran on the emulator.
	Platform *Platform `json:"platform,omitempty"`
}

// PressureSample is for how long, up to a moment, a runnable process had waited for a processor. The count starts at an
// arbitrary time.
type PressureSample struct {
	At     time.Time     `json:"at"`
	Waited time.Duration `json:"total"`
}

// Step names an action of the drill.
type Step string

// What a drill does to the platform, and when its load runs.
const (
	LoadBegan       Step = "load"
	Faulted         Step = "fault"
	Healed          Step = "heal"
	OperatorCommand Step = "operator" // a command of the operator was run
	LoadEnded       Step = "end of load"
)

// Mark is an action of the drill and its time.
type Mark struct {
	At     time.Time `json:"at"`
	Step   Step      `json:"step"`
	Detail string    `json:"says"`
}

// What an attempt does.
const (
	Write = "write"
	Read  = "read"
)

// Attempt is one request of the client. A number that failed is tried again under the same idempotency key.
type Attempt struct {
	At       time.Time     `json:"at"` // when it began
	Duration time.Duration `json:"took"`
	Kind     string        `json:"kind"`
	Number   int           `json:"number"`
	Try      int           `json:"try"`              // from 1
	Region   string        `json:"region,omitempty"` // of the resolved address; empty if the name had none
	Status   int           `json:"status,omitempty"` // HTTP's; 0 without a response
	Error    string        `json:"error,omitempty"`
	Withheld bool          `json:"held,omitempty"` // by the client, because too many requests were in flight
	ID       string        `json:"id,omitempty"`   // of the record
}

// End is when the response came, or the attempt was given up.
func (a Attempt) End() time.Time { return a.At.Add(a.Duration) }

// Good reports whether the attempt had the response that its kind expects.
func (a Attempt) Good() bool {
	return a.Status == 201 && a.Kind == Write || a.Status == 200 && a.Kind == Read
}

// User is a kind of user beside the client of Attempts.
type User string

// The kinds of user.
const (
	// KeepsConnection resolves the name when it connects, and keeps its connection for as long as the load balancer does.
	KeepsConnection User = "keeps its connection"
	// KeepsAddress caches an address for longer than its TTL.
	KeepsAddress User = "caches the name for longer than its TTL"
)

// Users are all kinds of user beside the client.
var Users = [...]User{KeepsConnection, KeepsAddress}

// Topic is something that the drill observes.
type Topic string

// The topics that belong to no single region.
const (
	// Writer is the region of the writer by RDS, "" during a move.
	Writer Topic = "writer"
	// Answer is the region in the answer of the zone's own name server, which is asked without a cache.
	Answer Topic = "answer"
	// Decision is the controller's last decision and recommendation.
	Decision Topic = "decision"
	// RPOAdvice is whether the controller's last decision is an advice that names rds.global_db_rpo (Yes).
	RPOAdvice Topic = "advice on commits that wait"
)

// Check is the state of a region's Route 53 health check: Healthy or Unhealthy.
func Check(region string) Topic { return Topic("check " + region) }

// Accepts is whether a region's own database accepts writes (Yes), by its application, whose answer is up to five seconds old.
func Accepts(region string) Topic { return Topic("accepts " + region) }

// The values of Check and Accepts.
const (
	Healthy   = "healthy"
	Unhealthy = "unhealthy"
	Yes       = "yes"
)

// Unknown is the value of a topic while nobody answers who could know it.
const Unknown = "not known"

// Observation is the value of a topic from a moment on, until the next observation of the topic.
type Observation struct {
	At     time.Time `json:"at"`
	Value  string    `json:"is"`
	Reason string    `json:"why,omitempty"`
}

// Probe is a request on the path that the fault is to cut.
type Probe struct {
	At time.Time `json:"at"`
	// Works reports that the path is not cut.
	Works  bool   `json:"works"`
	Detail string `json:"got"`
}

// Move is a move of the writer by the failover controller's journal. Times are of the controller's clock; unknown ones are
// zero.
type Move struct {
	Action    string    `json:"action"`
	By        string    `json:"by"`
	To        string    `json:"to"`
	Phase     string    `json:"phase"`
	LossSince time.Time `json:"loss,omitzero"` // the first failed probe
	Begun     time.Time `json:"begun"`
	Requested time.Time `json:"requested,omitzero"`
	Ended     time.Time `json:"ended,omitzero"`
	Reasons   []string  `json:"reasons,omitempty"`
}

// Rows is what the database holds at the end, by the API of the region that has the writer.
type Rows struct {
	Counted bool        `json:"counted"`
	Records map[int]int `json:"records"` // how many of each number
}

// EventCount counts the events of the client's records on one region's bus.
type EventCount struct {
	Counted bool `json:"counted"`
	// Lost are the ids of stored records without an event. Doubled counts events that came again with the same id, which consumers
	// must expect. Orphans are events of records that are no longer stored.
	Lost    []string `json:"lost,omitempty"`
	Arrived int      `json:"arrived"`
	Doubled int      `json:"doubled"`
	Orphans int      `json:"orphans"`
}

// ControllerLog is the failover controller's log of the drill, checked by the controller's specification.
type ControllerLog struct {
	Group string `json:"group"` // of CloudWatch Logs, in the standby region
	// Unread is why the log could not be read; empty when it was.
	Unread string `json:"unread,omitempty"`
	// Decisions counts those in the log.
	Decisions  int         `json:"decisions"`
	Violations []Violation `json:"violations,omitempty"`
}

// Violation is an event of the controller's log that breaks a rule of its specification.
type Violation struct {
	At   time.Time `json:"at"` // of the controller's clock
	Run  string    `json:"run,omitempty"`
	Rule string    `json:"rule"`
	// Text says what was seen and what is allowed.
	Text string `json:"text"`
}

// Preview is whether every stack previews without changes after the drill.
type Preview struct {
	Clean  bool   `json:"clean"`
	Output string `json:"says"`
}
