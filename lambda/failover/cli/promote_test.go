package cli_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"warmstandby/lambda/failover/cli"
	"warmstandby/lambda/failover/failovertest"
	"warmstandby/lambda/failover/globaldb"
	"warmstandby/shared/contract/controller"
)

const lineOfPromotion = "restore --env test --promote --allow-data-loss"

func pausedController(sim *failovertest.Simulation) { sim.StoredMode = controller.Advisory }

func TestPromote(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*failovertest.Simulation)
		line   string
		code   int
		says   string
		begun  bool
	}{
		{
			"the restored cluster is the primary", pausedController, lineOfPromotion, cli.OK,
			"The global database has the data of 1999-12-31T23:00:00Z. What it had before is in snapshot " +
				"dbsnapshot-records-primary-19991231t230000-test.", true,
		},
		{
			"without a word about loss nothing is begun", pausedController, "restore --env test --promote", cli.Usage,
			"A promotion gives up what was written since the restored cluster's time. To accept that: warmstandby restore --env test " +
				"--promote --allow-data-loss.", false,
		},
		{
			"with a time beside it nothing is begun", pausedController, lineOfPromotion + " --at latest", cli.Usage, "A restore needs a time", false,
		},
		{
			"while the controller acts nothing is begun", func(*failovertest.Simulation) {}, lineOfPromotion, cli.Refused,
			"Nothing was begun: the failover controller is not paused", false,
		},
		{
			"nothing is restored", func(sim *failovertest.Simulation) {
				pausedController(sim)
				delete(sim.Cloud.Clusters, "aurora-records-restored-primary-test")
			}, lineOfPromotion, cli.Refused, "there is no DB cluster aurora-records-restored-primary-test to promote", false,
		},
		{
			"not enough rights", func(sim *failovertest.Simulation) {
				pausedController(sim)
				sim.Cloud.Denied["snapshot"] = globaldb.Refusal{Code: "AccessDenied", Message: "not authorized to perform: rds:CreateDBClusterSnapshot"}
			}, lineOfPromotion, cli.Failed, "not authorized to perform: rds:CreateDBClusterSnapshot (AccessDenied)", false,
		},
		{
			"the time is over before the end", pausedController, lineOfPromotion + " --timeout 1m", cli.Unfinished,
			"next: warmstandby restore --env test --promote --allow-data-loss", true,
		},
		{
			"the mode is not known", func(sim *failovertest.Simulation) { sim.Faults["GetParameter"] = errors.New("throttled") }, lineOfPromotion,
			cli.Unknown, "The controller's mode is not known, and nothing was begun", false,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sim := failovertest.New()
				test.change(sim)
				code, screen, _ := call(t, sim, test.line)
				if code != test.code || !strings.Contains(screen, test.says) {
					t.Errorf("exit code %d, want %d with %q: %s", code, test.code, test.says, screen)
				}
				if begun := len(sim.Cloud.Calls) > 0; begun != test.begun {
					t.Errorf("it has called %q", sim.Cloud.Calls)
				}
			})
		})
	}
	t.Run("a promotion that is done is not begun again", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			sim := failovertest.New()
			pausedController(sim)
			call(t, sim, lineOfPromotion)
			before := slices.Clone(sim.Cloud.Calls)
			code, screen, _ := call(t, sim, lineOfPromotion)
			if code != cli.OK || !strings.Contains(screen, "Nothing to do: the global database has the data") ||
				!slices.Equal(before, sim.Cloud.Calls) {
				t.Errorf("exit code %d: %s", code, screen)
			}
		})
	})
}
