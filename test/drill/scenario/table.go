package scenario

import "time"

// The longest waits of a drill. They end a wait in vain; the bounds that the platform is judged by stand in Expectations.
const (
	healthyTimeout   = 6 * time.Minute  // a heartbeat, three good health checks and the controller's period
	moveTimeout      = 12 * time.Minute // twice the longest of the controller's rules, that of a lost application
	serveTimeout     = 6 * time.Minute  // health checks, TTL and the client's retries
	rebuildTimeout   = 10 * time.Minute // the old writer is rebuilt before a failback
	reconcileTimeout = 10 * time.Minute // the snapshot is restored to a cluster of its own, which RDS takes minutes for
	loadBeforeFault  = 30 * time.Second // of load before the fault, at least
	loadAfterMove    = 15 * time.Second // of load after a move
	noticeTimeout    = 2 * time.Minute  // alarms are evaluated each minute, and a topic delivers within seconds
	pauseTimeout     = 17 * time.Minute // the largest rpoSeconds, 15 min, and what a client takes to see that nothing is acknowledged
)

// faultJitter is the controller's period, which is longer than that of the health checks. A drill begins when the controller
// has found the platform healthy, so without jitter every fault would come at the same moment of that period.
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
	// adviceBound: of commits that wait, from the first that does on: two invocations of the controller.
	adviceBound = 2 * time.Minute
	// pauseBound: commits wait until the drill heals, which it does at the advice; then the standby catches up, and clients try again.
	pauseBound = adviceBound + 90*time.Second
)

// The steps that scenarios have in common.
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
	// reconcileSteps end a scenario in which data are given up, after the failback. The load goes on: nothing newer may be overwritten.
	reconcileSteps = []Step{
		{Do: Reconcile, For: reconcileTimeout},
		{Do: Load, For: loadAfterMove},
	}
	recoverySteps = []Step{
		{Do: Heal},
		{Do: Await, Until: ServedPrimary, For: serveTimeout},
		{Do: Load, For: loadAfterMove},
		{Do: Await, Until: ReplicaCaughtUp, For: rebuildTimeout},
	}
)

// backupSteps are a fault of AWS Backup in the primary region, on its calendar: a good day, some time with the fault until the
// operators are notified, and another good day.
func backupSteps(kind Kind, faulty time.Duration, noticed Condition) []Step {
	const day = 24 * time.Hour
	return concat(preparation, []Step{
		{Do: Advance, For: day},
		{Do: Await, Until: BackupsCompleted, For: noticeTimeout},
		{Do: Fault, Kind: kind, Role: Primary},
		{Do: Advance, For: faulty},
		{Do: Await, Until: noticed, For: noticeTimeout},
		{Do: Heal},
		{Do: Advance, For: day},
		{Do: Await, Until: BackupsCompleted, For: noticeTimeout},
		{Do: Load, For: loadAfterMove},
		{Do: Await, Until: ReplicaCaughtUp, For: rebuildTimeout},
	})
}

func concat(parts ...[]Step) []Step {
	var all []Step
	for _, part := range parts {
		all = append(all, part...)
	}
	return all
}

// failoverSteps are the steps of a loss after which the controller moves the writer and Route 53 the users.
func failoverSteps(kind Kind) []Step {
	return concat(preparation, []Step{
		{Do: Fault, Kind: kind, Role: Primary},
		{Do: Await, Until: ServedStandby, For: moveTimeout},
		{Do: Await, Until: WriterStandby, For: moveTimeout},
	}, failbackSteps)
}

