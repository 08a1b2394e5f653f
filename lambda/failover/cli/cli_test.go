package cli_test

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

	"warmstandby/lambda/failover/cli"
	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/failovertest"
	"warmstandby/lambda/failover/globaldb"
	"warmstandby/lambda/failover/journal"
)

// call runs the command line on a world and returns its exit code and what it printed.
func call(t *testing.T, sim *failovertest.Simulation, line string) (code int, screen, errors string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = cli.Main(t.Context(), strings.Fields(line), "operator", sim, &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}

const inEast, inWest = failovertest.East, failovertest.West

// refusing is an answer of RDS's that declines.
var refusing = globaldb.Refusal{Code: "InvalidGlobalClusterStateFault", Message: "not available"}

// ending is how a command ends in a world.
type ending struct {
	name   string
	change func(*failovertest.Simulation)
	line   string
	code   int
	writer string
	says   string
}

func TestCommands(t *testing.T) {
	tests := []ending{
		{"the status of a healthy platform", nil, "status --env test", cli.OK, inEast, "The writer is in the primary region, us-east-1."},
		{"the status after a failover", func(sim *failovertest.Simulation) { sim.SetWriter(inWest) }, "status --env test", cli.OK, inWest, "next: warmstandby failback --env test"},
		{"the status while us-east-1 is unreachable", (*failovertest.Simulation).LoseRegion, "status --env test", cli.OK, inEast, "us-east-1: a time-out"},
		{"the status while RDS does not answer", func(sim *failovertest.Simulation) { sim.Faults["DescribeGlobalClusters"] = errors.New("throttled") }, "status --env test", cli.Unknown, inEast, "throttled"},
		{"an environment that is not there", func(sim *failovertest.Simulation) { sim.ConnectFails = cli.ErrNotDeployed }, "status --env test", cli.Unknown, inEast, "is not reached in us-west-2"},

		{"a preflight that passes", nil, "preflight --env test", cli.OK, inEast, "would work now"},
		{"a preflight with us-east-1 unreachable", (*failovertest.Simulation).LoseRegion, "preflight --env test", cli.Refused, inEast, "NO primary"},
		{"a preflight with an ill standby", func(sim *failovertest.Simulation) { sim.LoseStandby("status 502") }, "preflight --env test", cli.Refused, inEast, "would not work now: standby"},
		{"a preflight with another engine", func(sim *failovertest.Simulation) { sim.Standby.EngineVersion = "16.9" }, "preflight --env test", cli.Refused, inEast, "engine versions"},
		{"a preflight with a secret that does not open the database", func(sim *failovertest.Simulation) { sim.Faults["Verify"] = errors.New("denied") }, "preflight --env test", cli.Refused, inEast, "NO secret"},
		{"a preflight with the writer in the standby", func(sim *failovertest.Simulation) { sim.SetWriter(inWest) }, "preflight --env test", cli.Refused, inWest, "NO writer"},

		{"a switchover", nil, "switchover --env test", cli.OK, inWest, "The writer is in us-west-2, as RDS says."},
		{"a switchover to where the writer is", func(sim *failovertest.Simulation) { sim.SetWriter(inWest) }, "switchover --env test", cli.OK, inWest, "nothing to do"},
		{"a switchover that would not work", func(sim *failovertest.Simulation) { sim.LoseStandby("status 502") }, "switchover --env test", cli.Refused, inEast, "would not work now"},
		{"a switchover that RDS refuses", func(sim *failovertest.Simulation) { sim.MoveRefused = refusing }, "switchover --env test", cli.Failed, inEast, "not available"},
		{"a switchover that takes longer than the call may", func(sim *failovertest.Simulation) { sim.MoveDuration = time.Hour }, "switchover --env test --timeout 1m", cli.Unfinished, inEast, "the controller goes on"},
		{"a switchover that RDS cancels", func(sim *failovertest.Simulation) { sim.CancelsMoves = true }, "switchover --env test", cli.Failed, inEast, "left the writer in us-east-1"},
		{"a switchover without knowing where the writer is", func(sim *failovertest.Simulation) { sim.Faults["DescribeGlobalClusters"] = errors.New("throttled") }, "switchover --env test", cli.Unknown, inEast, "without knowing"},

		{"a failover with the region lost", (*failovertest.Simulation).LoseRegion, "failover --env test --allow-data-loss", cli.OK, inWest, "The writer is in us-west-2"},
		{"a failover without the word", (*failovertest.Simulation).LoseRegion, "failover --env test", cli.Usage, inEast, "--allow-data-loss"},
		{"a failover of a region that is well", nil, "failover --env test --allow-data-loss", cli.Refused, inEast, "a switchover loses nothing"},
		{"a failover of a region that is well, by force", nil, "failover --env test --allow-data-loss --force", cli.OK, inWest, "The writer is in us-west-2"},
		{"a failover to an ill standby", func(sim *failovertest.Simulation) { sim.LoseRegion(); sim.LoseStandby("status 502") }, "failover --env test --allow-data-loss", cli.Refused, inEast, "status 502"},

		{"a failback", func(sim *failovertest.Simulation) { sim.SetWriter(inWest) }, "failback --env test", cli.OK, inEast, "The writer is in us-east-1, as RDS says."},
		{"a failback to where the writer is", nil, "failback --env test", cli.OK, inEast, "nothing to do"},
		{"a failback to a region that is lost", func(sim *failovertest.Simulation) { sim.SetWriter(inWest); sim.LoseRegion() }, "failback --env test", cli.Refused, inWest, "does not follow the writer (yet)"},
		{"a failback to a region that is behind", func(sim *failovertest.Simulation) { sim.SetWriter(inWest); sim.ReverseLag = time.Hour }, "failback --env test", cli.Refused, inWest, "1h0m0s behind"},
		{"a failback to a region whose cluster is rebuilt", func(sim *failovertest.Simulation) { sim.SetWriter(inWest); sim.PrimaryCluster.Status = "creating" }, "failback --env test", cli.Refused, inWest, "is creating"},

		{"preparing to destroy what is at home", nil, "prepare-destroy --env test", cli.OK, inEast, "nothing to do"},
		{"preparing to destroy after a failover", func(sim *failovertest.Simulation) { sim.SetWriter(inWest) }, "prepare-destroy --env test", cli.OK, inEast, "The writer is in us-east-1"},
		{"preparing to destroy with the controller gone", func(sim *failovertest.Simulation) { sim.SetWriter(inWest); sim.ConnectFails = cli.ErrNotDeployed }, "prepare-destroy --env test --global-cluster records", cli.OK, inEast, "The writer is in us-east-1"},
		{"preparing to destroy with the controller gone and nothing named", func(sim *failovertest.Simulation) { sim.ConnectFails = cli.ErrNotDeployed }, "prepare-destroy --env test", cli.Usage, inEast, "--global-cluster"},
		{"preparing to destroy what RDS does not know", func(sim *failovertest.Simulation) { sim.Faults["DescribeGlobalClusters"] = globaldb.ErrNotFound }, "prepare-destroy --env test", cli.OK, inEast, "nothing to do"},
		{"preparing to destroy with the primary's cluster gone", func(sim *failovertest.Simulation) { sim.SetWriter(inWest); sim.DeletePrimary(false) }, "prepare-destroy --env test", cli.OK, inWest, "detached from the global database"},
		{"preparing to destroy with the primary's cluster gone and still listed", func(sim *failovertest.Simulation) { sim.SetWriter(inWest); sim.DeletePrimary(true) }, "prepare-destroy --env test", cli.OK, inWest, "detached from the global database"},
		{"preparing to destroy with us-east-1 unreachable", func(sim *failovertest.Simulation) { sim.SetWriter(inWest); sim.LoseRegion() }, "prepare-destroy --env test --timeout 1m", cli.Unknown, inWest, "nothing was done"},
		{"preparing to destroy while RDS refuses", func(sim *failovertest.Simulation) { sim.SetWriter(inWest); sim.MoveRefused = refusing }, "prepare-destroy --env test --timeout 1m", cli.Failed, inWest, "Do NOT destroy"},

		{"pausing", nil, "pause --env test", cli.OK, inEast, "The mode is advisory in us-west-2"},
		{"pausing with us-east-1 unreachable", (*failovertest.Simulation).LoseRegion, "pause --env test", cli.OK, inEast, "When the region is well: warmstandby pause --env test"},
		{"pausing with Parameter Store unreachable", func(sim *failovertest.Simulation) { sim.Faults["PutParameter"] = errors.New("throttled") }, "pause --env test", cli.Failed, inEast, "throttled"},
		{"resuming", func(sim *failovertest.Simulation) { sim.StoredMode = decision.Advisory }, "resume --env test", cli.OK, inEast, "The mode is automatic"},
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
						if err := json.Unmarshal([]byte(screen), &result); err != nil || result.ExitCode != code || result.Environment != "test" || result.Message == "" {
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

func TestTheStatusShowsTheLastDecisionAndWhy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := failovertest.New()
		sim.LoseStandby("status 502")
		if err := sim.Reconciler("run").Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		_, screen, _ := call(t, sim, "status --env test")
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
		sim := failovertest.New()
		sim.LoseRegion()
		for range 6 {
			if err := sim.Reconciler(fmt.Sprint(time.Now())).Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Minute)
		}
		_, screen, _ := call(t, sim, "status --env test")
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
		sim := failovertest.New()
		sim.MoveDuration = 90 * time.Second
		if code, screen, _ := call(t, sim, "switchover --env test --timeout 30s"); code != cli.Unfinished {
			t.Fatalf("exit code %d: %s", code, screen)
		}
		for range 5 {
			if err := sim.Reconciler(fmt.Sprint(time.Now())).Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Minute)
		}
		if state := sim.State(); sim.Writer() != inWest || state.Move != nil || state.Last.Phase != journal.Announced || len(sim.Requests()) != 1 {
			t.Errorf("the writer is %s, the moves are %+v and %+v, RDS was asked for %q", sim.Writer(), state.Move, state.Last, sim.Requests())
		}
	})
}

