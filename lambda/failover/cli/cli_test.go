package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"warmstandby/lambda/failover/cli"
	"warmstandby/lambda/failover/failovertest"
	"warmstandby/lambda/failover/globaldb"
	"warmstandby/lambda/failover/journal"
)

// interruptAfter is when an operator interrupts a command that goes on until then: after its third screen.
const interruptAfter = 12 * time.Second

// call runs the command line on a simulation and returns its exit code and what it printed. A command that watches is interrupted.
func call(t *testing.T, sim *failovertest.Simulation, line string) (code int, screen, errors string) {
	t.Helper()
	ctx := t.Context()
	if strings.Contains(line, "--watch") {
		interrupted, interrupt := context.WithTimeout(ctx, interruptAfter)
		defer interrupt()
		ctx = interrupted
	}
	var stdout, stderr bytes.Buffer
	code = cli.Main(ctx, strings.Fields(line), "operator", sim, &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}

const inEast, inWest = failovertest.East, failovertest.West

// refusing is an answer of RDS's that declines.
var refusing = globaldb.Refusal{Code: "InvalidGlobalClusterStateFault", Message: "not available"}

// commandCase is one call of the command line on a simulation, and how it ends.
type commandCase struct {
	name   string
	change func(*failovertest.Simulation)
	line   string
	code   int
	writer string
	says   string
}

// checkCommands makes each call twice: once with text output and once with --json.
func checkCommands(t *testing.T, tests []commandCase) {
	t.Helper()
	for _, test := range tests {
		for _, flag := range []string{"", " --json"} {
			t.Run(test.name+flag, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					sim := failovertest.New()
					if test.change != nil {
						test.change(sim)
					}
					code, screen, stderr := call(t, sim, test.line+flag)
					if code != test.code || sim.Writer() != test.writer {
						t.Errorf("exit code %d, want %d; the writer is %s\n%s%s", code, test.code, sim.Writer(), screen, stderr)
					}
					if flag != "" {
						var result cli.Result
						err := json.Unmarshal([]byte(screen), &result)
						if err != nil || result.ExitCode != code || result.Environment != "test" || result.Message == "" {
							t.Errorf("the JSON is %s (%v)", screen, err)
						}
					} else if !strings.Contains(strings.Join(strings.Fields(screen), " "), test.says) {
						t.Errorf("it prints\n%s\nwant %q", screen, test.says)
					}
				})
			})
		}
	}
}

func TestUsageErrors(t *testing.T) {
	for _, line := range []string{
		"", "help", "destroy --env test", "status", "status --env UPPER", "status --env test more", "status --env test --timeout 0s",
		"switchover --env test --allow-data-loss",
	} {
		t.Run(line, func(t *testing.T) {
			sim := failovertest.New()
			if code, screen, stderr := call(t, sim, line); code != cli.Usage || screen != "" || stderr == "" {
				t.Errorf("exit code %d, want %d, with %q on standard error", code, cli.Usage, stderr)
			}
			if calls := sim.Calls(); len(calls) > 0 {
				t.Errorf("it has called %q", calls)
			}
		})
	}
}

func TestStatusDecision(t *testing.T) {
	t.Run("the status shows the last decision and why", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			sim := failovertest.New()
			sim.LoseStandby("status 502")
			if err := sim.Controller("run").Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			_, screen, _ := call(t, sim, "status --env test")
			for _, says := range []string{
				"advise", "could not take over: its application does not answer", "records-primary: writer",
				"records-secondary: secondary, connected", "automatic", "never validated",
			} {
				if !strings.Contains(screen, says) {
					t.Errorf("the status does not say %q:\n%s", says, screen)
				}
			}
			if lines := strings.Count(screen, "\n"); lines > 24 {
				t.Errorf("the status has %d lines: more than a screen", lines)
			}
		})
	})
}

func TestStatusLastMove(t *testing.T) {
	t.Run("the status shows why the controller has moved the writer", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			sim := failovertest.New()
			loseRegion(sim)
			for range 6 {
				if err := sim.Controller(fmt.Sprint(time.Now())).Run(t.Context()); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Minute)
			}
			_, screen, _ := call(t, sim, "status --env test")
			for _, says := range []string{
				"failover to us-west-2 by the controller, announced", "Writes in the primary region have failed for", "it is overdue",
				"failing back is an operator's decision",
			} {
				if !strings.Contains(screen, says) {
					t.Errorf("the status does not say %q:\n%s", says, screen)
				}
			}
			if lines := strings.Count(screen, "\n"); lines > 24 {
				t.Errorf("the status has %d lines: more than a screen", lines)
			}
		})
	})
}

