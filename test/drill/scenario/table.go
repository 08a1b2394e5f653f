package scenario

import "time"

// How long a drill waits at most. What the platform promises is a bound, and judged; these are only when it stops waiting.
const (
	calmTime   = 6 * time.Minute  // a heartbeat, three good checks and the controller's minute
	moveTime   = 12 * time.Minute // twice an application that is lost, the longest of the controller's rules
	serveTime  = 6 * time.Minute  // checks, TTL and a client's own retries
	healedTime = 10 * time.Minute // the old writer is made anew before it can be failed back to
	before     = 30 * time.Second // of load before the fault, at least
	after      = 15 * time.Second // of load once something has moved
)

// spread is the period of the controller, which is longer than the health checks'. A drill begins when the controller has said
// that all is well, so without it every fault would come at the same moment of that period.
const spread = time.Minute

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
	begin = []Step{{Do: Await, Until: Calm, For: calmTime}, {Do: Steady, For: before, Spread: spread}}
	home  = []Step{
		{Do: Steady, For: after},
		{Do: Heal},
		{Do: Operate, Command: []string{"failback"}, For: healedTime},
		{Do: Await, Until: WriterPrimary, For: moveTime},
		{Do: Await, Until: ServedPrimary, For: serveTime},
		{Do: Steady, For: after},
	}
	stay = []Step{
		{Do: Heal},
		{Do: Await, Until: ServedPrimary, For: serveTime},
		{Do: Steady, For: after},
		{Do: Await, Until: InStep, For: healedTime},
	}
)

func steps(parts ...[]Step) []Step {
	var all []Step
	for _, part := range parts {
		all = append(all, part...)
	}
	return all
}

// lost are the steps of a loss after which the controller moves the writer and Route 53 the users.
func lost(kind Kind) []Step {
	return steps(begin, []Step{
		{Do: Fault, Kind: kind, On: Primary},
		{Do: Await, Until: ServedStandby, For: moveTime},
		{Do: Await, Until: WriterStandby, For: moveTime},
	}, home)
}

// blips are six losses of five seconds: too short for a minute without a good probe, and at such distances that no three
// checks thirty seconds apart meet one each.
func blips() []Step {
	const down = 5 * time.Second
	var all []Step
	for _, up := range [...]time.Duration{8, 16, 9, 19, 11, 10} {
		all = append(all, Step{Do: Blip, Kind: Unreachable, On: Primary, For: down}, Step{Do: Steady, For: up * time.Second})
	}
	return all
}

// All returns all scenarios.
func All() []Scenario {
	// withoutStandby is longer than any rule by which something could move.
	const withoutStandby = 4 * time.Minute
	nothingMoves := func(gap time.Duration) Bounds { return Bounds{Gap: gap, Loss: NoLoss} }
	return []Scenario{
		{
			Name: "region-lost", What: "The primary region is lost with all that is in it.", Fault: Unreachable, On: Primary,
			Steps:  lost(Unreachable),
			Bounds: Bounds{Moves: true, Action: "failover", By: "controller", FirstGood: regionBound, From: Standby, Users: true, Loss: UnreplicatedLoss},
		},
		{
			Name: "app-lost", What: "The application fails in the primary region; the database lives.", Fault: AppDown, On: Primary,
			Steps:  lost(AppDown),
			Bounds: Bounds{Moves: true, Action: "switchover", By: "controller", FirstGood: appBound, From: Standby, Users: true, Loss: NoLoss},
		},
		{
			Name: "database-lost", What: "The primary region's database is lost; the application lives.", Fault: DBDown, On: Primary,
			Steps:  lost(DBDown),
			Bounds: Bounds{Moves: true, Action: "failover", By: "controller", FirstGood: databaseBound, Users: true, Loss: UnreplicatedLoss},
		},
		{
			Name: "planned-switchover", What: "An operator moves the writer to the standby region and back.",
			Steps: steps(begin, []Step{
				{Do: Operate, Command: []string{"switchover"}, For: moveTime},
				{Do: Await, Until: WriterStandby, For: moveTime},
				{Do: Await, Until: ServedStandby, For: serveTime},
			}, home),
			Bounds: Bounds{Moves: true, Action: "switchover", By: "operator", FirstGood: switchoverBound, Users: true, Loss: NoLoss},
		},
		{
			Name:  "split",
			What:  "Nothing passes between the regions, each of which answers its users. The controller must not move the writer on that; an operator then fails over by force.",
			Fault: Split, On: Primary,
			Steps: steps(begin, []Step{
				{Do: Fault, Kind: Split, On: Primary},
				{Do: Await, Until: Advised, For: moveTime},
				{Do: Operate, Command: []string{"failover", "--allow-data-loss", "--force"}, For: moveTime},
				{Do: Await, Until: WriterStandby, For: moveTime},
				{Do: Await, Until: ServedStandby, For: serveTime},
			}, home),
			Bounds: Bounds{Moves: true, Action: "failover", By: "operator", FirstGood: splitBound, Users: true, Loss: UnreplicatedLoss},
		},
		{
			Name: "flap", What: "The primary region is gone for five seconds, six times.", Fault: Unreachable, On: Primary,
			Steps: steps(begin, blips(), stay), Bounds: nothingMoves(30 * time.Second),
		},
		{
			Name: "standby-lost", What: "The standby region is lost.", Fault: Unreachable, On: Standby,
			Steps: steps(begin, []Step{
				{Do: Fault, Kind: Unreachable, On: Standby},
				{Do: Steady, For: withoutStandby},
			}, stay),
			Bounds: nothingMoves(10 * time.Second),
		},
	}
}
