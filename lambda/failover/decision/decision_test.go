package decision

import (
	"strings"
	"testing"
	"time"
)

// ago returns the moment that lies so far back from the evidence's own.
func (e *Evidence) ago(d time.Duration) time.Time { return e.Now.Add(-d) }

// healthy is the evidence of a platform with nothing wrong.
func healthy() Evidence {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	return Evidence{
		Now:         now,
		Mode:        Automatic,
		Database:    Database{Known: true, Status: "available"},
		Writes:      Writes{Known: true, Last: "status 200"},
		Heartbeat:   Heartbeat{Known: true, At: now.Add(-40 * time.Second)},
		Replication: Replication{Known: true, Through: now.Add(-time.Minute)},
		Standby:     Standby{Known: true},
	}
}

// failing makes writes fail for so long, with a probe every 20 seconds.
func failing(e *Evidence, d time.Duration) {
	e.Writes = Writes{Known: true, FailingSince: e.ago(d), Failures: 1 + int(d/(20*time.Second)), Last: "a time-out"}
}

// regionLost makes the evidence that of a region lost so long ago: nothing has come from it since.
func regionLost(e *Evidence, d time.Duration) {
	failing(e, d)
	e.Heartbeat.At = e.ago(d + 30*time.Second)
	e.Replication.Through = e.ago(d + time.Second)
}

// applicationLost makes writes fail for so long while the database lives.
func applicationLost(e *Evidence, d time.Duration) {
	failing(e, d)
	e.Replication.Through = e.ago(time.Minute)
}

