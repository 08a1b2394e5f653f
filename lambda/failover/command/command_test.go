package command_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"warmstandby/lambda/failover/aurora"
	"warmstandby/lambda/failover/command"
	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/journal"
	"warmstandby/lambda/failover/world"
)

// call runs the command line on a world and returns its exit code and what it printed.
func call(t *testing.T, w *world.World, line string) (code int, screen, errors string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = command.Main(t.Context(), strings.Fields(line), "operator", w, &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}

const inEast, inWest = world.East, world.West

// refusing is an answer of RDS's that declines.
var refusing = aurora.Refusal{Code: "InvalidGlobalClusterStateFault", Message: "not available"}

// ending is how a command ends in a world.
type ending struct {
	name   string
	change func(*world.World)
	line   string
	code   int
	writer string
	says   string
}

func TestCommands(t *testing.T) {
	tests := []ending{
		{"the status of a healthy platform", nil, "status --env test", command.OK, inEast, "The writer is in the primary region, us-east-1."},
		{"the status after a failover", func(w *world.World) { w.PutWriter(inWest) }, "status --env test", command.OK, inWest, "next: warmstandby failback --env test"},
		{"the status while us-east-1 is unreachable", (*world.World).LoseRegion, "status --env test", command.OK, inEast, "us-east-1: a time-out"},
		{"the status while RDS does not answer", func(w *world.World) { w.Faults["DescribeGlobalClusters"] = errors.New("throttled") }, "status --env test", command.Unknown, inEast, "throttled"},
		{"an environment that is not there", func(w *world.World) { w.ConnectFails = command.ErrNotDeployed }, "status --env test", command.Unknown, inEast, "is not reached in us-west-2"},

		{"a preflight that passes", nil, "preflight --env test", command.OK, inEast, "would work now"},
		{"a preflight with us-east-1 unreachable", (*world.World).LoseRegion, "preflight --env test", command.Refused, inEast, "NO primary"},
		{"a preflight with an ill standby", func(w *world.World) { w.LoseStandby("status 502") }, "preflight --env test", command.Refused, inEast, "would not work now: standby"},
		{"a preflight with another engine", func(w *world.World) { w.Standby.EngineVersion = "16.9" }, "preflight --env test", command.Refused, inEast, "engine versions"},
		{"a preflight with a secret that does not open the database", func(w *world.World) { w.Faults["Verify"] = errors.New("denied") }, "preflight --env test", command.Refused, inEast, "NO secret"},
		{"a preflight with the writer in the standby", func(w *world.World) { w.PutWriter(inWest) }, "preflight --env test", command.Refused, inWest, "NO writer"},

		{"a switchover", nil, "switchover --env test", command.OK, inWest, "The writer is in us-west-2, as RDS says."},
		{"a switchover to where the writer is", func(w *world.World) { w.PutWriter(inWest) }, "switchover --env test", command.OK, inWest, "nothing to do"},
		{"a switchover that would not work", func(w *world.World) { w.LoseStandby("status 502") }, "switchover --env test", command.Refused, inEast, "would not work now"},
		{"a switchover that RDS refuses", func(w *world.World) { w.MoveRefused = refusing }, "switchover --env test", command.Failed, inEast, "not available"},
		{"a switchover that takes longer than the call may", func(w *world.World) { w.MoveTakes = time.Hour }, "switchover --env test --timeout 1m", command.Unfinished, inEast, "the controller goes on"},
		{"a switchover that RDS cancels", func(w *world.World) { w.Cancels = true }, "switchover --env test", command.Failed, inEast, "left the writer in us-east-1"},
		{"a switchover without knowing where the writer is", func(w *world.World) { w.Faults["DescribeGlobalClusters"] = errors.New("throttled") }, "switchover --env test", command.Unknown, inEast, "without knowing"},

		{"a failover with the region lost", (*world.World).LoseRegion, "failover --env test --allow-data-loss", command.OK, inWest, "The writer is in us-west-2"},
		{"a failover without the word", (*world.World).LoseRegion, "failover --env test", command.Usage, inEast, "--allow-data-loss"},
		{"a failover of a region that is well", nil, "failover --env test --allow-data-loss", command.Refused, inEast, "a switchover loses nothing"},
		{"a failover of a region that is well, by force", nil, "failover --env test --allow-data-loss --force", command.OK, inWest, "The writer is in us-west-2"},
		{"a failover to an ill standby", func(w *world.World) { w.LoseRegion(); w.LoseStandby("status 502") }, "failover --env test --allow-data-loss", command.Refused, inEast, "status 502"},

		{"a failback", func(w *world.World) { w.PutWriter(inWest) }, "failback --env test", command.OK, inEast, "The writer is in us-east-1, as RDS says."},
		{"a failback to where the writer is", nil, "failback --env test", command.OK, inEast, "nothing to do"},
		{"a failback to a region that is lost", func(w *world.World) { w.PutWriter(inWest); w.LoseRegion() }, "failback --env test", command.Refused, inWest, "does not follow the writer (yet)"},
		{"a failback to a region that is behind", func(w *world.World) { w.PutWriter(inWest); w.BackLag = time.Hour }, "failback --env test", command.Refused, inWest, "1h0m0s behind"},
		{"a failback to a region whose cluster is rebuilt", func(w *world.World) { w.PutWriter(inWest); w.PrimaryCluster.Status = "creating" }, "failback --env test", command.Refused, inWest, "is creating"},

		{"preparing to destroy what is at home", nil, "prepare-destroy --env test", command.OK, inEast, "nothing to do"},
		{"preparing to destroy after a failover", func(w *world.World) { w.PutWriter(inWest) }, "prepare-destroy --env test", command.OK, inEast, "The writer is in us-east-1"},
		{"preparing to destroy with the controller gone", func(w *world.World) { w.PutWriter(inWest); w.ConnectFails = command.ErrNotDeployed }, "prepare-destroy --env test --global-cluster records", command.OK, inEast, "The writer is in us-east-1"},
		{"preparing to destroy with the controller gone and nothing named", func(w *world.World) { w.ConnectFails = command.ErrNotDeployed }, "prepare-destroy --env test", command.Usage, inEast, "--global-cluster"},
		{"preparing to destroy what RDS does not know", func(w *world.World) { w.Faults["DescribeGlobalClusters"] = aurora.ErrNotFound }, "prepare-destroy --env test", command.OK, inEast, "nothing to do"},
		{"preparing to destroy with the primary's cluster gone", func(w *world.World) { w.PutWriter(inWest); w.DeletePrimary(false) }, "prepare-destroy --env test", command.OK, inWest, "detached from the global database"},
		{"preparing to destroy with the primary's cluster gone and still listed", func(w *world.World) { w.PutWriter(inWest); w.DeletePrimary(true) }, "prepare-destroy --env test", command.OK, inWest, "detached from the global database"},
		{"preparing to destroy with us-east-1 unreachable", func(w *world.World) { w.PutWriter(inWest); w.LoseRegion() }, "prepare-destroy --env test --timeout 1m", command.Unknown, inWest, "nothing was done"},
		{"preparing to destroy while RDS refuses", func(w *world.World) { w.PutWriter(inWest); w.MoveRefused = refusing }, "prepare-destroy --env test --timeout 1m", command.Failed, inWest, "Do NOT destroy"},

		{"pausing", nil, "pause --env test", command.OK, inEast, "The mode is advisory in us-west-2"},
		{"pausing with us-east-1 unreachable", (*world.World).LoseRegion, "pause --env test", command.OK, inEast, "When the region is well: warmstandby pause --env test"},
		{"pausing with Parameter Store unreachable", func(w *world.World) { w.Faults["PutParameter"] = errors.New("throttled") }, "pause --env test", command.Failed, inEast, "throttled"},
		{"resuming", func(w *world.World) { w.Set = decision.Advisory }, "resume --env test", command.OK, inEast, "The mode is automatic"},
	}
	checkEnds(t, tests)
}

// checkEnds calls each command, for a person and for a program.
func checkEnds(t *testing.T, tests []ending) {
	t.Helper()
	for _, test := range tests {
		for _, flag := range []string{"", " --json"} {
			t.Run(test.name+flag, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := world.New()
					if test.change != nil {
						test.change(w)
					}
					code, screen, stderr := call(t, w, test.line+flag)
					if code != test.code || w.Writer() != test.writer {
						t.Errorf("exit code %d, want %d; the writer is %s\n%s%s", code, test.code, w.Writer(), screen, stderr)
					}
					if flag != "" {
						var answer command.Answer
						if err := json.Unmarshal([]byte(screen), &answer); err != nil || answer.ExitCode != code || answer.Environment != "test" || answer.Says == "" {
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

func TestWrongCalls(t *testing.T) {
	for _, line := range []string{"", "help", "destroy --env test", "status", "status --env UPPER", "status --env test more", "status --env test --timeout 0s", "switchover --env test --allow-data-loss"} {
		t.Run(line, func(t *testing.T) {
			w := world.New()
			if code, screen, stderr := call(t, w, line); code != command.Usage || screen != "" || stderr == "" {
				t.Errorf("exit code %d, want %d, with %q on standard error", code, command.Usage, stderr)
			}
			if calls := w.Calls(); len(calls) > 0 {
				t.Errorf("it has called %q", calls)
			}
		})
	}
}

func TestTheStatusShowsTheLastDecisionAndWhy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := world.New()
		w.LoseStandby("status 502")
		if err := w.Watch("run").Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		_, screen, _ := call(t, w, "status --env test")
		for _, says := range []string{"advise", "could not take over: its application does not answer", "records-primary: writer", "records-secondary: secondary, connected", "automatic", "never validated"} {
			if !strings.Contains(screen, says) {
				t.Errorf("the status does not say %q:\n%s", says, screen)
			}
		}
		if lines := strings.Count(screen, "\n"); lines > 24 {
			t.Errorf("the status has %d lines: more than a screen", lines)
		}
	})
}

func TestTheStatusShowsWhyTheControllerHasMovedTheWriter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := world.New()
		w.LoseRegion()
		for range 6 {
			if err := w.Watch(fmt.Sprint(time.Now())).Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Minute)
		}
		_, screen, _ := call(t, w, "status --env test")
		for _, says := range []string{"failover to us-west-2 by the controller, announced", "Writes in the primary region have failed for", "it is overdue", "failing back is an operator's decision"} {
			if !strings.Contains(screen, says) {
				t.Errorf("the status does not say %q:\n%s", says, screen)
			}
		}
		if lines := strings.Count(screen, "\n"); lines > 24 {
			t.Errorf("the status has %d lines: more than a screen", lines)
		}
	})
}

