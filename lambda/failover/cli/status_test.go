package cli_test

import (
	"errors"
	"testing"

	"warmstandby/lambda/failover/cli"
	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/failovertest"
	"warmstandby/lambda/failover/globaldb"
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
			code:   cli.Refused,
			writer: inWest,
			says:   "NO writer",
		},
	})
}