func TestDecide(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Evidence)
		want   Action
		would  Action
		says   string
	}{
		{"nothing is wrong", func(*Evidence) {}, None, None, "The primary region accepts writes."},
		{"the writer is in the standby already, whatever else is seen", func(e *Evidence) { regionLost(e, time.Hour); e.Database.WriterInStandby = true }, None, None, "in the standby region already"},
		{"the writer is being moved, whatever else is seen", func(e *Evidence) {
			regionLost(e, time.Hour)
			e.Database.Moving, e.Database.Status = true, "failing-over"
		}, None, None, "failing-over"},
		{"RDS does not answer", func(e *Evidence) { regionLost(e, time.Hour); e.Database.Known = false }, Advise, None, "does not say where the writer is"},

		{"the region is lost and the heartbeat is overdue", func(e *Evidence) { regionLost(e, 121*time.Second) }, Failover, None, "it is overdue"},
		{"the region is lost, the heartbeat not overdue yet", func(e *Evidence) { regionLost(e, 100*time.Second) }, None, None, "No second signal agrees yet"},
		{"replication stopped, the heartbeat lives", func(e *Evidence) { failing(e, 3*time.Minute); e.Replication.Through = e.ago(181 * time.Second) }, Failover, None, "replication counts as stopped"},
		{"replication stopped, no heartbeat is on record", func(e *Evidence) { regionLost(e, 4*time.Minute); e.Heartbeat.Known = false }, Failover, None, "replication counts as stopped"},
		{"the database died after the application", func(e *Evidence) { failing(e, 20*time.Minute); e.Replication.Through = e.ago(4 * time.Minute) }, Failover, None, "replication counts as stopped"},

		{"a blip shorter than a minute", func(e *Evidence) { regionLost(e, 59*time.Second) }, None, None, "Nothing follows before 1m0s and 3 probes."},
		{"a minute of failures in two probes only", func(e *Evidence) { regionLost(e, 10*time.Minute); e.Writes.Failures = 2 }, Advise, None, "it is overdue"},
		{"writes fail, the heartbeat lives, replication is not known", func(e *Evidence) { failing(e, 2*time.Minute); e.Replication.Known = false }, Advise, None, "cannot be told"},

		{"the application is lost for less than five minutes", func(e *Evidence) { applicationLost(e, 299*time.Second) }, None, None, "A switchover follows in 1s."},
		{"the application is lost for less than five minutes, and the standby is ill", func(e *Evidence) { applicationLost(e, 299*time.Second); e.Standby.Faults = []string{"no instance"} }, None, None, "A switchover is due in 1s, and would be left to an operator.\nThe standby region could not take over: no instance."},
		{"the application is lost for less than five minutes, and the controller is paused", func(e *Evidence) { applicationLost(e, 299*time.Second); e.Mode = Advisory }, None, None, "would be left to an operator.\nThe mode is advisory"},
		{"the application is lost for five minutes", func(e *Evidence) { applicationLost(e, 5*time.Minute) }, Switchover, None, "the database lives"},
		{"the heartbeat stopped with the application, but replication goes on", func(e *Evidence) {
			applicationLost(e, 5*time.Minute)
			e.Heartbeat.At = e.ago(5 * time.Minute)
		}, Switchover, None, "the database lives"},

		{"writes succeed, the heartbeat is overdue", func(e *Evidence) { e.Heartbeat.At = e.ago(time.Hour) }, Advise, None, "it is overdue"},
		{"writes succeed, replication stopped", func(e *Evidence) { e.Replication.Through = e.ago(time.Hour) }, Advise, None, "counts as stopped"},
		{"writes succeed, the standby is ill", func(e *Evidence) { e.Standby.Faults = []string{"no instance"} }, Advise, None, "could not take over: no instance."},
		{"the primary region was not probed", func(e *Evidence) { e.Writes.Known = false }, Advise, None, "it was not probed"},

		{"a failover to an ill standby is advised, not made", func(e *Evidence) { regionLost(e, 5*time.Minute); e.Standby.Faults = []string{"no instance"} }, Advise, Failover, "no instance"},
		{"a failover to a standby that is not known", func(e *Evidence) { regionLost(e, 5*time.Minute); e.Standby.Known = false }, Advise, Failover, "is not known"},
		{"a failover with unknown lag", func(e *Evidence) { regionLost(e, 5*time.Minute); e.Replication.Known = false }, Advise, Failover, "How much the standby lacks is not known."},
		{"a failover that would lose just the RPO", func(e *Evidence) { regionLost(e, 5*time.Minute); e.Replication.Through = e.ago(20 * time.Minute) }, Failover, None, "replication counts as stopped"},
		{"a failover that would lose more than the RPO", func(e *Evidence) {
			regionLost(e, 5*time.Minute)
			e.Replication.Through = e.ago(20*time.Minute + time.Second)
		}, Advise, Failover, "The standby lacks 15m1s, more than the RPO of 15m0s."},
		{"a failover while the controller is paused", func(e *Evidence) { regionLost(e, 5*time.Minute); e.Mode = Advisory }, Advise, Failover, "The mode is advisory"},
		{"a failover with a mode that could not be read", func(e *Evidence) { regionLost(e, 5*time.Minute); e.Mode = "" }, Advise, Failover, "not automatic"},
		{"a failover soon after another move", func(e *Evidence) { regionLost(e, 5*time.Minute); e.LastMove = e.ago(Cooldown - time.Second) }, Advise, Failover, "a second move within 30m0s"},
		{"a failover long after another move", func(e *Evidence) { regionLost(e, 5*time.Minute); e.LastMove = e.ago(Cooldown) }, Failover, None, "it is overdue"},
		{"a switchover to an ill standby is advised, not made", func(e *Evidence) { applicationLost(e, 5*time.Minute); e.Standby.Faults = []string{"no instance"} }, Advise, Switchover, "no instance"},
		{"a switchover while the controller is paused", func(e *Evidence) { applicationLost(e, 5*time.Minute); e.Mode = Advisory }, Advise, Switchover, "The mode is advisory"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := healthy()
			test.change(&e)
			got := Decide(e)
			if got.Action != test.want || got.Recommended != test.would {
				t.Errorf("the decision is %q (would: %q), want %q (%q), reasons:\n%s", got.Action, got.Recommended, test.want, test.would, strings.Join(got.Reasons, "\n"))
			}
			if !strings.Contains(strings.Join(got.Reasons, "\n"), test.says) {
				t.Errorf("the reasons are\n%s\nwant one that says %q", strings.Join(got.Reasons, "\n"), test.says)
			}
		})
	}
}
