package main

// mutant is one small mistake in the code that decides or moves: a text of a file, and what replaces it.
type mutant struct {
	// description is the mistake in words.
	description string
	// file is relative to lambda/failover; old occurs in it exactly once.
	file, old, new string
}

// mutants are planted one at a time. The simulator must find each.
var mutants = []mutant{
	{
		"writes count as lost at once", "decision/evidence.go",
		"if e.Now.Sub(e.Writes.FailingSince) < LossAfter || e.Writes.Failures < LossProbes {", "if e.Writes.Failures < LossProbes {",
	},
	{
		"Route 53 sends users to the primary, and that does not count", "controlloop/controlloop.go",
		"e.Routing = j.RecordRouting(now, e.Routing)", "e.Routing = j.RecordRouting(now, e.Routing)\n\te.Routing.Primary = false",
	},
	{
		"a loss of data is advised while neither region is healthy", "decision/decision.go",
		"if e.Routing.Known && e.Routing.Primary {", "if false {",
	},
	{
		"where users are sent is not known, and that does not count", "decision/decision.go",
		"if routing.state != gone && (action == Failover", "if routing.state == alive && (action == Failover",
	},
	{
		"what says that the database lives does not count", "decision/decision.go",
		"if living := e.signsOfDatabase(); len(living) > 0 {", "if living := e.signsOfDatabase(); len(living) > 9 {",
	},
	{
		"a read at the primary does not count", "decision/decision.go",
		"if e.PrimaryReads.Known && e.PrimaryReads.OK {", "if false {",
	},
	{
		"an application is lost at once", "decision/decision.go",
		"if wait := ApplicationLostAfter - e.Now.Sub(since); wait > 0 {", "if wait := -e.Now.Sub(since); wait > 0 {",
	},
	{
		"a lost application is never answered", "decision/decision.go",
		"if wait := ApplicationLostAfter - e.Now.Sub(since); wait > 0 {", "if wait := ApplicationLostAfter; wait > 0 {",
	},
	{
		"the loss may exceed the RPO", "decision/decision.go",
		"} else if missing > controller.RPO {", "} else if missing > 100*controller.RPO {",
	},
	{
		"there is no cooldown", "decision/decision.go",
		"e.Now.Sub(e.LastMove) < Cooldown {", "e.Now.Sub(e.LastMove) < 0 {",
	},
	{
		"every mode is automatic", "decision/decision.go",
		"if e.Mode != controller.Automatic {\n\t\treasons = append(", "if false {\n\t\treasons = append(",
	},
	{
		"a standby that could not take over gets the writer", "decision/decision.go",
		"if standby := e.standby(); standby.state != alive {", "if standby := e.standby(); standby.state == unknown {",
	},
	{
		"replication that stopped long before the loss is a signal of it", "decision/routing.go",
		"return e.lossBegan().Sub(last) <= StoppedBefore", "return e.lossBegan().Sub(last) <= 24*time.Hour",
	},
	{
		"users were lost when the controller lost sight", "decision/routing.go",
		"latest.After(e.Writes.FailingSince) {", "latest.After(e.Now) {",
	},
	{
		"a heartbeat that arrives does not count", "decision/decision.go",
		"if heartbeat.state == alive && e.Writes.Cause != CauseDatabaseUnreachable {", "if false {",
	},
	{
		"a heartbeat is overdue after seconds", "decision/evidence.go",
		"case age > controller.HeartbeatOverdue:", "case age > 5*time.Second:",
	},
	{
		"replication counts as stopped after seconds", "decision/evidence.go",
		"case age > ReplicationOverdue:", "case age > 5*time.Second:",
	},
	{
		"no data proves that the database lives", "decision/evidence.go",
		"e.Replication.Through.Sub(e.Writes.FailingSince) > LossAfter", "e.Replication.Through.Sub(e.Writes.FailingSince) > time.Hour",
	},
	{
		"a commit that waits is taken for a lost database", "decision/probe.go",
		"found, proves := explanations[e.Writes.Cause]",
		"found, proves := explanations[e.Writes.Cause]\n\tproves = proves && e.Writes.Cause != CauseReplicationWait",
	},
	{
		"a full database is taken for a lost one", "decision/probe.go",
		"found, proves := explanations[e.Writes.Cause]",
		"found, proves := explanations[e.Writes.Cause]\n\tproves = proves && e.Writes.Cause != CauseNoConnectionSlots",
	},
	{
		"the operators hear of waiting commits late", "decision/probe.go",
		"CommitsWait, CommitsWaitAfter,", "CommitsWait, 20 * CommitsWaitAfter,",
	},
	{
		"when RDS was asked is not saved", "move/move.go",
		"j.Move.Asked = time.Now()\n\tif err := j.Save(ctx); err != nil {\n\t\treturn err\n\t}", "j.Move.Asked = time.Now()",
	},
	{
		"a move is made although its reason has passed", "move/move.go",
		"case global.Moving, !stillWanted:", "case global.Moving:",
	},
	{
		"a move that RDS has accepted is abandoned", "move/move.go",
		`case global.Moving && (global.MovingTo == "" || global.MovingTo == j.Move.Target):`, `case global.Moving && global.MovingTo == "":`,
	},
	{
		"an accepted move is not saved as accepted", "move/move.go",
		"j.Move.Phase = journal.Requested\n", "",
	},
	{
		"a move that does not show at once has failed", "move/move.go",
		"time.Since(j.Move.Requested) > startTimeout", "time.Since(j.Move.Requested) > 0",
	},
	{
		"a move is said to be done when RDS has accepted it", "move/move.go",
		"case global.WriterIs(j.Move.Target):\n\t\t\treturn m.arrived(ctx, j)\n\t\tcase !global.Moving",
		"case global.Moving:\n\t\t\treturn m.arrived(ctx, j)\n\t\tcase !global.Moving",
	},
	{
		"the cooldown is not recorded", "move/move.go",
		"j.LastMove = j.Move.Begun", "_ = j.LastMove",
	},
	{
		"a good probe does not end a loss", "journal/probes.go",
		"s.FailingSince, s.Failures, s.DatabaseAnswered = time.Time{}, 0, time.Time{}\n\t} else {", "s.Failures++\n\t} else {",
	},
	{
		"a loss begins anew with each failed probe", "journal/probes.go",
		"if s.Failures++; s.FailingSince.IsZero() {", "if s.Failures++; true {",
	},
	{
		"a lease that another run holds does not count", "journal/journal.go",
		"if time.Now().Before(state.Lease.Until) {", "if false {",
	},
	{
		"a move goes on whatever is decided", "controlloop/controlloop.go",
		"j.Move.Action == d.Action)", "true)",
	},
	{
		"every round notifies", "controlloop/notify.go",
		"changed := false\n", "changed := len(current) > 0\n",
	},
	{
		"a new concern is not notified", "controlloop/notify.go",
		"changed = true\n", "changed = len(current) > 99\n",
	},
	{
		"a concern that flaps is notified each time", "controlloop/notify.go",
		"now.Sub(last) >= resolvedAfter", "now.Sub(last) >= time.Second",
	},
}

// longMutants show after the cooldown of half an hour alone, which hides them before.
var longMutants = []mutant{
	{
		"a finished move is forgotten", "journal/journal.go",
		"j.Last, j.Move = j.Move, nil", "j.Move = nil",
	},
	{
		"one loss is answered twice", "controlloop/controlloop.go",
		"!j.Last.LossSince.Equal(j.FailingSince)", "true || !j.Last.LossSince.Equal(j.FailingSince)",
	},
}