func TestInterruptedMove(t *testing.T) {
	t.Run("the controller finishes the move of an interrupted command", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			sim := failovertest.New()
			sim.MoveDuration = 90 * time.Second
			if code, screen, _ := call(t, sim, "switchover --env test --timeout 30s"); code != cli.Unfinished {
				t.Fatalf("exit code %d: %s", code, screen)
			}
			for range 5 {
				if err := sim.Controller(fmt.Sprint(time.Now())).Run(t.Context()); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Minute)
			}
			if state := sim.State(); sim.Writer() != inWest || state.Move != nil || state.Last.Phase != journal.Announced ||
				len(sim.Requests()) != 1 {
				t.Errorf("the writer is %s, the moves are %+v and %+v, RDS was asked for %q", sim.Writer(), state.Move, state.Last, sim.Requests())
			}
		})
	})
}

func TestContinuedMove(t *testing.T) {
	t.Run("the same command finishes the move of an interrupted command", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			sim := failovertest.New()
			loseRegion(sim)
			sim.MoveDuration = 90 * time.Second
			const line = "failover --env test --allow-data-loss"
			if code, screen, _ := call(t, sim, line+" --timeout 30s"); code != cli.Unfinished {
				t.Fatalf("exit code %d: %s", code, screen)
			}
			if code, screen, _ := call(t, sim, line); code != cli.OK || len(sim.Requests()) != 1 {
				t.Errorf("exit code %d, RDS was asked for %q: %s", code, sim.Requests(), screen)
			}
			if code, _, _ := call(t, sim, "switchover --env test"); code != cli.OK {
				t.Errorf("a switchover to where the writer is ends with %d", code)
			}
		})
	})
}

func TestMoveInProgress(t *testing.T) {
	t.Run("a move of another kind is left to the actor that began it", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			sim := failovertest.New()
			sim.MoveDuration = 90 * time.Second
			if code, screen, _ := call(t, sim, "switchover --env test --timeout 30s"); code != cli.Unfinished {
				t.Fatalf("exit code %d: %s", code, screen)
			}
			code, screen, _ := call(t, sim, "failover --env test --allow-data-loss --force")
			if code != cli.Refused || !strings.Contains(screen, "switchover to us-west-2 by the operator is under way") {
				t.Errorf("exit code %d: %s", code, screen)
			}
		})
	})
}

func TestWaitForLease(t *testing.T) {
	t.Run("a command waits for the controllers run", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			sim := failovertest.New()
			held, err := journal.Open(t.Context(), sim.Table, "a watch", time.Now().Add(50*time.Second))
			if err != nil {
				t.Fatal(err)
			}
			time.AfterFunc(20*time.Second, func() { held.Close(context.Background()) })
			begun := time.Now()
			if code, screen, _ := call(t, sim, "switchover --env test"); code != cli.OK || time.Since(begun) < 20*time.Second {
				t.Errorf("after %s, exit code %d: %s", time.Since(begun), code, screen)
			}
		})
	})
}

func TestFailbackEndsCooldown(t *testing.T) {
	t.Run("a failback has the controller act again at once", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			sim := failovertest.New()
			watch := func(minutes int) {
				for range minutes {
					next := time.Now().Add(time.Minute)
					if err := sim.Controller(fmt.Sprint(time.Now())).Run(t.Context()); err != nil {
						t.Fatal(err)
					}
					time.Sleep(time.Until(next))
				}
			}
			watch(2)
			loseRegion(sim)
			watch(5)
			sim.Heal()
			if code, screen, _ := call(t, sim, "failback --env test"); code != cli.OK {
				t.Fatal(screen)
			}
			watch(2)
			loseRegion(sim)
			watch(5)
			if got := sim.Requests(); !slices.Equal(got, []string{"failover", "switchover", "failover"}) {
				t.Errorf("RDS was asked for %q", got)
			}
		})
	})
}

func TestUnreachableRegions(t *testing.T) {
	for _, c := range cli.Commands() {
		t.Run(c.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sim := failovertest.New()
				loseRegion(sim)
				begun := time.Now()
				line := c.Name + " --env test --json --timeout 2m"
				if c.Name == "failover" {
					line += " --allow-data-loss"
				}
				_, screen, _ := call(t, sim, line)
				var result cli.Result
				if err := json.Unmarshal([]byte(screen), &result); err != nil || result.Message == "" {
					t.Errorf("it answers %q (%v)", screen, err)
				}
				if took := time.Since(begun); took > 2*time.Minute {
					t.Errorf("it takes %s", took)
				}
			})
		})
	}
}

// loseRegion loses the primary region so long ago that Route 53 has taken users away.
func loseRegion(sim *failovertest.Simulation) {
	sim.RouteDelay = 0
	sim.LoseRegion()
}
