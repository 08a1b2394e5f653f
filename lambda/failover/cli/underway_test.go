package cli_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"warmstandby/lambda/failover/cli"
	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/failovertest"
	"warmstandby/lambda/failover/journal"
)

// After a failback the newest measurement of replication is as old as the writer's stay in the standby region.
func TestReplicatedThrough(t *testing.T) {
	t.Run("a standby that had the writer until now counts as current", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			sim := after(t, []circumstance{{"nothing passes between the regions", (*failovertest.Simulation).Split}})
			must := func(line string, want int, says string) {
				t.Helper()
				if code, screen, _ := call(t, sim, line); code != want || !strings.Contains(screen, says) {
					t.Errorf("%s ends with %d, want %d and %q:\n%s", line, code, want, says, screen)
				}
			}
			must("failover --env test --allow-data-loss --force", cli.OK, "The writer is in us-west-2")
			time.Sleep(10*time.Minute + 10*time.Second)
			sim.Heal()
			must("failback --env test", cli.OK, "The writer is in us-east-1")
			if _, screen, _ := call(t, sim, "status --env test"); strings.Contains(screen, "next:") {
				t.Errorf("right after the failback something is recommended:\n%s", screen)
			}
			must("preflight --env test", cli.Unknown, "no measurement since the writer came to us-east-1")
			must("failover --env test --allow-data-loss", cli.Refused, "all that was written after 2000-01-01 00:19:")
			time.Sleep(2 * time.Minute)
			must("preflight --env test", cli.OK, "would work now")
			sim.Split()
			time.Sleep(4 * time.Minute)
			must("preflight --env test", cli.Refused, "would not work now: membership, replication")
		})
	})
}

// A move that is on record would be in the way of another kind of move, so none is recommended.
func TestNoRecommendationDuringMove(t *testing.T) {
	for _, line := range []string{"status", "preflight", "switchover", "failover --allow-data-loss"} {
		t.Run(line, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sim := failovertest.New()
				sim.Split()
				time.Sleep(7 * time.Minute)
				state := sim.State()
				state.Move = &journal.Move{
					Action: decision.Switchover, Target: failovertest.West, To: "us-west-2", From: "us-east-1", By: journal.Operator,
					Reasons: []string{"An operator asked for it."}, Phase: journal.Intent, Begun: time.Now(),
				}
				if _, err := sim.Table.Save(t.Context(), state); err != nil {
					t.Fatal(err)
				}
				verb, flags, _ := strings.Cut(line, " ")
				_, screen, _ := call(t, sim, verb+" --env test "+flags)
				for _, advice := range named(t, screen) {
					if !strings.HasPrefix(advice, "status ") {
						t.Errorf("it recommends %q:\n%s", advice, screen)
					}
				}
				if code, screen, _ := call(t, sim, "failover --env test --allow-data-loss --force"); code != cli.Refused {
					t.Errorf("a forced failover, which is another kind of move, ends with %d:\n%s", code, screen)
				}
			})
		})
	}
}
