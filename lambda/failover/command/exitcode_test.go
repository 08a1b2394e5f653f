package command_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"warmstandby/lambda/failover/aurora"
	"warmstandby/lambda/failover/command"
	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/world"
)

// What was found and speaks against a move is told from what could not be found out, as the runbook's table has it.
func TestExitCodesAreTheRunbooks(t *testing.T) {
	checkEnds(t, []ending{
		{"a preflight while RDS does not answer", func(w *world.World) { w.Faults["DescribeGlobalClusters"] = errors.New("throttled") }, "preflight --env test", command.Unknown, inEast, "is not known: writer, standby"},
		{"a preflight without a measurement of replication", func(w *world.World) { w.Faults["GetMetricData"] = errors.New("throttled") }, "preflight --env test", command.Unknown, inEast, "is not known: replication."},
		{"a preflight of a standby that is behind", func(w *world.World) { w.Lag = 2 * time.Minute }, "preflight --env test", command.Refused, inEast, "NO replication 2m0s behind; want at most 1m0s"},
		{"a preflight of a standby that is a moment behind", func(w *world.World) { w.Lag = time.Minute }, "preflight --env test", command.OK, inEast, "would work now"},
		{"a preflight while no cluster is seen", func(w *world.World) { w.Faults["DescribeDBClusters"] = errors.New("throttled") }, "preflight --env test", command.Unknown, inEast, "is not known: standby, engine versions, primary."},
		{"a preflight while the application does not say whether it opens the database", func(w *world.World) { w.Faults["Verify"] = context.DeadlineExceeded }, "preflight --env test", command.Unknown, inEast, "is not known: secret."},
		{"a preflight while the report is not read", func(w *world.World) { w.Faults["LoadReport"] = errors.New("throttled") }, "preflight --env test", command.Unknown, inEast, "is not known: idle."},
		{"a preflight of which one thing is not known and another is bad", func(w *world.World) {
			w.Faults["GetMetricData"] = errors.New("throttled")
			w.LoseStandby("status 502")
		}, "preflight --env test", command.Refused, inEast, "would not work now: standby, replication."},
		{"a preflight of a global database that is not there", func(w *world.World) { w.Faults["DescribeGlobalClusters"] = aurora.ErrNotFound }, "preflight --env test", command.Refused, inEast, "RDS has none of this name"},
		{"a switchover without a measurement of replication", func(w *world.World) { w.Faults["GetMetricData"] = errors.New("throttled") }, "switchover --env test", command.Unknown, inEast, "is not known: replication."},
		{"a switchover of a global database that is not there", func(w *world.World) { w.Faults["DescribeGlobalClusters"] = aurora.ErrNotFound }, "switchover --env test", command.Refused, inEast, "There is nothing to move"},
		{"a switchover of which RDS is not heard", func(w *world.World) { w.Faults["Move"] = errors.New("connection reset") }, "switchover --env test --timeout 1m", command.Unknown, inEast, "RDS was not heard to agree"},
		{"a switchover whose answer is lost", func(w *world.World) { w.AnswerLost = true }, "switchover --env test", command.OK, inWest, "The writer is in us-west-2"},
		{"a failover of a global database that is not there", func(w *world.World) { w.Faults["DescribeGlobalClusters"] = aurora.ErrNotFound }, "failover --env test --allow-data-loss --force", command.Refused, inEast, "There is nothing to move"},
		{"a failover without knowing where the writer is", func(w *world.World) { w.Faults["DescribeGlobalClusters"] = errors.New("throttled") }, "failover --env test --allow-data-loss --force", command.Unknown, inEast, "without knowing"},
		{"a failover that RDS refuses", func(w *world.World) { w.LoseRegion(); w.MoveRefused = refusing }, "failover --env test --allow-data-loss", command.Failed, inEast, "not available"},
		{"a failover that takes longer than the call may", func(w *world.World) { w.LoseRegion(); w.MoveTakes = time.Hour }, "failover --env test --allow-data-loss --timeout 1m", command.Unfinished, inEast, "the controller goes on"},
		{"a failover while RDS moves the writer elsewhere", func(w *world.World) {
			w.PutWriter(inWest)
			w.MoveTakes = time.Hour
			if err := w.Move(context.Background(), decision.Switchover, inEast); err != nil {
				panic(err)
			}
		}, "failover --env test --allow-data-loss --force", command.Refused, inWest, "RDS is moving the writer elsewhere"},
		{"a failback without a measurement of replication", func(w *world.World) {
			w.PutWriter(inWest)
			w.Faults["GetMetricData"] = errors.New("throttled")
		}, "failback --env test", command.Unknown, inWest, "is not known: replication."},
		{"a failback that RDS refuses", func(w *world.World) { w.PutWriter(inWest); w.MoveRefused = refusing }, "failback --env test", command.Failed, inWest, "not available"},
		{"preparing to destroy while RDS does not answer", func(w *world.World) { w.Faults["DescribeGlobalClusters"] = errors.New("throttled") }, "prepare-destroy --env test", command.Unknown, inEast, "does not say where the writer is"},
		{"preparing to destroy what has no writer", func(w *world.World) { w.PutWriter("") }, "prepare-destroy --env test", command.Unknown, "", "When it is available: warmstandby prepare-destroy --env test"},
		{"pausing while the mode is not read back", func(w *world.World) { w.Faults["GetParameter"] = errors.New("throttled") }, "pause --env test", command.Unknown, inEast, "could not be read back"},
	})
}
