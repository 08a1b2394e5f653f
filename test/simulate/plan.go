package simulate

import "time"

// Plan is everything that a seed decides beforehand.
type Plan struct {
	Seed uint64
	// Cause names what happens, for the report.
	Cause  string
	Length time.Duration
	Faults []Fault
	// Right is the right answer; Due is when it must have been given, counted from the first fault.
	Right Answer
	Due   time.Duration

	// Automatic says that the mode is automatic.
	Automatic bool
	// RPOSetting is rds.global_db_rpo, zero when it is off.
	RPOSetting time.Duration
	// Promotion is how long RDS takes for a failover, Switching for a switchover.
	Promotion, Switching time.Duration
	// Visible is how long an accepted move does not show.
	Visible time.Duration
	// MetricsLate is how long after its minute began a measurement shows.
	MetricsLate time.Duration
	// MissingWhenCut says that CloudWatch has no measurement while the regions are cut from each other.
	MissingWhenCut bool
	// Offset is when in its minute a schedule starts the controller, Jitter by how much that varies.
	Offset, Jitter time.Duration
	// HeartbeatLate is the same of the heartbeat.
	HeartbeatLate time.Duration
	Lag           time.Duration

	// Doubles is the share of invocations that come twice.
	Doubles float64
	Kills   []Kill
	// Cancels is how many accepted moves RDS leaves undone, Refusals how many requests it refuses, LostRequests and
	// LostAnswers how many do not reach it, or whose answers do not come back.
	Cancels, Refusals, LostRequests, LostAnswers int
	// LostPublishes is the share of notices that are accepted without an answer.
	LostPublishes float64
	// Slow is the share of calls that take seconds.
	Slow float64
	// Skew is by how much clocks differ.
	Skew time.Duration
}

// Answer is what the controller must do.
type Answer uint8

// The answers.
const (
	// Anything: the specification alone judges.
	Anything Answer = iota
	// Nothing moves.
	Nothing
	// FailsOver and SwitchesOver move the writer.
	FailsOver
	SwitchesOver
	// LosesNothing: no failover; a switchover is as good as none.
	LosesNothing
)

var answerNames = [...]string{"anything", "nothing moves", "a failover", "a switchover", "nothing is lost"}

// String returns the name of the answer, as reports have it.
func (a Answer) String() string { return answerNames[a] }

// Kill kills the run that makes a call, the nth of its name, before or after its effect.
type Kill struct {
	Call  string
	Nth   int
	After bool
}

// scenario is one row of the table of what can happen.
type scenario struct {
	cause  string
	weight int
	right  Answer
	due    time.Duration
	faults generator
}

// generator returns the faults of a seed, which begin at from; the simulation ends at end.
type generator func(d *dice, from, end time.Duration) []Fault

// lasting returns a fault that lasts to the end.
func lasting(kind Kind) generator {
	return func(_ *dice, from, end time.Duration) []Fault { return []Fault{{kind, from, end, 0}} }
}

// partly returns a fault that hits a part that the seed chooses.
func partly(kind Kind, low, high float64) generator {
	return func(d *dice, from, end time.Duration) []Fault {
		return []Fault{{kind, from, end, low + d.float()*(high-low)}}
	}
}

// passing returns a fault that ends after a while.
func passing(kind Kind, low, high time.Duration) generator {
	return func(d *dice, from, _ time.Duration) []Fault {
		return []Fault{{kind, from, from + d.between(low, high), 0}}
	}
}

// The times by which a right answer must have been given. A region that is lost: a schedule a minute late, a minute of failed
// probes, Route 53's 90 s and what the name servers take, a heartbeat that is 150 s old.
const (
	regionDue      = 6 * time.Minute
	databaseDue    = 8 * time.Minute
	applicationDue = 9 * time.Minute
)

