package cli_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"warmstandby/lambda/failover/cli"
	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/failovertest"
	"warmstandby/lambda/failover/globaldb"
)

// A failed check and a source that could not be read have different exit codes, as the runbook's table says.
func TestExitCodes(t *testing.T) {
	checkCommands(t, []commandCase{
		{
			name:   "a preflight while RDS does not answer",
			change: func(sim *failovertest.Simulation) { sim.Faults["DescribeGlobalClusters"] = errors.New("throttled") },
			line:   "preflight --env test",
			code:   cli.Unknown,
			writer: inEast,
			says:   "is not known: writer, standby",
		},
		{
			name:   "a preflight without a measurement of replication",
			change: func(sim *failovertest.Simulation) { sim.Faults["GetMetricData"] = errors.New("throttled") },
			line:   "preflight --env test",
			code:   cli.Unknown,
			writer: inEast,
			says:   "is not known: replication.",
		},
		{
			name:   "a preflight of a standby that is behind",
			change: func(sim *failovertest.Simulation) { sim.Lag = 2 * time.Minute },
			line:   "preflight --env test",
			code:   cli.Refused,
			writer: inEast,
			says:   "NO replication 2m0s behind; want at most 1m0s",
		},
		{
			name:   "a preflight of a standby that is a moment behind",
			change: func(sim *failovertest.Simulation) { sim.Lag = time.Minute },
			line:   "preflight --env test",
			code:   cli.OK,
			writer: inEast,
			says:   "would work now",
		},
		{
			name:   "a preflight while no cluster is seen",
			change: func(sim *failovertest.Simulation) { sim.Faults["DescribeDBClusters"] = errors.New("throttled") },
			line:   "preflight --env test",
			code:   cli.Unknown,
			writer: inEast,
			says:   "is not known: standby, engine versions, primary.",
		},
		{
			name:   "a preflight while the application does not say whether it opens the database",
			change: func(sim *failovertest.Simulation) { sim.Faults["Verify"] = context.DeadlineExceeded },
			line:   "preflight --env test",
			code:   cli.Unknown,
			writer: inEast,
			says:   "is not known: secret.",
		},
		{
			name:   "a preflight while the report is not read",
			change: func(sim *failovertest.Simulation) { sim.Faults["LoadReport"] = errors.New("throttled") },
			line:   "preflight --env test",
			code:   cli.Unknown,
			writer: inEast,
			says:   "is not known: idle.",
		},
		{"a preflight of which one thing is not known and another is bad", func(sim *failovertest.Simulation) {
			sim.Faults["GetMetricData"] = errors.New("throttled")
			sim.LoseStandby("status 502")
		}, "preflight --env test", cli.Refused, inEast, "would not work now: standby, replication."},
		{
			name:   "a preflight of a global database that is not there",
			change: func(sim *failovertest.Simulation) { sim.Faults["DescribeGlobalClusters"] = globaldb.ErrNotFound },
			line:   "preflight --env test",
			code:   cli.Refused,
			writer: inEast,
			says:   "RDS has none of this name",
		},
		{
			name:   "a switchover without a measurement of replication",
			change: func(sim *failovertest.Simulation) { sim.Faults["GetMetricData"] = errors.New("throttled") },
			line:   "switchover --env test",
			code:   cli.Unknown,
			writer: inEast,
			says:   "is not known: replication.",
		},
		{
			name:   "a switchover of a global database that is not there",
			change: func(sim *failovertest.Simulation) { sim.Faults["DescribeGlobalClusters"] = globaldb.ErrNotFound },
			line:   "switchover --env test",
			code:   cli.Refused,
			writer: inEast,
			says:   "There is nothing to move",
		},
		{
			name:   "a switchover of which RDS is not heard",
			change: func(sim *failovertest.Simulation) { sim.Faults["Move"] = errors.New("connection reset") },
			line:   "switchover --env test --timeout 1m",
			code:   cli.Unknown,
			writer: inEast,
			says:   "RDS has not confirmed the",
		},
		{
			name:   "a switchover whose answer is lost",
			change: func(sim *failovertest.Simulation) { sim.ResponseLost = true },
			line:   "switchover --env test",
			code:   cli.OK,
			writer: inWest,
			says:   "The writer is in us-west-2",
		},
		{
			name:   "a failover of a global database that is not there",
			change: func(sim *failovertest.Simulation) { sim.Faults["DescribeGlobalClusters"] = globaldb.ErrNotFound },
			line:   "failover --env test --allow-data-loss --force",
			code:   cli.Refused,
			writer: inEast,
			says:   "There is nothing to move",
		},
		{
			name:   "a failover without knowing where the writer is",
			change: func(sim *failovertest.Simulation) { sim.Faults["DescribeGlobalClusters"] = errors.New("throttled") },
			line:   "failover --env test --allow-data-loss --force",
			code:   cli.Unknown,
			writer: inEast,
			says:   "without knowing",
		},
		{
			name:   "a failover that RDS refuses",
			change: func(sim *failovertest.Simulation) { loseRegion(sim); sim.MoveRefused = refusing },
			line:   "failover --env test --allow-data-loss",
			code:   cli.Failed,
			writer: inEast,
			says:   "not available",
		},
		{
			name:   "a failover that takes longer than the call may",
			change: func(sim *failovertest.Simulation) { loseRegion(sim); sim.MoveDuration = time.Hour },
			line:   "failover --env test --allow-data-loss --timeout 1m",
			code:   cli.Unfinished,
			writer: inEast,
			says:   "the controller goes on",
		},
		{"a failover while RDS moves the writer elsewhere", func(sim *failovertest.Simulation) {
			sim.SetWriter(inWest)
			sim.MoveDuration = time.Hour
			if err := sim.Move(context.Background(), decision.Switchover, inEast); err != nil {
				panic(err)
			}
		}, "failover --env test --allow-data-loss --force", cli.Refused, inWest, "RDS is moving the writer elsewhere"},
		{"a failback without a measurement of replication", func(sim *failovertest.Simulation) {
			sim.SetWriter(inWest)
			sim.Faults["GetMetricData"] = errors.New("throttled")
		}, "failback --env test", cli.Unknown, inWest, "is not known: replication."},
		{
			name:   "a failback that RDS refuses",
			change: func(sim *failovertest.Simulation) { sim.SetWriter(inWest); sim.MoveRefused = refusing },
			line:   "failback --env test",
			code:   cli.Failed,
			writer: inWest,
			says:   "not available",
		},
		{
			name:   "preparing to destroy while RDS does not answer",
			change: func(sim *failovertest.Simulation) { sim.Faults["DescribeGlobalClusters"] = errors.New("throttled") },
			line:   "prepare-destroy --env test",
			code:   cli.Unknown,
			writer: inEast,
			says:   "does not say where the writer is",
		},
		{
			name:   "preparing to destroy what has no writer",
			change: func(sim *failovertest.Simulation) { sim.SetWriter("") },
			line:   "prepare-destroy --env test",
			code:   cli.Unknown,
			writer: "",
			says:   "When it is available: warmstandby prepare-destroy --env test",
		},
		{
			name:   "pausing while the mode is not read back",
			change: func(sim *failovertest.Simulation) { sim.Faults["GetParameter"] = errors.New("throttled") },
			line:   "pause --env test",
			code:   cli.Unknown,
			writer: inEast,
			says:   "could not be read back",
		},
	})
}
