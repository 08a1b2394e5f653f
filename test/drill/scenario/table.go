package scenario

import "time"

// How long a drill waits at most. What the platform promises is a bound, and judged; these are only when it stops waiting.
const (
	healthyTimeout  = 6 * time.Minute  // a heartbeat, three good checks and the controller's minute
	moveTimeout     = 12 * time.Minute // twice an application that is lost, the longest of the controller's rules
	serveTimeout    = 6 * time.Minute  // checks, TTL and a client's own retries
	rebuildTimeout  = 10 * time.Minute // the old writer is made anew before it can be failed back to
	loadBeforeFault = 30 * time.Second // of load before the fault, at least
	loadAfterMove   = 15 * time.Second // of load once something has moved
)

// spread is the period of the controller, which is longer than the health checks'. A drill begins when the controller has said
// that all is well, so without it every fault would come at the same moment of that period.
const faultJitter = time.Minute

// Bounds on the first good write.
const (
	// regionBound: of a region that is lost, from the fault on. Route 53 takes 150 s of it, and up to 30 s to its first check.
	regionBound = 180 * time.Second
	// switchoverBound: of a planned switchover, from the command on.
	switchoverBound = 60 * time.Second
	// appBound: the writer stays where it is, and users wait for Route 53 alone: its floor, 30 s to the first check, and a try.
	appBound = 210 * time.Second
	// databaseBound: replication counts as stopped after 3 min, the controller looks each minute, and RDS promotes.
	databaseBound = 330 * time.Second
	// splitBound: as a region that is lost, counted from the operator's command.
	splitBound = 210 * time.Second
)

// begin and end are of every scenario.
var (
	preparation   = []Step{{Do: Await, Until: AllHealthy, For: healthyTimeout}, {Do: Load, For: loadBeforeFault, Jitter: faultJitter}}
	failbackSteps = []Step{
		{Do: Load, For: loadAfterMove},
		{Do: Heal},
		{Do: Operate, Command: []string{"failback"}, For: rebuildTimeout},
		{Do: Await, Until: WriterPrimary, For: moveTimeout},
		{Do: Await, Until: ServedPrimary, For: serveTimeout},
		{Do: Load, For: loadAfterMove},
	}
	recoverySteps = []Step{
		{Do: Heal},
		{Do: Await, Until: ServedPrimary, For: serveTimeout},
		{Do: Load, For: loadAfterMove},
		{Do: Await, Until: ReplicaCaughtUp, For: rebuildTimeout},
	}
)

func concat(parts ...[]Step) []Step {
	var all []Step
	for _, part := range parts {
		all = append(all, part...)
	}
	return all
}

// lost are the steps of a loss after which the controller moves the writer and Route 53 the users.
func failoverSteps(kind Kind) []Step {
	return concat(preparation, []Step{
		{Do: Fault, Kind: kind, Role: Primary},
		{Do: Await, Until: ServedStandby, For: moveTimeout},
		{Do: Await, Until: WriterStandby, For: moveTimeout},
	}, failbackSteps)
}

// blips are six losses of five seconds: too short for a minute without a good probe, and at such distances that no three
// checks thirty seconds apart meet one each.
func flapSteps() []Step {
	const down = 5 * time.Second
	var all []Step
	for _, up := range [...]time.Duration{8, 16, 9, 19, 11, 10} {
		all = append(all, Step{Do: Blip, Kind: Unreachable, Role: Primary, For: down}, Step{Do: Load, For: up * time.Second})
	}
	return all
}

// All returns all scenarios.
func All() []Scenario {
	// withoutStandby is longer than any rule by which something could move.
	const withoutStandby = 4 * time.Minute
	nothingMoves := func(maxOutage time.Duration) Expectations {
		return Expectations{MaxOutage: maxOutage, AllowedLoss: NoLoss}
	}
	return []Scenario{
		{
			Name: "region-lost", Summary: "The primary region is lost with all that is in it.", Fault: Unreachable, FaultRole: Primary,
			Steps:        failoverSteps(Unreachable),
			Expectations: Expectations{WriterMoves: true, Action: "failover", MovedBy: "controller", FirstGoodWithin: regionBound, ServedBy: Standby, UsersMove: true, AllowedLoss: UnreplicatedLoss},
		},
		{
			Name: "app-lost", Summary: "The application fails in the primary region; the database lives.", Fault: AppDown, FaultRole: Primary,
			Steps:        failoverSteps(AppDown),
			Expectations: Expectations{WriterMoves: true, Action: "switchover", MovedBy: "controller", FirstGoodWithin: appBound, ServedBy: Standby, UsersMove: true, AllowedLoss: NoLoss},
		},
		{
			Name: "database-lost", Summary: "The primary region's database is lost; the application lives.", Fault: DBDown, FaultRole: Primary,
			Steps:        failoverSteps(DBDown),
			Expectations: Expectations{WriterMoves: true, Action: "failover", MovedBy: "controller", FirstGoodWithin: databaseBound, UsersMove: true, AllowedLoss: UnreplicatedLoss},
		},
		{
			Name: "planned-switchover", Summary: "An operator moves the writer to the standby region and back.",
			Steps: concat(preparation, []Step{
				{Do: Operate, Command: []string{"switchover"}, For: moveTimeout},
				{Do: Await, Until: WriterStandby, For: moveTimeout},
				{Do: Await, Until: ServedStandby, For: serveTimeout},
			}, failbackSteps),
			Expectations: Expectations{WriterMoves: true, Action: "switchover", MovedBy: "operator", FirstGoodWithin: switchoverBound, UsersMove: true, AllowedLoss: NoLoss},
		},
		{
			Name:    "split",
			Summary: "Nothing passes between the regions, each of which answers its users. The controller must not move the writer on that; an operator then fails over by force.",
			Fault:   Split, FaultRole: Primary,
			Steps: concat(preparation, []Step{
				{Do: Fault, Kind: Split, Role: Primary},
				{Do: Await, Until: Advised, For: moveTimeout},
				{Do: Operate, Command: []string{"failover", "--allow-data-loss", "--force"}, For: moveTimeout},
				{Do: Await, Until: WriterStandby, For: moveTimeout},
				{Do: Await, Until: ServedStandby, For: serveTimeout},
			}, failbackSteps),
			Expectations: Expectations{WriterMoves: true, Action: "failover", MovedBy: "operator", FirstGoodWithin: splitBound, UsersMove: true, AllowedLoss: UnreplicatedLoss},
		},
		{
			Name: "flap", Summary: "The primary region is gone for five seconds, six times.", Fault: Unreachable, FaultRole: Primary,
			Steps: concat(preparation, flapSteps(), recoverySteps), Expectations: nothingMoves(30 * time.Second),
		},
		{
			Name: "standby-lost", Summary: "The standby region is lost.", Fault: Unreachable, FaultRole: Standby,
			Steps: concat(preparation, []Step{
				{Do: Fault, Kind: Unreachable, Role: Standby},
				{Do: Load, For: withoutStandby},
			}, recoverySteps),
			Expectations: nothingMoves(10 * time.Second),
		},
	}
}
