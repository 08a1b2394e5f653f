// Package globaldb models an Aurora global database: its members, the writer, a move in progress, and whether a member could
// take over.
package globaldb

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Global is a global database, as RDS in one region describes it.
type Global struct {
	// Status is the global cluster's, such as available.
	Status string
	// EngineVersion is the writer's.
	EngineVersion string
	// Moving says that a switchover or failover is in progress. MovingTo is the ARN of the target cluster where RDS reports it.
	Moving   bool
	MovingTo string
	Members  []Member
}

// Member is a DB cluster of the global database.
type Member struct {
	ARN    string
	Writer bool
	// Connected says that a secondary replicates from the writer.
	Connected bool
}

// Region returns the region of the member's ARN, arn:PARTITION:rds:REGION:ACCOUNT:cluster:NAME (IAM User Guide, "Amazon
// Resource Names"), nothing when it is no ARN.
func (m Member) Region() string { return arnPart(m.ARN, 3) }

// Identifier returns the name of the member's cluster.
func (m Member) Identifier() string { return arnPart(m.ARN, 6) }

func arnPart(arn string, index int) string {
	if parts := strings.Split(arn, ":"); len(parts) == 7 {
		return parts[index]
	}
	return ""
}

// Writer returns the member with the writer, false when RDS names none or more than one.
func (g Global) Writer() (Member, bool) {
	first := slices.IndexFunc(g.Members, func(m Member) bool { return m.Writer })
	if first < 0 || slices.ContainsFunc(g.Members[first+1:], func(m Member) bool { return m.Writer }) {
		return Member{}, false
	}
	return g.Members[first], true
}

// WriterIs reports whether the cluster has the writer and no move is in progress.
func (g Global) WriterIs(arn string) bool {
	writer, known := g.Writer()
	return known && !g.Moving && writer.ARN == arn
}

// Member returns the member with the ARN.
func (g Global) Member(arn string) (Member, bool) {
	return g.find(func(m Member) bool { return m.ARN == arn })
}

// MemberIn returns the member in the region.
func (g Global) MemberIn(region string) (Member, bool) {
	return g.find(func(m Member) bool { return m.Region() == region })
}

func (g Global) find(is func(Member) bool) (Member, bool) {
	if i := slices.IndexFunc(g.Members, is); i >= 0 {
		return g.Members[i], true
	}
	return Member{}, false
}

// Cluster is a DB cluster, as RDS in its region describes it.
type Cluster struct {
	Identifier    string
	Status        string
	EngineVersion string
	Instances     []Instance
	// MaxCapacity is what each instance scales to, in Aurora capacity units; 0 where instances have a fixed class.
	MaxCapacity float64
}

// Instance is a DB instance of a cluster.
type Instance struct{ Identifier, Status string }

// serving are the statuses in which a DB cluster and a DB instance serve. AWS: Amazon Aurora User Guide, "Viewing DB cluster
// status" and "Viewing DB instance status". What is being modified, upgraded or moved is left out: it may end in a restart.
var serving = []string{"available", "backing-up"}

// Faults returns why RDS could not make the cluster the writer; empty when it could. RDS needs an instance in it ("headless"
// clusters have none) and the writer's engine version, which is version. AWS: Amazon Aurora User Guide, "Using switchover or
// failover in Amazon Aurora Global Database".
func (c Cluster) Faults(version string) []string {
	var faults []string
	if !slices.Contains(serving, c.Status) {
		faults = append(faults, fmt.Sprintf("DB cluster %s is %s", c.Identifier, c.Status))
	}
	if !slices.ContainsFunc(c.Instances, func(i Instance) bool { return slices.Contains(serving, i.Status) }) {
		var have []string
		for _, one := range c.Instances {
			have = append(have, one.Identifier+" is "+one.Status)
		}
		faults = append(
			faults,
			fmt.Sprintf("DB cluster %s has no instance that is available (%s)", c.Identifier, orNone(strings.Join(have, ", "))),
		)
	}
	if c.EngineVersion != version {
		faults = append(faults, fmt.Sprintf("DB cluster %s has engine version %s, the writer %s", c.Identifier, c.EngineVersion, version))
	}
	return faults
}

func orNone(list string) string {
	if list == "" {
		return "it has none"
	}
	return list
}

// Refusal is the error of a call that RDS declined: nothing has changed.
type Refusal struct{ Code, Message string }

// Error returns RDS's message and its error code.
func (r Refusal) Error() string { return "RDS refuses: " + r.Message + " (" + r.Code + ")" }

// ErrNotFound says that RDS knows no cluster, or global database, of that name.
var ErrNotFound = errors.New("RDS has none of this name")