func TestACommandThatWasBrokenOffIsFinishedByTheSameCommand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := failovertest.New()
		sim.LoseRegion()
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
}

func TestAMoveOfAnotherKindIsLeftToItsMaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := failovertest.New()
		sim.MoveDuration = 90 * time.Second
		if code, screen, _ := call(t, sim, "switchover --env test --timeout 30s"); code != cli.Unfinished {
			t.Fatalf("exit code %d: %s", code, screen)
		}
		if code, screen, _ := call(t, sim, "failover --env test --allow-data-loss --force"); code != cli.Refused || !strings.Contains(screen, "switchover to us-west-2 by the operator is under way") {
			t.Errorf("exit code %d: %s", code, screen)
		}
	})
}

func TestACommandWaitsForTheControllersRun(t *testing.T) {
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
}

func TestAFailbackHasTheControllerActAgainAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := failovertest.New()
		watch := func(minutes int) {
			for range minutes {
				next := time.Now().Add(time.Minute)
				if err := sim.Reconciler(fmt.Sprint(time.Now())).Run(t.Context()); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Until(next))
			}
		}
		watch(2)
		sim.LoseRegion()
		watch(5)
		sim.Heal()
		if code, screen, _ := call(t, sim, "failback --env test"); code != cli.OK {
			t.Fatal(screen)
		}
		watch(2)
		sim.LoseRegion()
		watch(5)
		if got := sim.Requests(); !slices.Equal(got, []string{"failover", "switchover", "failover"}) {
			t.Errorf("RDS was asked for %q", got)
		}
	})
}

func TestEveryCommandAnswersWithTheRegionsUnreachable(t *testing.T) {
	for _, c := range cli.Commands() {
		t.Run(c.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sim := failovertest.New()
				sim.LoseRegion()
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
