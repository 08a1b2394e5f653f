package cli_test

import (
	"errors"
	"testing"

	"warmstandby/lambda/failover/cli"
	"warmstandby/lambda/failover/failovertest"
	"warmstandby/shared/contract/controller"
)

func TestMode(t *testing.T) {
	checkCommands(t, []commandCase{
		{"pausing", nil, "pause --env test", cli.OK, inEast, "The mode is advisory in us-west-2"},
		{
			name:   "pausing with us-east-1 unreachable",
			change: (*failovertest.Simulation).LoseRegion,
			line:   "pause --env test",
			code:   cli.OK,
			writer: inEast,
			says:   "When the region is healthy: warmstandby pause --env test",
		},
		{
			name:   "pausing with Parameter Store unreachable",
			change: func(sim *failovertest.Simulation) { sim.Faults["PutParameter"] = errors.New("throttled") },
			line:   "pause --env test",
			code:   cli.Failed,
			writer: inEast,
			says:   "throttled",
		},
		{
			name:   "resuming",
			change: func(sim *failovertest.Simulation) { sim.StoredMode = controller.Advisory },
			line:   "resume --env test",
			code:   cli.OK,
			writer: inEast,
			says:   "The mode is automatic",
		},
	})
}
