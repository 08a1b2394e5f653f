package cli_test

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"warmstandby/lambda/failover/cli"
	"warmstandby/lambda/failover/failovertest"
	"warmstandby/lambda/failover/invocation"
	"warmstandby/shared/contract/controller"
	"warmstandby/shared/shell"
)

// circumstance is one value of a piece of the evidence.
type circumstance struct {
	name   string
	change func(*failovertest.Simulation)
}

// circumstances are all values of each piece of evidence that advice rests on.
var circumstances = [][]circumstance{
	{
		{"the primary accepts writes", func(*failovertest.Simulation) {}},
		{"the primary's application fails", func(sim *failovertest.Simulation) { sim.LoseApplication("status 503") }},
		{"the primary region is lost", (*failovertest.Simulation).LoseRegion},
	}, {
		{"replication goes on", func(*failovertest.Simulation) {}},
		{"nothing passes between the regions", (*failovertest.Simulation).Split},
		{"replication is not measured", func(sim *failovertest.Simulation) { sim.Faults["GetMetricData"] = errors.New("throttled") }},
	}, {
		{"the standby is well", func(*failovertest.Simulation) {}},
		{"the standby is unhealthy", func(sim *failovertest.Simulation) { sim.LoseStandby("status 502") }},
		{"the standby's cluster is not seen", func(sim *failovertest.Simulation) { sim.Faults["DescribeDBClusters"] = errors.New("throttled") }},
		{"the standby does not open the database", func(sim *failovertest.Simulation) { sim.Faults["Verify"] = errors.New("denied") }},
	}, {
		{"the writer is in the primary region", func(*failovertest.Simulation) {}},
		{"the writer is in the standby region", func(sim *failovertest.Simulation) { sim.SetWriter(failovertest.West) }},
		{"the writer is not known", func(sim *failovertest.Simulation) { sim.Faults["DescribeGlobalClusters"] = errors.New("throttled") }},
	}, {
		{"the controller acts", func(*failovertest.Simulation) {}},
		{"the controller is paused", func(sim *failovertest.Simulation) { sim.StoredMode = controller.Advisory }},
	},
}

// everyCircumstance calls visit with each combination.
func everyCircumstance(visit func([]circumstance)) {
	var choose func([]circumstance)
	choose = func(chosen []circumstance) {
		if len(chosen) == len(circumstances) {
			visit(chosen)
			return
		}
		for _, one := range circumstances[len(chosen)] {
			choose(append(slices.Clip(chosen), one))
		}
	}
	choose(nil)
}

// after returns a simulation seven minutes after a change, with a run of the controller in every minute.
func after(t *testing.T, changes []circumstance) *failovertest.Simulation {
	t.Helper()
	sim := failovertest.New()
	watch := func(minutes int) {
		for range minutes {
			next := time.Now().Add(time.Minute)
			// A run that cannot find something out says so by an error, which is not what is tried here.
			_ = sim.Controller(fmt.Sprint(time.Now())).Run(t.Context())
			time.Sleep(time.Until(next))
		}
	}
	watch(2)
	for _, one := range changes {
		one.change(sim)
	}
	watch(7)
	return sim
}

// Commands as they stand in a text: of the program, and of make with its variables.
var (
	directly = regexp.MustCompile(`warmstandby [a-z-]+(?: --[a-z-]+(?: [a-z][a-z0-9-]*)?)*`)
	byMake   = regexp.MustCompile(`make [a-z-]+(?: [A-Z_]+=[^\s,.:]+)+`)
	// conditional begins a line whose command is for later, or for whoever wants something else.
	conditional = regexp.MustCompile(`\b(When|While|Whoever|By force)\b`)
)

// named returns the calls of the program that a text recommends for now, each in the program's own words.
func named(t *testing.T, text string) []string {
	t.Helper()
	var found []string
	for line := range strings.Lines(text) {
		for _, at := range append(directly.FindAllStringIndex(line, -1), byMake.FindAllStringIndex(line, -1)...) {
			if !conditional.MatchString(line[:at[0]]) {
				found = append(found, asDirect(t, line[at[0]:at[1]]))
			}
		}
	}
	return found
}