// flapSteps are six losses of five seconds. Each is shorter than the minute without a good probe that the controller waits for,
// and no three health checks thirty seconds apart meet one each.
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
	// withoutStandby and withoutSight are longer than any rule that could move something. withoutSight begins with the advice.
	const (
		withoutStandby = 4 * time.Minute
		withoutSight   = 4 * time.Minute
		corruption     = 10 * time.Second
		// overdue is within what the alarms on absent backups must ring: 26 hours, the two further hours that CloudWatch looks back, and the
		// one that is not over yet.
		overdue   = 29 * time.Hour
		unnoticed = 30 * time.Second // until somebody finds the damage: a person's time, which no drill can measure
	)
	nothingMoves := func(maxOutage time.Duration) Expectations {
		return Expectations{MaxOutage: maxOutage, AllowedLoss: NoLoss}
	}
	return []Scenario{
		{
			Name:      "region-lost",
			Summary:   "The primary region is lost with all that is in it.",
			Fault:     Unreachable,
			FaultRole: Primary,
			Steps:     failoverSteps(Unreachable),
			Expectations: Expectations{
				WriterMoves:     true,
				Action:          "failover",
				MovedBy:         "controller",
				FirstGoodWithin: regionBound,
				ServedBy:        Standby,
				UsersMove:       true,
				AllowedLoss:     UnreplicatedLoss,
			},
		},
		flood(),
		{
			Name:      "app-lost",
			Summary:   "The application fails in the primary region; the database lives.",
			Fault:     AppDown,
			FaultRole: Primary,
			Steps:     failoverSteps(AppDown),
			Expectations: Expectations{
				WriterMoves:     true,
				Action:          "switchover",
				MovedBy:         "controller",
				FirstGoodWithin: appBound,
				ServedBy:        Standby,
				UsersMove:       true,
				AllowedLoss:     NoLoss,
			},
		},
		{
			Name:      "database-lost",
			Summary:   "The primary region's database is lost; the application lives.",
			Fault:     DBDown,
			FaultRole: Primary,
			Steps:     concat(failoverSteps(DBDown), reconcileSteps),
			Expectations: Expectations{
				WriterMoves:     true,
				Action:          "failover",
				MovedBy:         "controller",
				FirstGoodWithin: databaseBound,
				UsersMove:       true,
				AllowedLoss:     UnreplicatedLoss,
				Reconciled:      true,
				Documents:       true,
			},
		},
		{
			Name:    "planned-switchover",
			Summary: "An operator moves the writer to the standby region and back.",
			Steps: concat(preparation, []Step{
				{Do: Operate, Command: []string{"switchover"}, For: moveTimeout},
				{Do: Await, Until: WriterStandby, For: moveTimeout},
				{Do: Await, Until: ServedStandby, For: serveTimeout},
			}, failbackSteps),
			Expectations: Expectations{
				WriterMoves:     true,
				Action:          "switchover",
				MovedBy:         "operator",
				FirstGoodWithin: switchoverBound,
				UsersMove:       true,
				AllowedLoss:     NoLoss,
				Documents:       true,
			},
		},
		{
			Name: "split",
			Summary: "Nothing passes between the regions, each of which answers its users. " +
				"The controller must not move the writer on that; an operator then fails over by force.",
			Fault:     Split,
			FaultRole: Primary,
			Steps: concat(preparation, []Step{
				{Do: Fault, Kind: Split, Role: Primary},
				{Do: Await, Until: Advised, For: moveTimeout},
				{Do: Operate, Command: []string{"failover", "--allow-data-loss", "--force"}, For: moveTimeout},
				{Do: Await, Until: WriterStandby, For: moveTimeout},
				{Do: Await, Until: ServedStandby, For: serveTimeout},
			}, failbackSteps, reconcileSteps),
			Expectations: Expectations{
				WriterMoves:     true,
				Action:          "failover",
				MovedBy:         "operator",
				FirstGoodWithin: splitBound,
				UsersMove:       true,
				AllowedLoss:     UnreplicatedLoss,
				Reconciled:      true,
				Documents:       true,
			},
		},
		{
			Name: "flap", Summary: "The primary region is gone for five seconds, six times.", Fault: Unreachable, FaultRole: Primary,
			Steps: concat(preparation, flapSteps(), recoverySteps), Expectations: nothingMoves(30 * time.Second),
		},
		{
			Name: "data-corrupted",
			Summary: "A bad release overwrites and deletes records while clients write. The second before is restored beside the running " +
				"cluster, and the damaged rows are taken back from there, with the documents of deleted ones; good writes stay.",
			Steps: concat(preparation, []Step{
				{Do: Corrupt, For: corruption},
				{Do: Load, For: unnoticed},
				{Do: Restore, For: reconcileTimeout},
				{Do: Operate, Command: []string{"restore", "--documents"}, For: reconcileTimeout},
				{Do: Operate, Command: []string{"restore", "--remove"}, For: reconcileTimeout},
				{Do: Load, For: loadAfterMove},
				{Do: Await, Until: ReplicaCaughtUp, For: rebuildTimeout},
			}),
			Expectations: Expectations{MaxOutage: 10 * time.Second, AllowedLoss: NoLoss, Corrupted: true, Documents: true},
		},
		{
			Name: "standby-lost", Summary: "The standby region is lost.", Fault: Unreachable, FaultRole: Standby,
			Steps: concat(preparation, []Step{
				{Do: Fault, Kind: Unreachable, Role: Standby},
				{Do: Load, For: withoutStandby},
			}, recoverySteps),
			Expectations: nothingMoves(10 * time.Second),
		},
		{
			Name: "isolated",
			Summary: "The standby region sees nothing of the primary, which serves and which users and Route 53's checkers reach. " +
				"The controller, which runs in the standby region, must move nothing.",
			Fault:     Isolated,
			FaultRole: Standby,
			Steps: concat(preparation, []Step{
				{Do: Fault, Kind: Isolated, Role: Standby},
				{Do: Await, Until: Advised, For: moveTimeout},
				{Do: Load, For: withoutSight},
			}, recoverySteps),
			Expectations: nothingMoves(10 * time.Second),
		},
		{
			Name: "replication-stalled",
			Summary: "Data of the primary region no longer arrives in the standby; all else works. Commits wait once the standby lags by " +
				"rds.global_db_rpo. The controller must give up no data for that.",
			Fault:     ReplicationStalled,
			FaultRole: Primary,
			Steps: concat(preparation, []Step{
				{Do: Fault, Kind: ReplicationStalled, Role: Primary},
				{Do: Await, Until: CommitsPaused, For: pauseTimeout},
				{Do: Await, Until: PauseAdvised, For: adviceBound},
			}, recoverySteps),
			Expectations: Expectations{MaxOutage: pauseBound, AllowedLoss: NoLoss, CommitsPause: true, AdviceWithin: adviceBound},
		},
		{
			Name: "backup-silent",
			Summary: "AWS Backup begins no job in the primary region, and no event says so. " +
				"The alarms on absent backups and copies must notify the operators.",
			Fault: BackupSilent, FaultRole: Primary,
			Steps: backupSteps(BackupSilent, overdue, BackupsMissed), Expectations: nothingMoves(10 * time.Second),
		},
		{
			Name:    "backup-failing",
			Summary: "Each backup of the primary region fails. The operators must be notified of each.",
			Fault:   BackupFailing, FaultRole: Primary,
			Steps: backupSteps(BackupFailing, 24*time.Hour, FailuresReported), Expectations: nothingMoves(10 * time.Second),
		},
	}
}
