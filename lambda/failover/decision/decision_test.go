package decision

import (
	"strings"
	"testing"
	"time"

	"warmstandby/shared/contract/controller"
)

func TestDecide(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Evidence)
		want   Action
		would  Action
		says   string
	}{
		{"nothing is wrong", func(*Evidence) {}, None, None, "The primary region accepts writes."},
		{
			name:   "the writer is in the standby already, whatever else is seen",
			change: func(e *Evidence) { regionLost(e, time.Hour); e.Database.WriterInStandby = true },
			want:   None,
			would:  None,
			says:   "in the standby region already",
		},
		{"the writer is being moved, whatever else is seen", func(e *Evidence) {
			regionLost(e, time.Hour)
			e.Database.Moving, e.Database.Status = true, "failing-over"
		}, None, None, "failing-over"},
		{
			name:   "RDS does not answer",
			change: func(e *Evidence) { regionLost(e, time.Hour); e.Database.Known = false },
			want:   Advise,
			would:  None,
			says:   "does not say where the writer is",
		},

		{
			name:   "the region is lost and the heartbeat is overdue",
			change: func(e *Evidence) { regionLost(e, 121*time.Second) },
			want:   Failover,
			would:  None,
			says:   "it is overdue",
		},
		{
			name:   "the region is lost, the heartbeat not overdue yet",
			change: func(e *Evidence) { regionLost(e, 100*time.Second) },
			want:   None,
			would:  None,
			says:   "No second signal agrees yet",
		},
		{
			name:   "the database is lost, its region and application live",
			change: func(e *Evidence) { databaseLost(e, 3*time.Minute) },
			want:   Failover,
			would:  None,
			says:   "replication counts as stopped",
		},
		{
			name: "replication stopped and the application does not answer, the heartbeat lives",
			change: func(e *Evidence) {
				databaseLost(e, 3*time.Minute)
				e.Writes.Cause = CauseUnreachable
			},
			want:  Advise,
			would: Failover,
			says:  "The heartbeat arrives, so the region lives",
		},
		{
			name:   "replication stopped, no heartbeat is on record",
			change: func(e *Evidence) { regionLost(e, 4*time.Minute); e.Heartbeat.Known = false },
			want:   Failover,
			would:  None,
			says:   "replication counts as stopped",
		},
		{
			name:   "the database died after the application",
			change: func(e *Evidence) { databaseLost(e, 20*time.Minute); e.Replication.Through = e.ago(4 * time.Minute) },
			want:   Failover,
			would:  None,
			says:   "replication counts as stopped",
		},

		{
			name:   "a blip shorter than a minute",
			change: func(e *Evidence) { regionLost(e, 59*time.Second) },
			want:   None,
			would:  None,
			says:   "Nothing follows before 1m0s and 3 probes.",
		},
		{
			name:   "a minute of failures in two probes only",
			change: func(e *Evidence) { regionLost(e, 10*time.Minute); e.Writes.Failures = 2 },
			want:   Advise,
			would:  None,
			says:   "it is overdue",
		},
		{
			name:   "writes fail, the heartbeat lives, replication is not known",
			change: func(e *Evidence) { failing(e, 2*time.Minute); takenAway(e); e.Replication.Known = false },
			want:   Advise,
			would:  None,
			says:   "Whether the database is lost is not known.",
		},

		{
			name:   "the application is lost for less than five minutes",
			change: func(e *Evidence) { applicationLost(e, 299*time.Second) },
			want:   None,
			would:  None,
			says:   "A switchover follows in 1s.",
		},
		{
			name:   "the application is lost for less than five minutes, and the standby is unhealthy",
			change: func(e *Evidence) { applicationLost(e, 299*time.Second); e.Standby.Faults = []string{"no instance"} },
			want:   None,
			would:  None,
			says:   "A switchover is due in 1s, and would be left to an operator.\nThe standby region could not take over: no instance.",
		},
		{
			name:   "the application is lost for less than five minutes, and the controller is paused",
			change: func(e *Evidence) { applicationLost(e, 299*time.Second); e.Mode = controller.Advisory },
			want:   None,
			would:  None,
			says:   "would be left to an operator.\nThe mode is advisory",
		},
		{
			name:   "the application is lost for five minutes",
			change: func(e *Evidence) { applicationLost(e, 5*time.Minute) },
			want:   Switchover,
			would:  None,
			says:   "the database lives",
		},
		{"the heartbeat stopped with the application, but replication goes on", func(e *Evidence) {
			applicationLost(e, 5*time.Minute)
			e.Heartbeat.At = e.ago(5 * time.Minute)
		}, Switchover, None, "the database lives"},

		{"writes succeed, the heartbeat is overdue", func(e *Evidence) { e.Heartbeat.At = e.ago(time.Hour) }, Advise, None, "it is overdue"},
		{
			name:   "writes succeed, replication stopped",
			change: func(e *Evidence) { e.Replication.Through = e.ago(time.Hour) },
			want:   Advise,
			would:  None,
			says:   "counts as stopped",
		},
		{
			name:   "writes succeed, the standby is unhealthy",
			change: func(e *Evidence) { e.Standby.Faults = []string{"no instance"} },
			want:   Advise,
			would:  None,
			says:   "could not take over: no instance.",
		},
		{"the primary region was not probed", func(e *Evidence) { e.Writes.Known = false }, Advise, None, "it was not probed"},

		{
			name:   "a failover to an unhealthy standby is advised, not made",
			change: func(e *Evidence) { regionLost(e, 5*time.Minute); e.Standby.Faults = []string{"no instance"} },
			want:   Advise,
			would:  Failover,
			says:   "no instance",
		},
		{
			name:   "a failover to a standby that is not known",
			change: func(e *Evidence) { regionLost(e, 5*time.Minute); e.Standby.Known = false },
			want:   Advise,
			would:  Failover,
			says:   "is not known",
		},
		{
			name:   "a failover with unknown lag",
			change: func(e *Evidence) { regionLost(e, 5*time.Minute); e.Replication.Known = false },
			want:   Advise,
			would:  Failover,
			says:   "How much the standby lacks is not known.",
		},
		{
			name:   "a failover that would lose just the RPO",
			change: func(e *Evidence) { regionLost(e, 5*time.Minute); e.Replication.Through = e.ago(20 * time.Minute) },
			want:   Failover,
			would:  None,
			says:   "replication counts as stopped",
		},
		{"a failover that would lose more than the RPO", func(e *Evidence) {
			regionLost(e, 5*time.Minute)
			e.Replication.Through = e.ago(20*time.Minute + time.Second)
		}, Advise, Failover, "The standby lacks 15m1s, more than the RPO of 15m0s."},
		{
			name:   "a failover while the controller is paused",
			change: func(e *Evidence) { regionLost(e, 5*time.Minute); e.Mode = controller.Advisory },
			want:   Advise,
			would:  Failover,
			says:   "The mode is advisory",
		},
		{
			name:   "a failover with a mode that could not be read",
			change: func(e *Evidence) { regionLost(e, 5*time.Minute); e.Mode = "" },
			want:   Advise,
			would:  Failover,
			says:   "not automatic",
		},
		{
			name:   "a failover soon after another move",
			change: func(e *Evidence) { regionLost(e, 5*time.Minute); e.LastMove = e.ago(Cooldown - time.Second) },
			want:   Advise,
			would:  Failover,
			says:   "a second move within 30m0s",
		},
		{
			name:   "a failover long after another move",
			change: func(e *Evidence) { regionLost(e, 5*time.Minute); e.LastMove = e.ago(Cooldown) },
			want:   Failover,
			would:  None,
			says:   "it is overdue",
		},
		{
			name:   "a switchover to an unhealthy standby is advised, not made",
			change: func(e *Evidence) { applicationLost(e, 5*time.Minute); e.Standby.Faults = []string{"no instance"} },
			want:   Advise,
			would:  Switchover,
			says:   "no instance",
		},
		{
			name:   "a switchover while the controller is paused",
			change: func(e *Evidence) { applicationLost(e, 5*time.Minute); e.Mode = controller.Advisory },
			want:   Advise,
			would:  Switchover,
			says:   "The mode is advisory",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := healthy()
			test.change(&e)
			got := Decide(e)
			if got.Action != test.want || got.Recommended != test.would {
				t.Errorf(
					"the decision is %q (would: %q), want %q (%q), reasons:\n%s",
					got.Action,
					got.Recommended,
					test.want,
					test.would,
					strings.Join(got.Reasons, "\n"),
				)
			}
			if !strings.Contains(strings.Join(got.Reasons, "\n"), test.says) {
				t.Errorf("the reasons are\n%s\nwant one that says %q", strings.Join(got.Reasons, "\n"), test.says)
			}
		})
	}
}