func TestACommandThatWasBrokenOffIsFinishedByTheController(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := world.New()
		w.MoveTakes = 90 * time.Second
		if code, screen, _ := call(t, w, "switchover --env test --timeout 30s"); code != command.Unfinished {
			t.Fatalf("exit code %d: %s", code, screen)
		}
		for range 5 {
			if err := w.Watch(fmt.Sprint(time.Now())).Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Minute)
		}
		if state := w.State(); w.Writer() != inWest || state.Move != nil || state.Last.Phase != journal.Announced || len(w.Requests()) != 1 {
			t.Errorf("the writer is %s, the moves are %+v and %+v, RDS was asked for %q", w.Writer(), state.Move, state.Last, w.Requests())
		}
	})
}

func TestACommandThatWasBrokenOffIsFinishedByTheSameCommand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := world.New()
		w.LoseRegion()
		w.MoveTakes = 90 * time.Second
		const line = "failover --env test --allow-data-loss"
		if code, screen, _ := call(t, w, line+" --timeout 30s"); code != command.Unfinished {
			t.Fatalf("exit code %d: %s", code, screen)
		}
		if code, screen, _ := call(t, w, line); code != command.OK || len(w.Requests()) != 1 {
			t.Errorf("exit code %d, RDS was asked for %q: %s", code, w.Requests(), screen)
		}
		if code, _, _ := call(t, w, "switchover --env test"); code != command.OK {
			t.Errorf("a switchover to where the writer is ends with %d", code)
		}
	})
}

