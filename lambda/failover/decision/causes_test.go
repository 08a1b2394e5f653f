package decision

import (
	"strings"
	"testing"
	"time"
)

// isolated makes the evidence of a standby region that has not seen the primary for so long, while users and Route 53 do.
func isolated(e *Evidence, d time.Duration) {
	regionLost(e, d)
	e.Routing = healthy().Routing
}

// commitsWait makes the evidence of replication that stopped so long ago that commits have waited for a while.
func commitsWait(e *Evidence, stopped, waiting time.Duration) {
	failing(e, waiting)
	e.Writes.Cause, e.Writes.Last, e.Writes.DatabaseAnswered = CauseReplicationWait, "status 503, replication-wait", e.Now
	e.Replication.Through = e.ago(stopped)
	takenAway(e)
}

// full makes the evidence of a database that has had no connection left for so long.
func full(e *Evidence, d time.Duration) {
	applicationLost(e, d)
	e.Writes.Cause, e.Writes.Last, e.Writes.DatabaseAnswered = CauseNoConnectionSlots, "status 503, no-connection-slots", e.Now
}

func TestDecideByCause(t *testing.T) {
	tests := []struct {
		name    string
		change  func(*Evidence)
		want    Action
		would   Action
		reason  string
		concern Concern // empty when none is expected beside those of the landed rules
	}{
		// One cause that several signals show. Each was a failover, or a switchover, before causes were distinguished.
		{
			"the standby region does not see the primary, whose users do", func(e *Evidence) { isolated(e, 4*time.Minute) },
			Advise, None, "Route 53 sends users to the primary region", SightLost,
		},
		{
			"commits wait at the RPO of ten minutes", func(e *Evidence) { commitsWait(e, 11*time.Minute+40*time.Second, 100*time.Second) },
			Advise, None, "rds.global_db_rpo", CommitsWait,
		},
		{"the database is full for five minutes", func(e *Evidence) { full(e, 5*time.Minute) }, Advise, None, "it is full, not lost", Saturated},

		// When the operators are advised.
		{
			"commits begin to wait", func(e *Evidence) { commitsWait(e, 10*time.Minute, CommitsWaitAfter); e.Writes.Failures = LossProbes },
			Advise, None, "rds.global_db_rpo", CommitsWait,
		},
		{
			"commits wait for a moment",
			func(e *Evidence) {
				commitsWait(e, time.Minute, CommitsWaitAfter-time.Second)
				e.Writes.Failures = LossProbes
			},
			None, None, "Nothing follows before", "",
		},
		{"the database is full for a moment", func(e *Evidence) { full(e, LossAfter-time.Second) }, None, None, "Nothing follows before", ""},
		{
			"the writer is read-only for a minute",
			func(e *Evidence) { full(e, LossAfter); e.Writes.Cause = CauseReadOnly }, Advise, None, "while the two disagree", WriterReadOnly,
		},
		{
			"commits waited in two probes", func(e *Evidence) { commitsWait(e, 11*time.Minute, time.Minute); e.Writes.Failures = 2 },
			Advise, None, "Nothing follows before 1m0s and 3 probes.", ReplicationLost,
		},

		// The causes change during a loss.
		{
			"commits wait, and the last probe was lost on the way", func(e *Evidence) {
				commitsWait(e, 4*time.Minute, 3*time.Minute)
				e.Writes.Cause, e.Writes.DatabaseAnswered = CauseDatabaseUnreachable, e.ago(20*time.Second)
			}, Advise, None, "answered its application 20s ago", "",
		},
		{
			"the database was full a minute ago, and is lost now", func(e *Evidence) {
				databaseLost(e, 4*time.Minute)
				e.Writes.DatabaseAnswered = e.ago(LossAfter)
			}, Failover, None, "replication counts as stopped", "",
		},
		{
			"the database was full, and the application has not answered for less than five minutes", func(e *Evidence) {
				applicationLost(e, 20*time.Minute)
				e.Writes.DatabaseAnswered = e.ago(ApplicationLostAfter - time.Second)
			}, None, None, "A switchover follows in 1s.", "",
		},
		{
			"the database was full, and the application has not answered for five minutes", func(e *Evidence) {
				applicationLost(e, 20*time.Minute)
				e.Writes.DatabaseAnswered = e.ago(ApplicationLostAfter)
			}, Switchover, None, "the database lives", "",
		},

		// What stopped before the loss.
		{
			"replication stalled, and ten minutes later the application says that it has no connection", func(e *Evidence) {
				databaseLost(e, 3*time.Minute)
				e.Replication.Through = e.ago(13 * time.Minute)
			}, Advise, Failover, "Replication stopped 10m0s before users were lost", "",
		},
		{
			"the regions are cut for so long that commits wait, and Route 53 takes users away", func(e *Evidence) {
				regionLost(e, 13*time.Minute)
				e.Routing.AwaySince = e.ago(time.Minute)
			}, Advise, Failover, "is no signal of their loss, and may be its cause", "",
		},
		{
			"events stopped an hour ago, and now the application does", func(e *Evidence) {
				failing(e, 2*time.Minute)
				takenAway(e)
				e.Heartbeat.At, e.Replication.Through = e.ago(time.Hour), e.ago(2*time.Minute+10*time.Second)
			}, None, None, "No second signal agrees yet", HeartbeatLost,
		},
		{
			"the heartbeat stopped as long before the loss as its age can hide", func(e *Evidence) {
				regionLost(e, 150*time.Second) // replication does not count as stopped yet
				e.Heartbeat.At = e.ago(150*time.Second + StoppedBefore)
			}, Failover, None, "it is overdue", "",
		},
		{
			"the heartbeat stopped longer before the loss than its age can hide, and nothing is replicated", func(e *Evidence) {
				regionLost(e, 4*time.Minute)
				e.Heartbeat.At, e.Replication.Through = e.ago(4*time.Minute+StoppedBefore+time.Second), e.ago(4*time.Minute+StoppedBefore+time.Second)
			}, Advise, Failover, "may be its cause", "",
		},
		{
			"Route 53 takes users away as late as it does at most", func(e *Evidence) {
				regionLost(e, 4*time.Minute)
				e.Routing.AwaySince = e.Writes.FailingSince.Add(RoutingDue)
			}, Failover, None, "it is overdue", "",
		},

		// Where users are sent.
		{
			"neither region is healthy, so Route 53 answers with the primary", func(e *Evidence) {
				applicationLost(e, 6*time.Minute)
				e.Routing = healthy().Routing
				e.Standby.Faults = []string{"the application does not answer"}
			}, Advise, Switchover, "could not take over", StandbyUnhealthy,
		},
		{
			"neither region is healthy and the primary is lost: nothing is given up", func(e *Evidence) {
				regionLost(e, 6*time.Minute)
				e.Routing = healthy().Routing
				e.Standby.Faults = []string{"the application does not answer"}
			}, Advise, None, "as it does, too, while neither region is healthy", StandbyUnhealthy,
		},
		{
			"Route 53 has not had the time to take users away", func(e *Evidence) { isolated(e, RoutingDue-time.Second) },
			None, None, "is due in 1s", "",
		},
		{
			"Route 53 has had the time to take users away",
			func(e *Evidence) { isolated(e, RoutingDue) },
			Advise,
			None,
			"it is the controller that does not see it",
			SightLost,
		},
		{
			"the region is lost and nobody says where users are sent",
			func(e *Evidence) { regionLost(e, 5*time.Minute); e.Routing = Routing{Detail: "silence"} },
			Advise,
			Failover,
			"Where Route 53 sends users is not known: silence",
			RoutingUnknown,
		},
		{
			"the application is lost and nobody says where users are sent",
			func(e *Evidence) { applicationLost(e, 5*time.Minute); e.Routing = Routing{Detail: "silence"} },
			Advise,
			Switchover,
			"silence",
			RoutingUnknown,
		},
		{
			"the application says that it is lost, and nobody says where users are sent", func(e *Evidence) {
				applicationLost(e, 5*time.Minute)
				e.Writes.Cause, e.Routing = CauseUnknown, Routing{Detail: "silence"}
			}, Switchover, None, "the database lives", RoutingUnknown,
		},
		{
			"it is not known for a moment where users are sent",
			func(e *Evidence) { e.Routing = Routing{UnknownSince: e.ago(RoutingUnknownAfter - time.Second)} }, None, None, "accepts writes", "",
		},
		{
			"it is not known for minutes where users are sent",
			func(e *Evidence) { e.Routing = Routing{Detail: "silence", UnknownSince: e.ago(RoutingUnknownAfter)} },
			Advise,
			None,
			"silence",
			RoutingUnknown,
		},
		{
			"it was never known where users are sent", func(e *Evidence) { e.Routing = Routing{Detail: "silence"} },
			Advise, None, "silence", RoutingUnknown,
		},

		{
			"Route 53 keeps users away, and the controller sees nothing wrong",
			func(e *Evidence) {
				e.Routing = Routing{Known: true, Detail: "4 of 4", AwaySince: e.ago(UsersAwayAfter)}
			},
			Advise, None, "Route 53 has taken users away from the primary region: 4 of 4", UsersAway,
		},
		{
			"Route 53 has not brought users back yet",
			func(e *Evidence) { e.Routing = Routing{Known: true, AwaySince: e.ago(UsersAwayAfter - time.Second)} },
			None, None, "accepts writes", "",
		},

		// What says that the primary lives.
		{
			"the region is lost, and reads from its database", func(e *Evidence) {
				regionLost(e, 5*time.Minute)
				e.PrimaryReads = Reads{Known: true, OK: true, Outcome: "status 200"}
			}, Advise, None, "The primary region reads from its database (status 200)", "",
		},
		{
			"the region is lost, and does not read from its database", func(e *Evidence) {
				regionLost(e, 5*time.Minute)
				e.PrimaryReads = Reads{Known: true, Outcome: "a time-out"}
			}, Failover, None, "it is overdue", "",
		},
		{
			"the database is lost and no heartbeat is on record", func(e *Evidence) { databaseLost(e, 4*time.Minute); e.Heartbeat.Known = false },
			Failover, None, "replication counts as stopped", "",
		},
		{
			"the application answers without a reason, the heartbeat arrives, and replication stopped",
			func(e *Evidence) { databaseLost(e, 4*time.Minute); e.Writes.Cause = CauseUnknown }, Advise, Failover, "so the region lives", "",
		},

		// Gray failures.
		{
			"a part of the requests fails", func(e *Evidence) {
				e.Writes.Recent = Recent{Minutes: 30, Spoiled: GrayMinutes, Probes: 93, Failed: 6, Slow: 2}
			}, Advise, None,
			"in 5 of the last 30 minutes a probe failed or all were slow; of 93 probes 6 failed and 2 took more than 1s", GrayFailure,
		},
		{
			"a few requests fail", func(e *Evidence) {
				e.Writes.Recent = Recent{Minutes: 30, Spoiled: GrayMinutes - 1, Probes: 93, Failed: 4}
			},
			None, None, "accepts writes", "",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := healthy()
			test.change(&e)
			got := Decide(e)
			if reasons := strings.Join(
				got.Reasons,
				"\n",
			); got.Action != test.want || got.Recommended != test.would ||
				!strings.Contains(reasons, test.reason) {
				t.Errorf(
					"the decision is %q (would: %q), want %q (%q) and %q, reasons:\n%s",
					got.Action,
					got.Recommended,
					test.want,
					test.would,
					test.reason,
					reasons,
				)
			}
			concerned := test.concern == ""
			for _, one := range e.Concerns() {
				concerned = concerned || one == test.concern
			}
			if !concerned {
				t.Errorf("the concerns are %q, want %q among them", e.Concerns(), test.concern)
			}
		})
	}
}

// The application's word stands for the loss that it explains, so that the notice does not speak of both.
func TestExplainedLossIsOneConcern(t *testing.T) {
	t.Run("a cause that the application names replaces the concern about lost writes", func(t *testing.T) {
		e := healthy()
		full(&e, 10*time.Minute)
		for _, one := range e.Concerns() {
			if one == WritesLost {
				t.Errorf("the concerns are %q", e.Concerns())
			}
		}
	})
}
