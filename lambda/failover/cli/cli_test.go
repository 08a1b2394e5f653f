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
		{
			name:   "the status after a failover",
			change: func(sim *failovertest.Simulation) { sim.SetWriter(inWest) },
			line:   "status --env test",
			code:   cli.OK,
			writer: inWest,
			says:   "next: warmstandby failback --env test",
		},
		{
			name:   "the status while us-east-1 is unreachable",
			change: (*failovertest.Simulation).LoseRegion,
			line:   "status --env test",
			code:   cli.OK,
			writer: inEast,
			says:   "us-east-1: a time-out",
		},
		{
			name:   "the status while RDS does not answer",
			change: func(sim *failovertest.Simulation) { sim.Faults["DescribeGlobalClusters"] = errors.New("throttled") },
			line:   "status --env test",
			code:   cli.Unknown,
			writer: inEast,
			says:   "throttled",
		},
		{
			name:   "an environment that is not there",
			change: func(sim *failovertest.Simulation) { sim.ConnectFails = cli.ErrNotDeployed },
			line:   "status --env test",
			code:   cli.Unknown,
			writer: inEast,
			says:   "is not reached in us-west-2",
		},

		{"a preflight that passes", nil, "preflight --env test", cli.OK, inEast, "would work now"},
		{
			name:   "a preflight with us-east-1 unreachable",
			change: (*failovertest.Simulation).LoseRegion,
			line:   "preflight --env test",
			code:   cli.Refused,
			writer: inEast,
			says:   "NO primary",
		},
		{
			name:   "a preflight with an ill standby",
			change: func(sim *failovertest.Simulation) { sim.LoseStandby("status 502") },
			line:   "preflight --env test",
			code:   cli.Refused,
			writer: inEast,
			says:   "would not work now: standby",
		},
		{
			name:   "a preflight with another engine",
			change: func(sim *failovertest.Simulation) { sim.Standby.EngineVersion = "16.9" },
			line:   "preflight --env test",
			code:   cli.Refused,
			writer: inEast,
			says:   "engine versions",
		},
		{
			name:   "a preflight with a secret that does not open the database",
			change: func(sim *failovertest.Simulation) { sim.Faults["Verify"] = errors.New("denied") },
			line:   "preflight --env test",
			code:   cli.Refused,
			writer: inEast,
			says:   "NO secret",
		},
		{
			name:   "a preflight with the writer in the standby",
			change: func(sim *failovertest.Simulation) { sim.SetWriter(inWest) },
			line:   "preflight --env test",
			code:   cli.Refused,
			writer: inWest,
			says:   "NO writer",
		},

		{"a switchover", nil, "switchover --env test", cli.OK, inWest, "The writer is in us-west-2, as RDS says."},
		{
			name:   "a switchover to where the writer is",
			change: func(sim *failovertest.Simulation) { sim.SetWriter(inWest) },
			line:   "switchover --env test",
			code:   cli.OK,
			writer: inWest,
			says:   "nothing to do",
		},
		{
			name:   "a switchover that would not work",
			change: func(sim *failovertest.Simulation) { sim.LoseStandby("status 502") },
			line:   "switchover --env test",
			code:   cli.Refused,
			writer: inEast,
			says:   "would not work now",
		},
		{
			name:   "a switchover that RDS refuses",
			change: func(sim *failovertest.Simulation) { sim.MoveRefused = refusing },
			line:   "switchover --env test",
			code:   cli.Failed,
			writer: inEast,
			says:   "not available",
		},
		{
			name:   "a switchover that takes longer than the call may",
			change: func(sim *failovertest.Simulation) { sim.MoveDuration = time.Hour },
			line:   "switchover --env test --timeout 1m",
			code:   cli.Unfinished,
			writer: inEast,
			says:   "the controller goes on",
		},
		{
			name:   "a switchover that RDS cancels",
			change: func(sim *failovertest.Simulation) { sim.CancelsMoves = true },
			line:   "switchover --env test",
			code:   cli.Failed,
			writer: inEast,
			says:   "left the writer in us-east-1",
		},
		{
			name:   "a switchover without knowing where the writer is",
			change: func(sim *failovertest.Simulation) { sim.Faults["DescribeGlobalClusters"] = errors.New("throttled") },
			line:   "switchover --env test",
			code:   cli.Unknown,
			writer: inEast,
			says:   "without knowing",
		},

		{
			name:   "a failover with the region lost",
			change: (*failovertest.Simulation).LoseRegion,
			line:   "failover --env test --allow-data-loss",
			code:   cli.OK,
			writer: inWest,
			says:   "The writer is in us-west-2",
		},
		{"a failover without the word", (*failovertest.Simulation).LoseRegion, "failover --env test", cli.Usage, inEast, "--allow-data-loss"},
		{"a failover of a region that is well", nil, "failover --env test --allow-data-loss", cli.Refused, inEast, "a switchover loses nothing"},
		{
			name:   "a failover of a region that is well, by force",
			change: nil,
			line:   "failover --env test --allow-data-loss --force",
			code:   cli.OK,
			writer: inWest,
			says:   "The writer is in us-west-2",
		},
		{
			name:   "a failover to an ill standby",
			change: func(sim *failovertest.Simulation) { sim.LoseRegion(); sim.LoseStandby("status 502") },
			line:   "failover --env test --allow-data-loss",
			code:   cli.Refused,
			writer: inEast,
			says:   "status 502",
		},

		{
			name:   "a failback",
			change: func(sim *failovertest.Simulation) { sim.SetWriter(inWest) },
			line:   "failback --env test",
			code:   cli.OK,
			writer: inEast,
			says:   "The writer is in us-east-1, as RDS says.",
		},
		{"a failback to where the writer is", nil, "failback --env test", cli.OK, inEast, "nothing to do"},
		{
			name:   "a failback to a region that is lost",
			change: func(sim *failovertest.Simulation) { sim.SetWriter(inWest); sim.LoseRegion() },
			line:   "failback --env test",
			code:   cli.Refused,
			writer: inWest,
			says:   "does not follow the writer (yet)",
		},
		{
			name:   "a failback to a region that is behind",
			change: func(sim *failovertest.Simulation) { sim.SetWriter(inWest); sim.ReverseLag = time.Hour },
			line:   "failback --env test",
			code:   cli.Refused,
			writer: inWest,
			says:   "1h0m0s behind",
		},
		{
			name:   "a failback to a region whose cluster is rebuilt",
			change: func(sim *failovertest.Simulation) { sim.SetWriter(inWest); sim.PrimaryCluster.Status = "creating" },
			line:   "failback --env test",
			code:   cli.Refused,
			writer: inWest,
			says:   "is creating",
		},

		{"preparing to destroy what is at home", nil, "prepare-destroy --env test", cli.OK, inEast, "nothing to do"},
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

		{"pausing", nil, "pause --env test", cli.OK, inEast, "The mode is advisory in us-west-2"},
		{
			name:   "pausing with us-east-1 unreachable",
			change: (*failovertest.Simulation).LoseRegion,
			line:   "pause --env test",
			code:   cli.OK,
			writer: inEast,
			says:   "When the region is well: warmstandby pause --env test",
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
			change: func(sim *failovertest.Simulation) { sim.StoredMode = decision.Advisory },
			line:   "resume --env test",
			code:   cli.OK,
			writer: inEast,
			says:   "The mode is automatic",
		},
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
						if err := json.Unmarshal(
							[]byte(screen),
							&result,
						); err != nil || result.ExitCode != code || result.Environment != "test" ||
							result.Message == "" {
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
		if state := sim.State(); sim.Writer() != inWest || state.Move != nil || state.Last.Phase != journal.Announced ||
			len(sim.Requests()) != 1 {
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
		if code, screen, _ := call(
			t,
			sim,
			"failover --env test --allow-data-loss --force",
		); code != cli.Refused ||
			!strings.Contains(screen, "switchover to us-west-2 by the operator is under way") {
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
