package cli_test

import (
	"testing"

	"warmstandby/lambda/failover/cli"
	"warmstandby/lambda/failover/failovertest"
	"warmstandby/lambda/failover/globaldb"
)

func TestPrepareDestroy(t *testing.T) {
	checkCommands(t, []commandCase{
		{"preparing to destroy while the writer is in the primary region", nil, "prepare-destroy --env test", cli.OK, inEast, "nothing to do"},
		{
			name:   "preparing to destroy after a failover",
			change: func(sim *failovertest.Simulation) { sim.SetWriter(inWest) },
			line:   "prepare-destroy --env test",
			code:   cli.OK,
			writer: inEast,
			says:   "The writer is in us-east-1",
		},
		{
			name:   "preparing to destroy with the controller gone",
			change: func(sim *failovertest.Simulation) { sim.SetWriter(inWest); sim.ConnectFails = cli.ErrNotDeployed },
			line:   "prepare-destroy --env test --global-cluster records",
			code:   cli.OK,
			writer: inEast,
			says:   "The writer is in us-east-1",
		},
		{
			name:   "preparing to destroy with the controller gone and nothing named",
			change: func(sim *failovertest.Simulation) { sim.ConnectFails = cli.ErrNotDeployed },
			line:   "prepare-destroy --env test",
			code:   cli.Usage,
			writer: inEast,
			says:   "--global-cluster",
		},
		{
			name:   "preparing to destroy what RDS does not know",
			change: func(sim *failovertest.Simulation) { sim.Faults["DescribeGlobalClusters"] = globaldb.ErrNotFound },
			line:   "prepare-destroy --env test",
			code:   cli.OK,
			writer: inEast,
			says:   "nothing to do",
		},
		{
			name:   "preparing to destroy with the primary's cluster gone",
			change: func(sim *failovertest.Simulation) { sim.SetWriter(inWest); sim.DeletePrimary(false) },
			line:   "prepare-destroy --env test",
			code:   cli.OK,
			writer: inWest,
			says:   "detached from the global database",
		},
		{
			name:   "preparing to destroy with the primary's cluster gone and still listed",
			change: func(sim *failovertest.Simulation) { sim.SetWriter(inWest); sim.DeletePrimary(true) },
			line:   "prepare-destroy --env test",
			code:   cli.OK,
			writer: inWest,
			says:   "detached from the global database",
		},
		{
			name:   "preparing to destroy with us-east-1 unreachable",
			change: func(sim *failovertest.Simulation) { sim.SetWriter(inWest); sim.LoseRegion() },
			line:   "prepare-destroy --env test --timeout 1m",
			code:   cli.Unknown,
			writer: inWest,
			says:   "nothing was done",
		},
		{
			name:   "preparing to destroy while RDS refuses",
			change: func(sim *failovertest.Simulation) { sim.SetWriter(inWest); sim.MoveRefused = refusing },
			line:   "prepare-destroy --env test --timeout 1m",
			code:   cli.Failed,
			writer: inWest,
			says:   "Do NOT destroy",
		},
	})
}
