package cli_test

import (
	"errors"
	"testing"

	"warmstandby/lambda/failover/cli"
	"warmstandby/lambda/failover/failovertest"
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
