package cli_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"warmstandby/lambda/failover/cli"
	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/failovertest"
	"warmstandby/lambda/failover/globaldb"
	"warmstandby/lambda/failover/readiness"
)

func TestStatus(t *testing.T) {
	checkCommands(t, []commandCase{
		{"the status of a healthy platform", nil, "status --env test", cli.OK, inEast, "The writer is in the primary region, us-east-1."},
		{
			name:   "the status after a failover",
			change: func(sim *failovertest.Simulation) { sim.SetWriter(inWest) },
			line:   "status --env test",
			code:   cli.OK,
			writer: inWest,
			says:   "next: warmstandby failback --env test",
		},
		{
			name:   "the status while us-east-1 is unreachable",
			change: (*failovertest.Simulation).LoseRegion,
			line:   "status --env test",
			code:   cli.OK,
			writer: inEast,
			says:   "us-east-1: a time-out",
		},
		{
			name:   "the status while RDS does not answer",
			change: func(sim *failovertest.Simulation) { sim.Faults["DescribeGlobalClusters"] = errors.New("throttled") },
			line:   "status --env test",
			code:   cli.Unknown,
			writer: inEast,
			says:   "throttled",
		},
		{
			name:   "an environment that is not there",
			change: func(sim *failovertest.Simulation) { sim.ConnectFails = cli.ErrNotDeployed },
			line:   "status --env test",
			code:   cli.Unknown,
			writer: inEast,
			says:   "is not reached in us-west-2",
		},
	})
}

func TestPreflight(t *testing.T) {
	checkCommands(t, []commandCase{
		{"a preflight that passes", nil, "preflight --env test", cli.OK, inEast, "would work now"},
		{
			name: "a preflight of a standby whose commits would wait",
			change: func(sim *failovertest.Simulation) {
				sim.CommitLimits[inWest] = globaldb.CommitLimit{Group: "parameters-secondary", Value: "600"}
			},
			line: "preflight --env test", code: cli.OK, writer: inEast, says: "What !! marks is to be mended: commit limit.",
		},
		{
			name:   "a preflight while parameter groups cannot be read",
			change: func(sim *failovertest.Simulation) { sim.Faults["DescribeDBClusterParameters"] = errors.New("denied") },
			line:   "preflight --env test", code: cli.OK, writer: inEast, says: "denied",
		},
		{
			name:   "a preflight while it is not known where users are sent",
			change: func(sim *failovertest.Simulation) { sim.Routing = &decision.Routing{Detail: "no answer"} },
			line:   "preflight --env test", code: cli.OK, writer: inEast, says: "without it the controller makes no failover by itself: no answer",
		},
		{
			name:   "a status says where users are sent",
			change: func(sim *failovertest.Simulation) { sim.RouteDelay = 0; sim.LoseDatabase() },
			line:   "status --env test", code: cli.OK, writer: inEast, says: "us-west-2: 4 of 4 name servers answer with us-west-2",
		},
		{
			name:   "a status says why the primary region accepts no writes",
			change: (*failovertest.Simulation).LoseDatabase,
			line:   "status --env test", code: cli.OK, writer: inEast, says: "us-east-1: status 503, database-unreachable",
		},
		{
			name: "a status says what the parameter groups set", line: "status --env test", code: cli.OK, writer: inEast,
			says: "us-east-1 600 s, us-west-2 default",
		},
		{
			name:   "a failover while Route 53 sends users to the region that is not seen from here",
			change: (*failovertest.Simulation).Isolate,
			line:   "failover --env test --allow-data-loss", code: cli.Refused, writer: inEast, says: "Route 53 sends users to us-east-1",
		},
		{
			name:   "a preflight with us-east-1 unreachable",
			change: (*failovertest.Simulation).LoseRegion,
			line:   "preflight --env test",
			code:   cli.Refused,
			writer: inEast,
			says:   "NO primary",
		},
		{
			name:   "a preflight with an unhealthy standby",
			change: func(sim *failovertest.Simulation) { sim.LoseStandby("status 502") },
			line:   "preflight --env test",
			code:   cli.Refused,
			writer: inEast,
			says:   "would not work now: standby",
		},
		{
			name:   "a preflight with another engine",
			change: func(sim *failovertest.Simulation) { sim.Standby.EngineVersion = "16.9" },
			line:   "preflight --env test",
			code:   cli.Refused,
			writer: inEast,
			says:   "engine versions",
		},
		{
			name:   "a preflight with a secret that does not open the database",
			change: func(sim *failovertest.Simulation) { sim.Faults["Verify"] = errors.New("denied") },
			line:   "preflight --env test",
			code:   cli.Refused,
			writer: inEast,
			says:   "NO secret",
		},
		{
			name:   "a preflight with the writer in the standby",
			change: func(sim *failovertest.Simulation) { sim.SetWriter(inWest) },
			line:   "preflight --env test",
			code:   cli.OK,
			writer: inWest,
			says:   "A switchover back to us-east-1 would work now.",
		},
		{
			name:   "a preflight with the writer in the standby and the primary far behind",
			change: func(sim *failovertest.Simulation) { sim.SetWriter(inWest); sim.ReverseLag = time.Hour },
			line:   "preflight --env test",
			code:   cli.Refused,
			writer: inWest,
			says:   "NO replication 1h0m0s behind",
		},
	})
}