func TestAMoveOfAnotherKindIsLeftToItsMaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := world.New()
		w.MoveTakes = 90 * time.Second
		if code, screen, _ := call(t, w, "switchover --env test --timeout 30s"); code != command.Unfinished {
			t.Fatalf("exit code %d: %s", code, screen)
		}
		if code, screen, _ := call(t, w, "failover --env test --allow-data-loss --force"); code != command.Refused || !strings.Contains(screen, "switchover to us-west-2 by the operator is under way") {
			t.Errorf("exit code %d: %s", code, screen)
		}
	})
}

func TestACommandWaitsForTheControllersRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := world.New()
		held, err := journal.Open(t.Context(), w.Table, "a watch", time.Now().Add(50*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(20*time.Second, func() { held.Close(context.Background()) })
		begun := time.Now()
		if code, screen, _ := call(t, w, "switchover --env test"); code != command.OK || time.Since(begun) < 20*time.Second {
			t.Errorf("after %s, exit code %d: %s", time.Since(begun), code, screen)
		}
	})
}

func TestAFailbackHasTheControllerActAgainAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := world.New()
		watch := func(minutes int) {
			for range minutes {
				next := time.Now().Add(time.Minute)
				if err := w.Watch(fmt.Sprint(time.Now())).Run(t.Context()); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Until(next))
			}
		}
		watch(2)
		w.LoseRegion()
		watch(5)
		w.Heal()
		if code, screen, _ := call(t, w, "failback --env test"); code != command.OK {
			t.Fatal(screen)
		}
		watch(2)
		w.LoseRegion()
		watch(5)
		if got := w.Requests(); !slices.Equal(got, []string{"failover", "switchover", "failover"}) {
			t.Errorf("RDS was asked for %q", got)
		}
	})
}

func TestEveryCommandAnswersWithTheRegionsUnreachable(t *testing.T) {
	for _, c := range command.Commands() {
		t.Run(c.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := world.New()
				w.LoseRegion()
				begun := time.Now()
				line := c.Name + " --env test --json --timeout 2m"
				if c.Name == "failover" {
					line += " --allow-data-loss"
				}
				_, screen, _ := call(t, w, line)
				var answer command.Answer
				if err := json.Unmarshal([]byte(screen), &answer); err != nil || answer.Says == "" {
					t.Errorf("it answers %q (%v)", screen, err)
				}
				if took := time.Since(begun); took > 2*time.Minute {
					t.Errorf("it takes %s", took)
				}
			})
		})
	}
}
