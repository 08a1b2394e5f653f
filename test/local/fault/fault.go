// Package fault describes faults that are injected into a region of the local AWS emulator, and keeps the current ones in a
// file.
//
// It injects none itself: the gateway (API calls and load balancers), the database servers and the emulator's launcher
// (functions, events between regions) each read the faults and act on them.
package fault

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Kind is a kind of failure of a region. Its values are part of faults.json and of the command line, and must not change.
type Kind string

const (
	// Unreachable means that nothing reaches the region or leaves it, and no connection is refused. Calls, load balancers and databases
	// hang; events to and from it wait, as does replication; its functions do not run. Services with one control plane for all
	// regions (IAM, Route 53, the global endpoint of STS) are signed for us-east-1, where that control plane is, and are lost
	// with it. AWS: AWS Fault Isolation Boundaries, "Global services".
	Unreachable Kind = "unreachable"
	// Slow means that API calls and load balancers answer after a delay.
	Slow Kind = "slow"
	// Throttled means that every API call is refused with a throttling error.
	Throttled Kind = "throttled"
	// AppDown means that load balancers answer as if their targets failed (502).
	AppDown Kind = "app-down"
	// DBDown means that the database servers are down: connections are refused and standbys receive nothing.
	DBDown Kind = "db-down"
	// Split means that nothing passes between the region and the others, and each answers its users: events wait, as does replication.
	// The writer endpoint has one address for the clients of all regions and stays reachable from each.
	Split Kind = "split"
	// Isolated means that the region reaches no other, and no other reaches it: what Split cuts, and the requests of functions to other
	// regions, to their APIs and load balancers. Users, Route 53's checkers and its name servers are outside both regions: all of
	// them reach each region, and each region reaches name servers.
	Isolated Kind = "isolated"
	// ReplicationStalled means that no data passes between the region's databases and those of other regions. All else works.
	ReplicationStalled Kind = "replication-stalled"
	// Denied means that one API action is refused to every caller, as by an organisation's policy. AWS: AWS Organizations User Guide,
	// "Service control policies (SCPs)".
	Denied Kind = "denied"
	// BackupFailing means that every job of AWS Backup in the region ends without success.
	BackupFailing Kind = "backup-failing"
	// BackupSilent means that AWS Backup begins no job of a plan in the region, without an event: as after a plan's selection was
	// emptied or a type of resource opted out.
	BackupSilent Kind = "backup-silent"
	// FewExecutions means that Lambda grants the account ten executions at once in the region, as it does a new account, instead of a
	// thousand. AWS: AWS Lambda Developer Guide, "Lambda quotas".
	FewExecutions Kind = "few-executions"
	// Propagation means that EventBridge does not know a role yet that was made less than a delay ago. AWS: IAM User Guide,
	// "Troubleshoot IAM", changes that I make are not always immediately visible.
	Propagation Kind = "propagation"
)

// Kinds are all kinds.
var Kinds = []Kind{
	Unreachable, Slow, Throttled, AppDown, DBDown, Split, Isolated, ReplicationStalled, Denied, BackupFailing, BackupSilent, Propagation,
	FewExecutions,
}

// delayed are the kinds that have a delay.
var delayed = []Kind{Slow, Propagation}

// DefaultDelay is the delay where none is given: longer than the timeouts by which clients give up on a health check
// (2 s for Route 53 once it is connected; AWS: Amazon Route 53 Developer Guide, "How Route 53 determines whether a health
// check is healthy").
const DefaultDelay = 3 * time.Second

// Fault is one fault of a region.
type Fault struct {
	Region string        `json:"region"`
	Kind   Kind          `json:"kind"`
	Delay  time.Duration `json:"delay,omitempty"`  // of Slow and Propagation, in nanoseconds
	Action string        `json:"action,omitempty"` // of Denied, as IAM names it: rds:CreateDBInstance
	Since  time.Time     `json:"since"`
}

// String describes the fault in a few words.
func (f Fault) String() string {
	switch f.Kind {
	case Slow, Propagation:
		return fmt.Sprintf("%s %s by %s", f.Region, f.Kind, f.Delay)
	case Denied:
		return fmt.Sprintf("%s %s %s", f.Region, f.Kind, f.Action)
	}
	return f.Region + " " + string(f.Kind)
}

// regionPattern is the form of a region's name. AWS: AWS Regions reference, "Region codes".
var regionPattern = regexp.MustCompile(`^[a-z]{2}(-[a-z]+){1,2}-\d{1,2}$`)

// actionPattern is the form of an action's name. AWS: Service Authorization Reference, "Actions".
var actionPattern = regexp.MustCompile(`^[a-z0-9-]+:[A-Z][A-Za-z0-9]*$`)

// Deny returns a fault of kind Denied that begins now. It has an effect only on services whose requests name their action, by
// the query and JSON protocols: EC2, RDS, IAM, ELB, SNS, SQS, SSM, KMS, EventBridge, …, but not S3, Lambda or Route 53.
func Deny(region, action string) (Fault, error) {
	switch {
	case !regionPattern.MatchString(region):
		return Fault{}, fmt.Errorf("%q is no region: name one, as us-east-1", region)
	case !actionPattern.MatchString(action):
		return Fault{}, fmt.Errorf("%q is no action: name one, as rds:CreateDBInstance", action)
	}
	return Fault{Region: region, Kind: Denied, Action: action, Since: currentTime()}, nil
}

func currentTime() time.Time { return time.Now().UTC().Truncate(time.Second) }

// New returns a fault that begins now, of any kind but Denied, which [Deny] makes. A delay is allowed for Slow and Propagation
// only; 0 means DefaultDelay.
func New(region string, kind Kind, delay time.Duration) (Fault, error) {
	switch {
	case !regionPattern.MatchString(region):
		return Fault{}, fmt.Errorf("%q is no region: name one, as us-east-1", region)
	case !slices.Contains(Kinds, kind):
		return Fault{}, fmt.Errorf("%q is no kind of fault: allowed are %s", kind, kindList())
	case kind == Denied:
		return Fault{}, fmt.Errorf("kind %s wants the action that is denied, as rds:CreateDBInstance", Denied)
	case delay < 0:
		return Fault{}, fmt.Errorf("a delay of %s is none", delay)
	case !slices.Contains(delayed, kind) && delay != 0:
		return Fault{}, fmt.Errorf("a delay is for kinds %s and %s, not %s", Slow, Propagation, kind)
	case slices.Contains(delayed, kind) && delay == 0:
		delay = DefaultDelay
	}
	return Fault{Region: region, Kind: kind, Delay: delay, Since: currentTime()}, nil
}

func kindList() string {
	var all []string
	for _, kind := range Kinds {
		all = append(all, string(kind))
	}
	return strings.Join(all, ", ")
}
