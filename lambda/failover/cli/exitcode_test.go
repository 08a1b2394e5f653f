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

// What was found and speaks against a move is told from what could not be found out, as the runbook's table has it.
func TestExitCodesAreTheRunbooks(t *testing.T) {
	checkEnds(t, []ending{
		{"a preflight while RDS does not answer", func(sim *failovertest.Simulation) { sim.Faults["DescribeGlobalClusters"] = errors.New("throttled") }, "preflight --env test", cli.Unknown, inEast, "is not known: writer, standby"},
		{"a preflight without a measurement of replication", func(sim *failovertest.Simulation) { sim.Faults["GetMetricData"] = errors.New("throttled") }, "preflight --env test", cli.Unknown, inEast, "is not known: replication."},
		{"a preflight of a standby that is behind", func(sim *failovertest.Simulation) { sim.Lag = 2 * time.Minute }, "preflight --env test", cli.Refused, inEast, "NO replication 2m0s behind; want at most 1m0s"},
		{"a preflight of a standby that is a moment behind", func(sim *failovertest.Simulation) { sim.Lag = time.Minute }, "preflight --env test", cli.OK, inEast, "would work now"},
		{"a preflight while no cluster is seen", func(sim *failovertest.Simulation) { sim.Faults["DescribeDBClusters"] = errors.New("throttled") }, "preflight --env test", cli.Unknown, inEast, "is not known: standby, engine versions, primary."},
		{"a preflight while the application does not say whether it opens the database", func(sim *failovertest.Simulation) { sim.Faults["Verify"] = context.DeadlineExceeded }, "preflight --env test", cli.Unknown, inEast, "is not known: secret."},
		{"a preflight while the report is not read", func(sim *failovertest.Simulation) { sim.Faults["LoadReport"] = errors.New("throttled") }, "preflight --env test", cli.Unknown, inEast, "is not known: idle."},
		{"a preflight of which one thing is not known and another is bad", func(sim *failovertest.Simulation) {
			sim.Faults["GetMetricData"] = errors.New("throttled")
			sim.LoseStandby("status 502")
		}, "preflight --env test", cli.Refused, inEast, "would not work now: standby, replication."},
		{"a preflight of a global database that is not there", func(sim *failovertest.Simulation) { sim.Faults["DescribeGlobalClusters"] = globaldb.ErrNotFound }, "preflight --env test", cli.Refused, inEast, "RDS has none of this name"},
		{"a switchover without a measurement of replication", func(sim *failovertest.Simulation) { sim.Faults["GetMetricData"] = errors.New("throttled") }, "switchover --env test", cli.Unknown, inEast, "is not known: replication."},
		{"a switchover of a global database that is not there", func(sim *failovertest.Simulation) { sim.Faults["DescribeGlobalClusters"] = globaldb.ErrNotFound }, "switchover --env test", cli.Refused, inEast, "There is nothing to move"},
		{"a switchover of which RDS is not heard", func(sim *failovertest.Simulation) { sim.Faults["Move"] = errors.New("connection reset") }, "switchover --env test --timeout 1m", cli.Unknown, inEast, "RDS was not heard to agree"},
		{"a switchover whose answer is lost", func(sim *failovertest.Simulation) { sim.ResponseLost = true }, "switchover --env test", cli.OK, inWest, "The writer is in us-west-2"},
		{"a failover of a global database that is not there", func(sim *failovertest.Simulation) { sim.Faults["DescribeGlobalClusters"] = globaldb.ErrNotFound }, "failover --env test --allow-data-loss --force", cli.Refused, inEast, "There is nothing to move"},
		{"a failover without knowing where the writer is", func(sim *failovertest.Simulation) { sim.Faults["DescribeGlobalClusters"] = errors.New("throttled") }, "failover --env test --allow-data-loss --force", cli.Unknown, inEast, "without knowing"},
		{"a failover that RDS refuses", func(sim *failovertest.Simulation) { sim.LoseRegion(); sim.MoveRefused = refusing }, "failover --env test --allow-data-loss", cli.Failed, inEast, "not available"},
		{"a failover that takes longer than the call may", func(sim *failovertest.Simulation) { sim.LoseRegion(); sim.MoveDuration = time.Hour }, "failover --env test --allow-data-loss --timeout 1m", cli.Unfinished, inEast, "the controller goes on"},
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
		{"a failback that RDS refuses", func(sim *failovertest.Simulation) { sim.SetWriter(inWest); sim.MoveRefused = refusing }, "failback --env test", cli.Failed, inWest, "not available"},
		{"preparing to destroy while RDS does not answer", func(sim *failovertest.Simulation) { sim.Faults["DescribeGlobalClusters"] = errors.New("throttled") }, "prepare-destroy --env test", cli.Unknown, inEast, "does not say where the writer is"},
		{"preparing to destroy what has no writer", func(sim *failovertest.Simulation) { sim.SetWriter("") }, "prepare-destroy --env test", cli.Unknown, "", "When it is available: warmstandby prepare-destroy --env test"},
		{"pausing while the mode is not read back", func(sim *failovertest.Simulation) { sim.Faults["GetParameter"] = errors.New("throttled") }, "pause --env test", cli.Unknown, inEast, "could not be read back"},
	})
}
