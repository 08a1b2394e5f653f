// Package evidence is what a drill has seen: every attempt of its client, every change of what it watched, and what it counted
// at the end. It is written to drill.json as it is; the verdict follows from it alone.
package evidence

import "time"

// Evidence is all of a drill. Times are the clock's of the machine that the drill runs on, unless said otherwise.
type Evidence struct {
	Scenario    string `json:"scenario"`
	Environment string `json:"environment"`
	// Primary and Standby are the regions by the roles that they were deployed in.
	Primary string `json:"primary"`
	Standby string `json:"standby"`

	Began time.Time `json:"began"`
	Ended time.Time `json:"ended"`
	// Broken is why the drill ended before its last step, and Late each step that did not come to what it waited for.
	Aborted  string   `json:"broken,omitempty"`
	Timeouts []string `json:"late,omitempty"`

	Marks        []Mark                  `json:"marks"`
	Attempts     []Attempt               `json:"attempts"`
	Observations map[Topic][]Observation `json:"sightings"`
	Probes       []Probe                 `json:"probes"`
	Moves        []Move                  `json:"moves"`
	Arrivals     map[int]time.Time       `json:"arrivals"` // when each number was first read in the standby region
	Rows         Rows                    `json:"rows"`
	Events       map[string]EventCount   `json:"events"` // by region
	Preview      *Preview                `json:"preview,omitempty"`
	// Unseen says what could not be watched, and why.
	NotObserved []string `json:"unseen,omitempty"`
	// Waits are of the machine that the drill runs on, and with it an embedded AWS.
	CPUPressure []PressureSample `json:"waits,omitempty"`
}

// Wait is for how long, by a moment, something that could have run had waited for a processor, counted from any beginning.
type PressureSample struct {
	At     time.Time     `json:"at"`
	Waited time.Duration `json:"total"`
}

// Step names what the drill did.
type Step string

// What a drill does to the platform, and when its load runs.
const (
	LoadBegan       Step = "load"
	Faulted         Step = "fault"
	Healed          Step = "heal"
	OperatorCommand Step = "operator" // asked the operator's command line
	LoadEnded       Step = "end of load"
)

// Mark is something that the drill did.
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
	Region   string        `json:"region,omitempty"` // that the name led to; empty when it led nowhere
	Status   int           `json:"status,omitempty"` // HTTP's, 0 when there was no answer
	Error    string        `json:"error,omitempty"`
	Withheld bool          `json:"held,omitempty"` // back by the client, which has too many under way
	ID       string        `json:"id,omitempty"`   // of the record
}

// End is when the attempt was answered or given up.
func (a Attempt) End() time.Time { return a.At.Add(a.Duration) }

// Good says whether the attempt did what it was for.
func (a Attempt) Good() bool {
	return a.Status == 201 && a.Kind == Write || a.Status == 200 && a.Kind == Read
}

// Topic is something that is watched.
type Topic string

// What is watched beside the regions' own.
const (
	// Writer is the region that RDS says the writer is in, "" while it is being moved.
	Writer Topic = "writer"
	// Answer is the region that the zone's own server answers with, asked past every cache.
	Answer Topic = "answer"
	// Decision is the controller's last one, with what it would do.
	Decision Topic = "decision"
)

// Check is whether Route 53 takes a region for healthy: Healthy or Unhealthy.
func Check(region string) Topic { return Topic("check " + region) }

// Accepts is whether a region's own database accepts writes, by its application's word (Yes), which is up to five seconds old.
func Accepts(region string) Topic { return Topic("accepts " + region) }

// The values of Check and Accepts.
const (
	Healthy   = "healthy"
	Unhealthy = "unhealthy"
	Yes       = "yes"
)

// Sighting is what was seen from a moment on, until the next sighting of the same topic.
type Observation struct {
	At     time.Time `json:"at"`
	Value  string    `json:"is"`
	Reason string    `json:"why,omitempty"`
}

// Probe is a question to what a fault is to cut.
type Probe struct {
	At time.Time `json:"at"`
	// Works is what it is without the fault.
	Works  bool   `json:"works"`
	Detail string `json:"got"`
}

// Move is a move of the writer as the failover controller's journal has it. Times are the controller's clock; those that are
// not known are zero.
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

// EventCount is what came to a region's bus of the records that the client made.
type EventCount struct {
	Counted bool `json:"counted"`
	// Lost are the ids of records that are there and of which no event came; Doubled counts events that came again, with the
	// same id, which is what consumers are told to expect; Orphans are events of records that are not there any more.
	Lost    []string `json:"lost,omitempty"`
	Arrived int      `json:"arrived"`
	Doubled int      `json:"doubled"`
	Orphans int      `json:"orphans"`
}

// Preview is whether every stack previews without changes after the drill.
type Preview struct {
	Clean  bool   `json:"clean"`
	Output string `json:"says"`
}
