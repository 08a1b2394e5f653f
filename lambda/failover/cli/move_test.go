package cli_test

import (
	"errors"
	"testing"
	"time"

	"warmstandby/lambda/failover/cli"
	"warmstandby/lambda/failover/failovertest"
)

func TestSwitchover(t *testing.T) {
	checkCommands(t, []commandCase{
		{"a switchover", nil, "switchover --env test", cli.OK, inWest, "The writer is in us-west-2, as RDS says."},
		{
			name:   "a switchover to where the writer is",
			change: func(sim *failovertest.Simulation) { sim.SetWriter(inWest) },
			line:   "switchover --env test",
			code:   cli.OK,
			writer: inWest,
			says:   "nothing to do",
		},
		{
			name:   "a switchover that would not work",
			change: func(sim *failovertest.Simulation) { sim.LoseStandby("status 502") },
			line:   "switchover --env test",
			code:   cli.Refused,
			writer: inEast,
			says:   "would not work now",
		},
		{
			name:   "a switchover that RDS refuses",
			change: func(sim *failovertest.Simulation) { sim.MoveRefused = refusing },
			line:   "switchover --env test",
			code:   cli.Failed,
			writer: inEast,
			says:   "not available",
		},
		{
			name:   "a switchover that takes longer than the call may",
			change: func(sim *failovertest.Simulation) { sim.MoveDuration = time.Hour },
			line:   "switchover --env test --timeout 1m",
			code:   cli.Unfinished,
			writer: inEast,
			says:   "the controller goes on",
		},
		{
			name:   "a switchover that RDS cancels",
			change: func(sim *failovertest.Simulation) { sim.CancelsMoves = true },
			line:   "switchover --env test",
			code:   cli.Failed,
			writer: inEast,
			says:   "left the writer in us-east-1",
		},
		{
			name:   "a switchover without knowing where the writer is",
			change: func(sim *failovertest.Simulation) { sim.Faults["DescribeGlobalClusters"] = errors.New("throttled") },
			line:   "switchover --env test",
			code:   cli.Unknown,
			writer: inEast,
			says:   "without knowing",
		},
	})
}

func TestFailover(t *testing.T) {
	checkCommands(t, []commandCase{
		{
			name:   "a failover with the region lost",
			change: loseRegion,
			line:   "failover --env test --allow-data-loss",
			code:   cli.OK,
			writer: inWest,
			says:   "The writer is in us-west-2",
		},
		{"a failover without the word", (*failovertest.Simulation).LoseRegion, "failover --env test", cli.Usage, inEast, "--allow-data-loss"},
		{"a failover of a region that is well", nil, "failover --env test --allow-data-loss", cli.Refused, inEast, "a switchover loses nothing"},
		{
			name:   "a failover of a region that is well, by force",
			change: nil,
			line:   "failover --env test --allow-data-loss --force",
			code:   cli.OK,
			writer: inWest,
			says:   "The writer is in us-west-2",
		},
		{
			name:   "a failover to an unhealthy standby",
			change: func(sim *failovertest.Simulation) { loseRegion(sim); sim.LoseStandby("status 502") },
			line:   "failover --env test --allow-data-loss",
			code:   cli.Refused,
			writer: inEast,
			says:   "status 502",
		},
	})
}

func TestFailback(t *testing.T) {
	checkCommands(t, []commandCase{
		{
			name:   "a failback",
			change: func(sim *failovertest.Simulation) { sim.SetWriter(inWest) },
			line:   "failback --env test",
			code:   cli.OK,
			writer: inEast,
			says:   "The writer is in us-east-1, as RDS says.",
		},
		{"a failback to where the writer is", nil, "failback --env test", cli.OK, inEast, "nothing to do"},
		{
			name:   "a failback to a region that is lost",
			change: func(sim *failovertest.Simulation) { sim.SetWriter(inWest); loseRegion(sim) },
			line:   "failback --env test",
			code:   cli.Refused,
			writer: inWest,
			says:   "does not follow the writer (yet)",
		},
		{
			name:   "a failback to a region that is behind",
			change: func(sim *failovertest.Simulation) { sim.SetWriter(inWest); sim.ReverseLag = time.Hour },
			line:   "failback --env test",
			code:   cli.Refused,
			writer: inWest,
			says:   "1h0m0s behind",
		},
		{
			name:   "a failback to a region whose cluster is rebuilt",
			change: func(sim *failovertest.Simulation) { sim.SetWriter(inWest); sim.PrimaryCluster.Status = "creating" },
			line:   "failback --env test",
			code:   cli.Refused,
			writer: inWest,
			says:   "is creating",
		},
	})
}
