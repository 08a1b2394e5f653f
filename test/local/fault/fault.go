// Package fault is what can be wrong with a region of the embedded AWS, and a list of what is, kept in a file.
//
// The list is all that it knows: the gateway (API calls and load balancers), the servers of DB clusters and the emulator's
// launcher (functions, events between regions) each do to their part what a fault says.
package fault

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Kind is a way in which a region fails.
type Kind string

const (
	// Unreachable: nothing reaches the region and nothing leaves it, and nobody says so. Calls, load balancers and databases
	// hang; events to and from it wait, as does replication; its functions do not run. Services with one control plane for
	// all regions (IAM, Route 53, the global endpoint of STS) are signed for us-east-1, where that control plane is, and are
	// lost with it. AWS: AWS Fault Isolation Boundaries, "Global services".
	Unreachable Kind = "unreachable"
	// Slow: API calls and load balancers answer after a delay.
	Slow Kind = "slow"
	// Throttled: every API call is refused as one too many.
	Throttled Kind = "throttled"
	// AppDown: load balancers answer as if their targets failed.
	AppDown Kind = "app-down"
	// DBDown: the servers of DB clusters are down; what follows them gets nothing.
	DBDown Kind = "db-down"
	// Split: nothing passes between the region and the others, and each answers its users: events wait, as does replication.
	// The writer's endpoint has one address for the clients of all regions and stays reachable from each.
	Split Kind = "split"
	// Denied: one action of the API is refused to everybody, as an organisation's policy would. AWS: AWS Organizations User
	// Guide, "Service control policies (SCPs)".
	Denied Kind = "denied"
)

// Kinds are all kinds.
var Kinds = []Kind{Unreachable, Slow, Throttled, AppDown, DBDown, Split, Denied}

// DefaultDelay is Slow's delay where none is given: longer than the timeouts by which clients give up on a health check
// (2 s for Route 53 once it is connected; AWS: Amazon Route 53 Developer Guide, "How Route 53 determines whether a health
// check is healthy").
const DefaultDelay = 3 * time.Second

// Fault is something wrong with a region.
type Fault struct {
	Region string        `json:"region"`
	Kind   Kind          `json:"kind"`
	Delay  time.Duration `json:"delay,omitempty"`  // of Slow, in nanoseconds
	Action string        `json:"action,omitempty"` // of Denied, as IAM names it: rds:CreateDBInstance
	Since  time.Time     `json:"since"`
}

// String describes the fault in some words.
func (f Fault) String() string {
	switch f.Kind {
	case Slow:
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

// Deny returns a fault of kind Denied that begins now. Only actions of services whose requests name them, by the query and the
// JSON protocols, are ever refused: EC2, RDS, IAM, ELB, SNS, SQS, SSM, KMS, EventBridge, …, but not S3, Lambda or Route 53.
func Deny(region, action string) (Fault, error) {
	switch {
	case !regionPattern.MatchString(region):
		return Fault{}, fmt.Errorf("%q is no region: name one, as us-east-1", region)
	case !actionPattern.MatchString(action):
		return Fault{}, fmt.Errorf("%q is no action: name one, as rds:CreateDBInstance", action)
	}
	return Fault{Region: region, Kind: Denied, Action: action, Since: now()}, nil
}

func now() time.Time { return time.Now().UTC().Truncate(time.Second) }

// New returns a fault that begins now, of any kind but Denied, which [Deny] makes. A delay is for Slow only, which has
// DefaultDelay when it is 0.
func New(region string, kind Kind, delay time.Duration) (Fault, error) {
	switch {
	case !regionPattern.MatchString(region):
		return Fault{}, fmt.Errorf("%q is no region: name one, as us-east-1", region)
	case !slices.Contains(Kinds, kind):
		return Fault{}, fmt.Errorf("%q is no kind of fault: allowed are %s", kind, names())
	case kind == Denied:
		return Fault{}, fmt.Errorf("kind %s wants the action that is denied, as rds:CreateDBInstance", Denied)
	case delay < 0:
		return Fault{}, fmt.Errorf("a delay of %s is none", delay)
	case kind != Slow && delay != 0:
		return Fault{}, fmt.Errorf("a delay is for kind %s, not %s", Slow, kind)
	case kind == Slow && delay == 0:
		delay = DefaultDelay
	}
	return Fault{Region: region, Kind: kind, Delay: delay, Since: now()}, nil
}

func names() string {
	var all []string
	for _, kind := range Kinds {
		all = append(all, string(kind))
	}
	return strings.Join(all, ", ")
}