func TestStatusContradictsNothing(t *testing.T) {
	validated := func(sim *failovertest.Simulation) {
		if err := sim.SaveReport(t.Context(), readiness.Report{At: time.Now(), Ready: true}); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		name         string
		change       func(*failovertest.Simulation)
		says, denies []string
	}{
		{
			name:   "the newest data is older than the lag, and why",
			change: validated,
			says:   []string{"0.05 s to us-west-2", "old, by what is measured once a minute", "ready, validated"},
			denies: []string{"NOT ready"},
		},
		{
			name:   "after a move the replication is that to the primary region",
			change: func(sim *failovertest.Simulation) { sim.SetWriter(inWest) },
			says:   []string{"0.05 s to us-east-1", "newest data in us-east-1"},
			denies: []string{"newest data in the standby", "replication lag  not known"},
		},
		{
			name: "while the primary region does not answer, the replication to it is not known, and why",
			change: func(sim *failovertest.Simulation) {
				sim.SetWriter(inWest)
				sim.LoseRegion()
			},
			says: []string{"replication lag           not known: CloudWatch in us-east-1 did not answer within 3s"},
		},
		{
			name: "a standby that was ready and does not answer now is not ready",
			change: func(sim *failovertest.Simulation) {
				validated(sim)
				sim.LoseStandby("status 502")
			},
			says: []string{
				"NOT ready: it was when validated", "now: its application does not answer /healthz (got status 502)",
				"secondary, connected as RDS in us-west-2 says; no read there succeeds",
			},
			denies: []string{"ready, validated"},
		},
		{
			name:   "a lost region's database is its writer by RDS's word alone",
			change: (*failovertest.Simulation).LoseRegion,
			says:   []string{"records-primary: writer, as RDS in us-west-2 says; no read there succeeds"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sim := failovertest.New()
				test.change(sim)
				time.Sleep(time.Second)
				_, screen, _ := call(t, sim, "status --env test")
				for _, says := range test.says {
					if !strings.Contains(screen, says) {
						t.Errorf("the status does not say %q:\n%s", says, screen)
					}
				}
				for _, denied := range test.denies {
					if strings.Contains(screen, denied) {
						t.Errorf("the status says %q:\n%s", denied, screen)
					}
				}
			})
		})
	}
}

func TestStatusWatch(t *testing.T) {
	for _, test := range []struct {
		line string
		ends string // how each screen ends
	}{
		{"status --env test --watch", "The writer is in the primary region, us-east-1.\n"},
		{"status --env test --watch --json", "\n}\n"},
	} {
		t.Run(test.line, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sim := failovertest.New()
				code, screen, _ := call(t, sim, test.line)
				if got := strings.Count(screen, test.ends); code != cli.OK || got != 3 {
					t.Errorf("exit code %d and %d screens until it is interrupted, want 3:\n%s", code, got, screen)
				}
				if strings.Contains(screen, "\x1b") {
					t.Errorf("what is no terminal gets the control codes of one: %q", screen)
				}
			})
		})
	}
	t.Run("a region that is lost while it is watched is seen on the next screen", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			sim := failovertest.New()
			time.AfterFunc(time.Second, sim.LoseRegion)
			if _, screen, _ := call(t, sim, "status --env test --watch"); !strings.Contains(screen, "us-east-1: a time-out") {
				t.Errorf("the loss is not seen:\n%s", screen)
			}
		})
	})
}