// scenarios is what can happen, each once in so many seeds as its weight says.
var scenarios = []scenario{
	{"nothing", 3, Nothing, 0, func(*dice, time.Duration, time.Duration) []Fault { return nil }},
	{"region lost", 20, FailsOver, regionDue, lasting(RegionLost)},
	{"region lost for a while", 8, Anything, 0, passing(RegionLost, time.Minute, 8*time.Minute)},
	{"database lost", 12, FailsOver, databaseDue, lasting(DatabaseLost)},
	{"database lost for a while", 6, Anything, 0, passing(DatabaseLost, time.Minute, 8*time.Minute)},
	{"application lost", 10, SwitchesOver, applicationDue, lasting(ApplicationLost)},
	{"application lost for a while", 4, LosesNothing, 0, passing(ApplicationLost, time.Minute, 7*time.Minute)},
	{"standby isolated", 10, Nothing, 0, func(d *dice, from, end time.Duration) []Fault {
		return []Fault{{CutRegions, from, min(end, from+d.between(6*time.Minute, 20*time.Minute)), 0}}
	}},
	{"controller's way out lost", 5, LosesNothing, 0, partly(CutWestInternet, 0.2, 0.8)},
	{"replication stalled", 7, Nothing, 0, lasting(ReplicationStalled)},
	{"saturated", 6, Nothing, 0, lasting(Saturated)},
	{"gray: errors", 6, LosesNothing, 0, partly(GrayErrors, 0.1, 0.9)},
	{"gray: slow", 5, LosesNothing, 0, partly(GraySlow, 0.1, 0.9)},
	{"flap", 5, Nothing, 0, func(d *dice, from, end time.Duration) (all []Fault) {
		for len(all) < 6 && from < end {
			to := from + d.between(time.Second, 40*time.Second)
			all, from = append(all, Fault{RegionLost, from, to, 0}), to+d.between(time.Minute, 3*time.Minute)
		}
		return all
	}},
	{"standby's application lost", 3, Nothing, 0, lasting(StandbyLost)},
	{"standby region lost", 2, Nothing, 0, passing(WestLost, 4*time.Minute, 15*time.Minute)},
	{"users cut from east", 3, Nothing, 0, lasting(CutUsersEast)},
	{"users cut from west", 2, Nothing, 0, lasting(CutUsersWest)},
	{"checkers cut from east", 4, Nothing, 0, partly(CutCheckersEast, 0.5, 1)},
	{"checkers cut from west", 2, Nothing, 0, partly(CutCheckersWest, 0.5, 1)},
	{"users cut from name servers", 2, Nothing, 0, lasting(CutUsersCheckers)},
	{"heartbeat lost", 3, Nothing, 0, lasting(HeartbeatLost)},
	{"metrics blind", 3, Nothing, 0, lasting(MetricsBlind)},
	{"replication stalled, then region lost", 4, Anything, 0, func(d *dice, from, end time.Duration) []Fault {
		return []Fault{{ReplicationStalled, from, end, 0}, {RegionLost, from + d.between(2*time.Minute, 20*time.Minute), end, 0}}
	}},
	{"region lost, then the standby's application", 4, Anything, 0, func(d *dice, from, end time.Duration) []Fault {
		return []Fault{{RegionLost, from, end, 0}, {StandbyLost, from + d.between(time.Minute, 4*time.Minute), end, 0}}
	}},
	{"region lost twice", 5, Anything, 0, func(d *dice, from, end time.Duration) []Fault {
		back := from + d.between(4*time.Minute, 9*time.Minute)
		return []Fault{{RegionLost, from, back, 0}, {RegionLost, back + d.between(2*time.Minute, 5*time.Minute), end, 0}}
	}},
	{"two causes", 12, Anything, 0, func(d *dice, from, end time.Duration) (all []Fault) {
		for range 2 {
			from := from + d.between(0, 4*time.Minute)
			all = append(all, Fault{Kind(d.intN(int(kinds))), from, min(end, from+d.between(time.Minute, 20*time.Minute)), 0.2 + 0.8*d.float()})
		}
		return all
	}},
}

// services can be lost beside whatever else happens.
var services = []Kind{TableLost, TopicLost, RDSLost, CloudWatchLost, ParameterLost, NameServersLost, SchedulerLost}