// asDirect returns the arguments of the program by which make runs a command, or that the program itself was called with.
func asDirect(t *testing.T, typed string) string {
	t.Helper()
	words := strings.Fields(typed)
	if words[0] == invocation.Program {
		return strings.Join(words[1:], " ")
	}
	line := ""
	for _, c := range cli.Commands() {
		if invocation.Target(c.Name) == words[1] {
			line = c.Name
		}
	}
	if line == "" {
		t.Fatalf("%q is no target of the command line's", typed)
	}
	for _, variable := range words[2:] {
		name, value, _ := strings.Cut(variable, "=")
		switch name {
		case "ENV":
			line += " --env " + value
		case "STANDBY":
			line += " --region " + value
		case "DATA_LOSS":
			line += " --allow-data-loss"
		case "FORCE":
			line += " --force"
		case "JSON":
			line += " --json"
		case "WATCH":
			line += " --watch"
		case "AT":
			line += " --at " + value
		case "PROMOTE":
			line += " --promote"
		case "DOCUMENTS":
			line += " --documents"
		case "REMOVE":
			line += " --remove"
		default:
			t.Fatalf("%q has the variable %s, which the command line knows nothing of", typed, name)
		}
	}
	return line
}

// Whatever is seen: what a command or a notice recommends is accepted when it is typed at that moment, unless it says that it
// is forced.
func TestRecommendations(t *testing.T) {
	t.Run("no advice names a command that would be refused", func(t *testing.T) {
		asked := []string{"status", "preflight", "switchover", "failover --allow-data-loss", "failback", "prepare-destroy"}
		recommended := map[string]int{}
		everyCircumstance(func(changes []circumstance) {
			var names []string
			for _, one := range changes {
				names = append(names, one.name)
			}
			on := func(line string) (code int, text string) {
				synctest.Test(t, func(t *testing.T) {
					sim := after(t, changes)
					var screen, progress string
					code, screen, progress = call(t, sim, line)
					text = screen + progress
					if all := sim.Notices(); len(all) > 0 {
						text += all[len(all)-1].Body
					}
				})
				return code, text
			}
			for _, line := range asked {
				verb, flags, _ := strings.Cut(line, " ")
				code, text := on(strings.TrimSpace(verb + " --env test --timeout 2m " + flags))
				if code == cli.OK && verb != "status" && verb != "preflight" {
					continue // it has moved the writer: what it says is of the time after
				}
				if strings.Contains(text, "a switchover loses nothing") {
					if got, shown := on("switchover --env test"); got != cli.OK {
						t.Errorf("%v:\n%s says\n%s\nand a switchover ends with %d:\n%s", names, line, text, got, shown)
					}
				}
				for _, advice := range named(t, text) {
					recommended[advice]++
					got, shown := on(advice)
					question := strings.HasPrefix(advice, "status ") || strings.HasPrefix(advice, "preflight ")
					forced := strings.Contains(advice, "--force")
					if accepted := got == cli.OK || (question || forced) && got != cli.Usage; !accepted {
						t.Errorf("%v:\n%s says\n%s\nand %s ends with %d:\n%s", names, line, text, advice, got, shown)
					}
				}
			}
		})
		for _, want := range []string{
			"status --env test", "preflight --env test", "switchover --env test", "failback --env test",
			"failover --env test --allow-data-loss", "failover --env test --allow-data-loss --force",
		} {
			if recommended[want] == 0 {
				t.Errorf("%s is recommended in no circumstance, so nothing was tried: %v", want, recommended)
			}
		}
	})
}

