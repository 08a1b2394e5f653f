package simulate

import "time"

// Kind is a kind of fault.
type Kind uint8

// The faults. Each is one cause, which nothing else of the world brings about.
const (
	// RegionLost: nothing of us-east-1 answers anybody, and its database stops.
	RegionLost Kind = iota
	// DatabaseLost: the primary's database is gone, its application answers.
	DatabaseLost
	// ApplicationLost: the primary's application is gone, its database lives.
	ApplicationLost
	// ReplicationStalled: nothing is replicated, everything else works.
	ReplicationStalled
	// Saturated: no new connection to the primary's database has a slot.
	Saturated
	// GrayErrors: a part of the requests to the primary's application fails.
	GrayErrors
	// GraySlow: a part of them takes longer than a probe waits.
	GraySlow
	// CutRegions: nothing passes between the regions. Users and Route 53's checkers reach both.
	CutRegions
	// CutWestInternet: the controller reaches nothing outside of AWS's APIs in its region: neither the primary's application
	// nor, in Part of the seeds, the zone's name servers.
	CutWestInternet
	// CutUsersEast and the following cut pairs of {users, checkers, east, west}; of checkers, Part of them.
	CutUsersEast
	CutUsersWest
	CutCheckersEast
	CutCheckersWest
	// CutUsersCheckers: users do not reach Route 53's name servers.
	CutUsersCheckers
	// StandbyLost: the standby's application is gone.
	StandbyLost
	// WestLost: nothing of us-west-2 runs or answers, the controller included.
	WestLost
	// Single services that are lost.
	TableLost
	TopicLost
	RDSLost
	CloudWatchLost
	ParameterLost
	NameServersLost
	SchedulerLost
	HeartbeatLost
	// MetricsBlind: CloudWatch answers, and has no new measurement.
	MetricsBlind

	kinds
)

var kindNames = [kinds]string{
	"region lost", "database lost", "application lost", "replication stalled", "saturated", "gray: errors", "gray: slow",
	"cut: regions", "cut: controller from the internet", "cut: users from east", "cut: users from west", "cut: checkers from east",
	"cut: checkers from west", "cut: users from name servers", "standby's application lost", "standby region lost",
	"service lost: DynamoDB", "service lost: SNS", "service lost: RDS", "service lost: CloudWatch", "service lost: Parameter Store",
	"service lost: name servers", "service lost: scheduler in west", "service lost: scheduler in east", "metrics blind",
}

// String returns the name of the kind, as reports have it.
func (k Kind) String() string { return kindNames[k] }

// Fault is a fault and its time, from the beginning of the simulation.
type Fault struct {
	Kind     Kind
	From, To time.Duration
	// Part is how many of the requests, or of the checkers, it hits, from 0 to 1.
	Part float64
}

// active returns the fault of a kind that is present, nil when there is none.
func (w *World) active(k Kind) *Fault {
	if w.present&(1<<k) == 0 {
		return nil
	}
	for i := range w.plan.Faults {
		if f := &w.plan.Faults[i]; f.Kind == k && f.From <= w.now && w.now < f.To {
			return f
		}
	}
	return nil
}

// is says whether a fault of a kind is present.
func (w *World) is(k Kind) bool { return w.present&(1<<k) != 0 }

// refresh finds the faults that are present now.
func (w *World) refresh() {
	w.present = 0
	for _, f := range w.plan.Faults {
		if f.From <= w.now && w.now < f.To {
			w.present |= 1 << f.Kind
		}
	}
}

// hits says whether a fault of a kind is present and hits a request.
func (w *World) hits(k Kind, request ...uint64) bool {
	f := w.active(k)
	if f == nil {
		return false
	}
	d := draw(w.plan.Seed, append(request, uint64(k))...)
	return f.Part == 0 || d.chance(f.Part)
}

// causes returns how many faults are present, and whether one has taken the primary's database, now or a moment ago.
func (w *World) causes() (count int, primaryLost bool) {
	for _, f := range w.plan.Faults {
		if f.From > w.now || w.now >= f.To+detection {
			continue
		}
		count++
		primaryLost = primaryLost || f.Kind == RegionLost || f.Kind == DatabaseLost
	}
	return count, primaryLost
}

// detection is how long Route 53 needs to see that an endpoint is healthy again: three checks 30 s apart and what its name servers
// take. A move that was decided until then was right when it was decided.
const detection = 2 * time.Minute
