package command_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"warmstandby/lambda/failover/command"
	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/journal"
	"warmstandby/lambda/failover/world"
)

// A move that is on record would be in the way of another kind of move, so none is recommended.
func TestNoMoveIsRecommendedWhileAnotherIsUnderWay(t *testing.T) {
	for _, line := range []string{"status", "preflight", "switchover", "failover --allow-data-loss"} {
		t.Run(line, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := world.New()
				w.Split()
				time.Sleep(7 * time.Minute)
				state := w.State()
				state.Move = &journal.Move{
					Action: decision.Switchover, Target: world.West, To: "us-west-2", From: "us-east-1", By: journal.Operator,
					Reasons: []string{"An operator asked for it."}, Phase: journal.Intent, Begun: time.Now(),
				}
				if _, err := w.Table.Save(t.Context(), state); err != nil {
					t.Fatal(err)
				}
				verb, flags, _ := strings.Cut(line, " ")
				_, screen, _ := call(t, w, verb+" --env test "+flags)
				for _, advice := range named(t, screen) {
					if !strings.HasPrefix(advice, "status ") {
						t.Errorf("it recommends %q:\n%s", advice, screen)
					}
				}
				if code, screen, _ := call(t, w, "failover --env test --allow-data-loss --force"); code != command.Refused {
					t.Errorf("a forced failover, which is another kind of move, ends with %d:\n%s", code, screen)
				}
			})
		})
	}
}
