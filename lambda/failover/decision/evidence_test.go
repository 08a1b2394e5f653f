package decision

import (
	"time"

	"warmstandby/shared/contract/controller"
)

// ago returns the moment that lies so far back from the evidence's own.
func (e *Evidence) ago(d time.Duration) time.Time { return e.Now.Add(-d) }

// healthy is the evidence of a platform with nothing wrong.
func healthy() Evidence {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	return Evidence{
		Now:         now,
		Mode:        controller.Automatic,
		Database:    Database{Known: true, Status: "available"},
		Writes:      Writes{Known: true, Last: "status 200"},
		Heartbeat:   Heartbeat{Known: true, At: now.Add(-40 * time.Second)},
		Replication: Replication{Known: true, Through: now.Add(-time.Minute)},
		Standby:     Standby{Known: true},
		Routing:     Routing{Known: true, Primary: true, Detail: "4 of 4 name servers answer with us-east-1"},
		// PrimaryReads are not known: what a read proves is tried by itself.
	}
}

// takenAway has Route 53 send users to the standby region, a minute and a half after writes began to fail.
func takenAway(e *Evidence) {
	e.Routing = Routing{Known: true, Detail: "4 of 4 name servers answer with us-west-2"}
	e.Routing.AwaySince = e.Writes.FailingSince.Add(90 * time.Second)
}

// failing makes writes fail for so long, with a probe every 20 seconds.
func failing(e *Evidence, d time.Duration) {
	e.Writes = Writes{Known: true, FailingSince: e.ago(d), Failures: 1 + int(d/(20*time.Second)), Last: "a time-out", Cause: CauseUnreachable}
}

// regionLost makes the evidence that of a region lost so long ago: nothing has come from it since.
func regionLost(e *Evidence, d time.Duration) {
	failing(e, d)
	takenAway(e)
	e.Heartbeat.At = e.ago(d + 30*time.Second)
	e.Replication.Through = e.ago(d + time.Second)
}

// databaseLost makes the evidence that of a database lost so long ago, whose application and region live.
func databaseLost(e *Evidence, d time.Duration) {
	failing(e, d)
	takenAway(e)
	e.Writes.Cause = CauseDatabaseUnreachable
	e.Replication.Through = e.ago(d + time.Second)
}

// applicationLost makes writes fail for so long while the database lives.
func applicationLost(e *Evidence, d time.Duration) {
	failing(e, d)
	takenAway(e)
	e.Replication.Through = e.ago(time.Minute)
}
