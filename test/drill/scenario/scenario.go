// Package scenario has the table of drills: what each does to the platform, and what the platform must then show.
package scenario

import (
	"slices"
	"strings"
	"time"
)

// Role is a region's deployed role.
type Role string

// The roles.
const (
	Primary Role = "primary"
	Standby Role = "standby"
)

// Kind is the effect of a fault on a region.
type Kind string

// The kinds of fault.
const (
	Unreachable Kind = "unreachable" // nothing reaches the region, and nothing leaves it
	AppDown     Kind = "app-down"    // the application fails, the database lives
	DBDown      Kind = "db-down"     // the database is gone, the application lives
	Split       Kind = "split"       // nothing passes between the regions, each of which answers its users
	// Isolated: the region sees nothing of the other, neither its application nor its events nor its data. Users and Route 53's
	// checkers reach both regions, and both reach name servers.
	Isolated Kind = "isolated"
	// ReplicationStalled: no data passes between the regions' databases. All else works.
	ReplicationStalled Kind = "replication-stalled"
	// FewExecutions: Lambda grants the account [GrantedExecutions] executions at once in the region, as it does a new account. It is no
	// scenario's fault: a flood needs it, because no machine runs the thousand of other accounts.
	FewExecutions Kind = "few-executions"
	// BackupSilent: AWS Backup begins no job in the region, and no event says so.
	BackupSilent Kind = "backup-silent"
	// BackupFailing: each job of AWS Backup in the region ends without success.
	BackupFailing Kind = "backup-failing"
)

// StopsReplication reports whether a fault of this kind cuts the replication between the regions and leaves the regions themselves
// alone.
func (k Kind) StopsReplication() bool { return k == Split || k == Isolated || k == ReplicationStalled }

// BreaksBackups reports whether a fault of this kind is AWS Backup's, which no user notices: its jobs show whether it took effect.
func (k Kind) BreaksBackups() bool { return k == BackupSilent || k == BackupFailing }

// Verb is the action of a step.
type Verb string

// The verbs.
const (
	Load    Verb = "steady"  // lets the load run
	Fault   Verb = "fault"   // begins a fault
	Blip    Verb = "blip"    // begins a fault and ends it after a moment
	Heal    Verb = "heal"    // ends all faults
	Operate Verb = "operate" // runs a command of the operator until it succeeds
	Await   Verb = "await"   // lets the load run until a condition holds
	// Reconcile counts the rows and then runs the operator's reconciliation until it succeeds.
	Reconcile Verb = "reconcile"
	// Corrupt is a bad release that overwrites and deletes records for some time.
	Corrupt Verb = "corrupt"
	// Restore has the operator restore the second before the corruption, and takes the damaged rows back from the restored cluster.
	Restore Verb = "restore"
	// Flood has Lambda grant few executions in the region of Role and sends its load balancer more requests than they serve, until the
	// faults are healed, for For at most.
	Flood Verb = "flood"
	// Advance moves AWS Backup's calendar on by For, and what is due meanwhile runs.
	Advance Verb = "advance"
)

// Condition is what an Await step waits for.
type Condition string

// The conditions.
const (
	AllHealthy      Condition = "the platform is healthy and the writer is in the primary region"
	WriterStandby   Condition = "the writer is in the standby region, and the operators are notified"
	WriterPrimary   Condition = "the writer is in the primary region"
	ServedStandby   Condition = "writes are good, and the standby region answers them"
	ServedPrimary   Condition = "writes are good, and the primary region answers them"
	Advised         Condition = "the controller advises the operators of a failure"
	ReplicaCaughtUp Condition = "the standby has replayed every write"
	CommitsPaused   Condition = "no write is good, because commits wait for replication"
	// BackupsCompleted is the state before a fault of AWS Backup, and after it.
	BackupsCompleted Condition = "no alarm misses a backup or a copy in either region"
	BackupsMissed    Condition = "the operators of the primary region are notified that backups and copies are missing"
	FailuresReported Condition = "the operators of the primary region are notified of each failed backup"
	FloodNoticed     Condition = "the operators of the standby region are notified that executions are used up"
	PauseAdvised     Condition = "the controller notifies the operators that commits wait because of rds.global_db_rpo"
)