// killable are the calls at which runs are killed, and the first of them that are of interest.
var killable = []struct {
	call string
	most int
}{
	{"RDS.Move", 2},
	{"RDS.Move", 1},
	{"DynamoDB.Save", 60},
	{"DynamoDB.Save", 20},
	{"DynamoDB.Load", 20},
	{"SNS.Publish", 4},
	{"RDS.Global", 60},
	{"Probe.primary", 60},
}

// NewPlan returns the plan of a seed.
func NewPlan(seed uint64, length time.Duration) *Plan {
	d := draw(seed, 0)
	p := &Plan{
		Seed: seed, Length: length, Automatic: true, RPOSetting: 10 * time.Minute,
		// "In the order of minutes" (Amazon Aurora User Guide, "Using switchover or failover in Amazon Aurora Global Database").
		Promotion: d.between(time.Minute, 8*time.Minute), Switching: d.between(30*time.Second, 3*time.Minute),
		Visible:     d.between(0, 20*time.Second),
		MetricsLate: d.between(time.Minute, 3*time.Minute), MissingWhenCut: d.chance(0.3),
		// A schedule starts its target within 60 s (Amazon EventBridge Scheduler User Guide, "Schedule types").
		Offset: d.between(0, 50*time.Second), Jitter: d.between(0, 10*time.Second), HeartbeatLate: d.between(time.Second, time.Minute),
		Lag: d.between(50*time.Millisecond, 2*time.Second),
	}
	weights := 0
	for _, s := range scenarios {
		weights += s.weight
	}
	at := d.intN(weights)
	var chosen scenario
	for _, chosen = range scenarios {
		if at -= chosen.weight; at < 0 {
			break
		}
	}
	from := d.between(90*time.Second, 4*time.Minute)
	p.Cause, p.Right, p.Due, p.Faults = chosen.cause, chosen.right, chosen.due, chosen.faults(&d, from, length)
	if chosen.cause == "region lost twice" {
		p.Cancels = d.intN(2) // a second loss is the controller's where the first left the writer in us-east-1
	}
	if d.chance(0.5) {
		p.disturb(&d)
	}
	return p
}

// disturb adds what makes every scenario harder. A right answer is then not due any more, and what must not move still must not.
func (p *Plan) disturb(d *dice) {
	undisturbed := *p
	if d.chance(0.3) {
		p.Jitter = time.Minute
	}
	if d.chance(0.25) {
		p.Doubles = 0.05 + 0.4*d.float()
	}
	for range d.intN(3) {
		k := killable[d.intN(len(killable))]
		p.Kills = append(p.Kills, Kill{k.call, 1 + d.intN(k.most), d.chance(0.5)})
	}
	if d.chance(0.1) {
		p.Cancels = 1
	}
	if d.chance(0.1) {
		p.Refusals = 1 + d.intN(3)
	}
	if d.chance(0.15) {
		p.LostRequests = 1
	}
	if d.chance(0.25) {
		p.LostAnswers = 1 + d.intN(2)
	}
	if d.chance(0.1) {
		p.LostPublishes = 0.2
	}
	if d.chance(0.15) {
		p.Slow = 0.2 * d.float()
	}
	if d.chance(0.15) {
		p.Skew = d.between(0, 2*time.Second)
	}
	if d.chance(0.1) {
		p.Visible = d.between(20*time.Second, 90*time.Second)
	}
	p.Automatic = !d.chance(0.05)
	if d.chance(0.2) {
		p.RPOSetting = 0
	}
	for _, service := range services {
		if d.chance(0.06) {
			from := d.between(30*time.Second, p.Length-5*time.Minute)
			p.Faults = append(p.Faults, Fault{service, from, from + d.between(30*time.Second, 10*time.Minute), 0})
		}
	}
	if p.Right == FailsOver || p.Right == SwitchesOver {
		p.Right, p.Due = Anything, 0
		if undisturbed.Right == SwitchesOver && len(p.Faults) == len(undisturbed.Faults) {
			p.Right = LosesNothing
		}
	} else if len(p.Faults) > len(undisturbed.Faults) {
		p.Right = Anything // a second cause
	}
}
