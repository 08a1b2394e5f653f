// Package scenario is the table of what a drill does to the platform, and of what it must then see.
package scenario

import (
	"slices"
	"strings"
	"time"
)

// Role is a region's role as it was deployed.
type Role string

// The roles.
const (
	Primary Role = "primary"
	Standby Role = "standby"
)

// Kind is what a fault does to a region.
type Kind string

// The kinds of fault.
const (
	Unreachable Kind = "unreachable" // nothing reaches the region, and nothing leaves it
	AppDown     Kind = "app-down"    // the application fails, the database lives
	DBDown      Kind = "db-down"     // the database is gone, the application lives
	Split       Kind = "split"       // nothing passes between the regions, each of which answers its users
)

// Verb is what a step does.
type Verb string

// The verbs.
const (
	Load    Verb = "steady"  // lets the load run
	Fault   Verb = "fault"   // begins a fault
	Blip    Verb = "blip"    // begins a fault and ends it after a moment
	Heal    Verb = "heal"    // ends all faults
	Operate Verb = "operate" // runs a command of the operator until it succeeds
	Await   Verb = "await"   // lets the load run until something is seen
)

// Condition is what Await waits for.
type Condition string

// The conditions.
const (
	AllHealthy      Condition = "all is well and the writer is in the primary region"
	WriterStandby   Condition = "the writer is in the standby region, and the operators know"
	WriterPrimary   Condition = "the writer is in the primary region"
	ServedStandby   Condition = "writes are good, and the standby region answers them"
	ServedPrimary   Condition = "writes are good, and the primary region answers them"
	Advised         Condition = "the controller tells the operators that something is wrong"
	ReplicaCaughtUp Condition = "the standby has what was written"
)

// Step is one step. For is how long Steady and Blip last, and how long Await and Operate may; Steady lasts up to Spread longer, by
// chance.
type Step struct {
	Do      Verb
	For     time.Duration
	Jitter  time.Duration
	Kind    Kind
	Role    Role
	Command []string
	Until   Condition
}

// Loss says which acknowledged rows may be lost.
type Loss string

const (
	// NoLoss allows none to be lost.
	NoLoss Loss = "none"
	// UnreplicatedLoss allows those that had not reached the standby region.
	UnreplicatedLoss Loss = "what had not reached the standby"
)

// Bounds are what must be seen.
type Expectations struct {
	// Moves says whether the writer moves to the standby region, by Action as the journal names it; otherwise neither it nor
	// the name moves.
	WriterMoves bool
	Action      string
	// By is who moves it: the controller or the operator.
	MovedBy string
	// FirstGood is within which time of the fault, or of the operator's command, a write must be good again, and From who must
	// answer it: the standby region, or anybody once the writer is there.
	FirstGoodWithin time.Duration
	ServedBy        Role
	// Users says whether the name must lead to the standby region meanwhile.
	UsersMove bool
	// Gap is the longest time without a good write, where nothing moves.
	MaxOutage   time.Duration
	AllowedLoss Loss
}

// Scenario is one drill.
type Scenario struct {
	Name    string
	Summary string
	// Fault is what it is about, "" where nothing is cut.
	Fault        Kind
	FaultRole    Role
	Steps        []Step
	Expectations Expectations
}

// Within returns the scenario with no wait longer than most, which 0 leaves as they are. How long faults and load last stays.
func (s Scenario) WithMaxWait(maxWait time.Duration) Scenario {
	s.Steps = slices.Clone(s.Steps)
	for i := range s.Steps {
		if step := &s.Steps[i]; maxWait > 0 && (step.Do == Await || step.Do == Operate) {
			step.For = min(step.For, maxWait)
		}
	}
	return s
}

// Find returns the scenario of a name.
func Find(name string) (Scenario, bool) {
	all := All()
	if i := slices.IndexFunc(all, func(s Scenario) bool { return s.Name == name }); i >= 0 {
		return all[i], true
	}
	return Scenario{}, false
}

// Names returns the names of all scenarios, by commas.
func Names() string {
	var names []string
	for _, s := range All() {
		names = append(names, s.Name)
	}
	return strings.Join(names, ", ")
}

// Route 53's own part of a failover by DNS, which no platform can do without: three failed checks, thirty seconds apart, and
// the time for which resolvers keep the alias of a load balancer. AWS: Amazon Route 53 Developer Guide, "How Amazon Route 53
// determines whether a health check is healthy" and "Choosing between alias and non-alias records".
const (
	HealthCheckFloor = 3 * 30 * time.Second
	TTLFloor         = 60 * time.Second
)