// Step is one step. For is the duration of Load and Blip, what the calendar moves on by in Advance, and the longest duration of Await,
// Operate, Reconcile and Flood. Load lasts up to Jitter longer, at random.
type Step struct {
	Do      Verb
	For     time.Duration
	Jitter  time.Duration
	Kind    Kind
	Role    Role
	Command []string
	Until   Condition
}

// Loss is which acknowledged rows may be lost.
type Loss string

const (
	// NoLoss allows no loss.
	NoLoss Loss = "none"
	// UnreplicatedLoss allows the loss of rows that had not reached the standby region.
	UnreplicatedLoss Loss = "what had not reached the standby"
)

// Expectations are what the platform must show.
type Expectations struct {
	// WriterMoves is whether the writer moves to the standby region, by Action as the journal names it. Otherwise neither the
	// writer nor the global name moves.
	WriterMoves bool
	Action      string
	// MovedBy is who moves the writer: controller or operator.
	MovedBy string
	// FirstGoodWithin is the longest time from the fault, or from the operator's command, to the first good write. ServedBy is the
	// region that must answer it: the standby region, or, if empty, any region once the writer has moved.
	FirstGoodWithin time.Duration
	ServedBy        Role
	// UsersMove is whether the global name must lead to the standby region meanwhile.
	UsersMove bool
	// MaxOutage is the longest time without a good write, where nothing moves.
	MaxOutage   time.Duration
	AllowedLoss Loss
	// Reconciled is whether the rows that AllowedLoss allows must be back after the operator's reconciliation, or listed as in conflict.
	Reconciled bool
	// Documents is whether records get documents, all of which must be there in the end.
	Documents bool
	// Corrupted is whether records are damaged, all of which must be back as they were.
	Corrupted bool
	// Flooded is whether the standby region is flooded meanwhile: the operators must be notified, and the controller must decide within
	// DecidedWithin of the fault.
	Flooded       bool
	DecidedWithin time.Duration
	// CommitsPause is whether commits must pause once the standby lags by rds.global_db_rpo. AdviceWithin is the longest time from
	// then to the controller's advice that names the parameter. The global name may move meanwhile: Route 53's checks ask for a commit.
	CommitsPause bool
	AdviceWithin time.Duration
}

// Scenario is one drill.
type Scenario struct {
	Name    string
	Summary string
	// Fault is the kind of fault, "" if there is none.
	Fault        Kind
	FaultRole    Role
	Steps        []Step
	Expectations Expectations
}

// waits are the verbs whose For is the longest duration of a wait.
var waits = []Verb{Await, Operate, Reconcile, Restore}

// WithMaxWait returns the scenario with no wait longer than maxWait; 0 changes nothing. Faults and load keep their durations.
func (s Scenario) WithMaxWait(maxWait time.Duration) Scenario {
	s.Steps = slices.Clone(s.Steps)
	for i := range s.Steps {
		if step := &s.Steps[i]; maxWait > 0 && slices.Contains(waits, step.Do) {
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

// Names returns the names of all scenarios, separated by commas.
func Names() string {
	var names []string
	for _, s := range All() {
		names = append(names, s.Name)
	}
	return strings.Join(names, ", ")
}

// The least time of a failover by Route 53: three failed health checks 30 s apart, and the TTL for which resolvers cache the alias
// of a load balancer (Amazon Route 53 Developer Guide, "How Amazon Route 53 determines whether a health check is healthy" and "Choosing
// between alias and non-alias records").
const (
	HealthCheckFloor = 3 * 30 * time.Second
	TTLFloor         = 60 * time.Second
)