// In a split each region answers its users and nothing passes between them.
func TestPartition(t *testing.T) {
	split := []circumstance{{"nothing passes between the regions", (*failovertest.Simulation).Split}}
	const repeated = `ENV=test STATE='/a folder' PORT=4567`
	lost := "A failover gives up what us-west-2 has not received: all that was written after 2000-01-01 00:02:00 UTC, 7m0s ago. " +
		"us-east-1 goes on taking writes until RDS has stopped them there, and those are given up too."
	for _, form := range []struct{ name, variable, forced, status string }{
		{"called directly", "", "warmstandby failover --env test --allow-data-loss --force", "warmstandby status --env test"},
		{"called by make", repeated, "make failover " + repeated + " DATA_LOSS=yes FORCE=yes", "make status " + repeated},
	} {
		for _, test := range []struct {
			line string
			code int
			says []string
		}{
			{"status", cli.OK, []string{
				"next: A switchover would be refused now: membership, replication.",
				"next: " + lost + " It is refused, because us-east-1 accepts writes, unless it is forced.", "next: " + form.forced + "\n",
			}},
			{"preflight", cli.Refused, []string{
				"NO replication", "the newest data that has arrived is 7m0s old: after 3m0s replication counts as stopped",
				"A switchover to us-west-2 would not work now: membership, replication.",
				"next: " + form.status + "\n", lost, "next: " + form.forced + "\n",
			}},
			{"switchover", cli.Refused, []string{"would not work now: membership, replication.", lost, "next: " + form.forced + "\n"}},
			{"failover --allow-data-loss", cli.Refused, []string{
				"A failover is not made: us-east-1 accepts writes. A switchover would be refused too: membership, replication. " + lost,
				"next: " + form.forced + "\n",
			}},
			{"failover --allow-data-loss --force", cli.OK, []string{"The writer is in us-west-2, as RDS says."}},
		} {
			t.Run(test.line+", "+form.name, func(t *testing.T) {
				t.Setenv(shell.MakeVariable, form.variable)
				synctest.Test(t, func(t *testing.T) {
					verb, flags, _ := strings.Cut(test.line, " ")
					sim := after(t, split)
					code, screen, _ := call(t, sim, verb+" --env test "+flags)
					if code != test.code || strings.Contains(screen, "loses nothing") {
						t.Errorf("exit code %d, want %d:\n%s", code, test.code, screen)
					}
					for _, says := range test.says {
						if !strings.Contains(screen, says) {
							t.Errorf("it prints\n%s\nwant %q", screen, says)
						}
					}
				})
			})
		}
	}
}

func TestFailoverObjection(t *testing.T) {
	t.Run("a failover of a healthy primary region recommends a switchover", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			_, screen, _ := call(t, failovertest.New(), "failover --env test --allow-data-loss")
			for _, says := range []string{
				"us-east-1 accepts writes, and a switchover loses nothing.", "next: warmstandby switchover --env test\n",
				"To force it, which gives up data needlessly: warmstandby failover --env test --allow-data-loss --force\n",
			} {
				if !strings.Contains(screen, says) {
					t.Errorf("it prints\n%s\nwant %q", screen, says)
				}
			}
		})
	})
}

// A probe that meets a lost packet does not make a region lost whose records a failover would give up.
func TestFailoverAfterBlip(t *testing.T) {
	for _, test := range []struct {
		name string
		down time.Duration
		code int
	}{
		{"of one probe", 500 * time.Millisecond, cli.Refused},
		{"of two", 1500 * time.Millisecond, cli.Refused},
		{"that lasts", time.Hour, cli.OK},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sim := failovertest.New()
				sim.RouteDelay = 0
				sim.LoseApplication("status 502")
				healing := time.AfterFunc(test.down, sim.Heal)
				defer healing.Stop()
				if code, screen, _ := call(t, sim, "failover --env test --allow-data-loss"); code != test.code {
					t.Errorf("exit code %d, want %d: %s", code, test.code, screen)
				}
			})
		})
	}
}

func TestNoRecommendation(t *testing.T) {
	t.Run("the status of a healthy platform recommends nothing", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			if _, screen, _ := call(t, after(t, nil), "status --env test"); strings.Contains(screen, "next:") {
				t.Errorf("it recommends something:\n%s", screen)
			}
		})
	})
}
