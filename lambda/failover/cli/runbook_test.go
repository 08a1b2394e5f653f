package cli_test

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"warmstandby/lambda/failover/cli"
	"warmstandby/lambda/failover/failovertest"
	"warmstandby/lambda/failover/readiness"
	"warmstandby/lambda/failover/runbook"
	"warmstandby/shared/contract/controller"
	"warmstandby/shared/shell"
)

func readRunbook(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../RUNBOOK.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// outcome is how a command of the runbook ends in a simulation.
type outcome struct {
	in   func(*testing.T, *failovertest.Simulation)
	code int
}

func well(*testing.T, *failovertest.Simulation) {}

// watched returns a healthy simulation after runs of the controller and a validation.
func watched(t *testing.T, sim *failovertest.Simulation) {
	if err := sim.SaveReport(t.Context(), readiness.Report{At: time.Now(), Ready: true}); err != nil {
		t.Fatal(err)
	}
	if err := sim.Controller("run").Run(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func regionLost(_ *testing.T, sim *failovertest.Simulation) { loseRegion(sim) }

func split(_ *testing.T, sim *failovertest.Simulation) {
	sim.Split()
	time.Sleep(7 * time.Minute)
}

func restored(_ *testing.T, sim *failovertest.Simulation) {
	sim.SetRestored("us-east-1", "aurora-records-restored-primary-prod", "2026-03-01T12:02:00Z")
}

func promotable(_ *testing.T, sim *failovertest.Simulation) { sim.StoredMode = controller.Advisory }

func inStandby(_ *testing.T, sim *failovertest.Simulation) { sim.SetWriter(failovertest.West) }

// behind has the writer in the standby region, and the primary's cluster far behind.
func behind(_ *testing.T, sim *failovertest.Simulation) {
	sim.SetWriter(failovertest.West)
	sim.Split()
	sim.ReverseLag = time.Hour
}

// outcomes are of every command that the runbook names and the command line runs.
var outcomes = map[string][]outcome{
	"make status ENV=prod":                                      {{watched, cli.OK}},
	"make status ENV=prod JSON=yes":                             {{well, cli.OK}},
	"make status ENV=prod WATCH=yes":                            {{well, cli.OK}},
	"warmstandby status --env prod":                             {{well, cli.OK}},
	"warmstandby status --env prod --json":                      {{well, cli.OK}},
	"make preflight ENV=prod":                                   {{well, cli.OK}, {split, cli.Refused}, {inStandby, cli.OK}},
	"make switchover ENV=prod":                                  {{well, cli.OK}},
	"warmstandby switchover --env prod --timeout 30m":           {{well, cli.OK}},
	"make failover ENV=prod":                                    {{regionLost, cli.Usage}},
	"make failover ENV=prod DATA_LOSS=yes":                      {{regionLost, cli.OK}},
	"make failover ENV=prod DATA_LOSS=yes FORCE=yes":            {{split, cli.OK}},
	"warmstandby failover --env prod --allow-data-loss --force": {{split, cli.OK}},
	"make failback ENV=prod":                                    {{inStandby, cli.OK}, {behind, cli.Refused}},
	"make pause-failover ENV=prod":                              {{well, cli.OK}},
	"make resume-failover ENV=prod":                             {{well, cli.OK}},
	"make reconcile ENV=prod":                                   {{inStandby, cli.OK}},
	"make reconcile ENV=prod JSON=yes":                          {{inStandby, cli.OK}},
	"make restore ENV=prod AT=latest":                           {{well, cli.OK}},
	"make restore ENV=prod PROMOTE=yes DATA_LOSS=yes":           {{promotable, cli.OK}},
	"make restore ENV=prod DOCUMENTS=yes":                       {{restored, cli.OK}},
	"make restore ENV=prod REMOVE=yes":                          {{restored, cli.OK}},
	"make prepare-destroy ENV=prod":                             {{well, cli.OK}},
}

// others are the commands of the runbook that are not the command line's. make must have them; the end-to-end tests run them.
var others = map[string]string{
	"make destroy ENV=prod": "destroy ENV=prod",
	"make sweep ENV=prod":   "sweep ENV=prod",
	"make up ENV=prod STACK=data-global PULUMI_FLAGS=--refresh":      "up ENV=prod STACK=data-global PULUMI_FLAGS=--refresh",
	"make preview ENV=prod STACK=data-global PULUMI_FLAGS=--refresh": "preview ENV=prod STACK=data-global PULUMI_FLAGS=--refresh",
	"make preview ENV=prod":                   "preview ENV=prod",
	"make preview ENV=prod STACK=data-global": "preview ENV=prod STACK=data-global",
	"make up ENV=prod STACK=data-global":      "up ENV=prod STACK=data-global",
	"make controller ENV=prod":                "controller ENV=prod",
	"make doctor ENV=prod":                    "doctor ENV=prod",
	"make smoke ENV=prod":                     "smoke ENV=prod",
	"make notices ENV=prod":                   "notices ENV=prod",
	"make live ENV=prod":                      "live ENV=prod",
	"make timeline ENV=prod":                  "timeline ENV=prod",
	`eval "$(make env ENV=prod)"`:             "env ENV=prod",
}

// alike leaves out of a line what differs from one day, simulation or environment to another: times, ages, names and spaces.
func alike(line string) string {
	for _, one := range [][2]string{
		{`\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d`, "a moment"}, {`\b[0-9.]+h?[0-9]*m?[0-9.]*( s|s|m)\b`, "a while"},
		{`aurora-(records-[a-z]+)-prod`, "$1"}, {`\s+`, " "},
	} {
		line = regexp.MustCompile(one[0]).ReplaceAllString(line, one[1])
	}
	return strings.TrimSpace(line)
}

// lines returns the lines of a text as alike leaves them, in order of the alphabet, without empty ones.
func lines(text string) []string {
	var all []string
	for line := range strings.Lines(text) {
		if line = alike(line); line != "" {
			all = append(all, line)
		}
	}
	slices.Sort(all)
	return all
}

func TestRunbookCommands(t *testing.T) {
	seen, verbs := map[string]bool{}, map[string]bool{}
	for _, one := range runbook.Commands(readRunbook(t)) {
		seen[one.Text] = true
		if _, is := others[one.Text]; is {
			continue
		}
		ends, tried := outcomes[one.Text]
		if !tried {
			t.Errorf("line %d of the runbook has %q, which no test runs", one.Line, one.Text)
			continue
		}
		t.Run(fmt.Sprintf("line %d, %s", one.Line, one.Text), func(t *testing.T) {
			form := ""
			if strings.HasPrefix(one.Text, "make ") {
				form = "ENV=prod"
			}
			t.Setenv(shell.MakeVariable, form)
			line := asDirect(t, one.Text)
			verbs[strings.Fields(line)[0]] = true
			shown := false
			for _, end := range ends {
				synctest.Test(t, func(t *testing.T) {
					sim := failovertest.New()
					end.in(t, sim)
					code, screen, progress := call(t, sim, line)
					if code != end.code {
						t.Errorf("it ends with %d, want %d:\n%s", code, end.code, screen)
					}
					shown = shown || slices.Equal(lines(progress+screen), lines(strings.Join(one.Output, "\n")))
					if len(ends) == 1 && len(one.Output) > 0 && !shown {
						t.Errorf("it prints\n%s%s", progress, screen)
					}
				})
			}
			if len(one.Output) > 0 && !shown {
				t.Errorf("the runbook shows\n%s\nwhich it does not print", strings.Join(one.Output, "\n"))
			}
		})
	}
	for text := range outcomes {
		if !seen[text] {
			t.Errorf("a test runs %q, which the runbook does not name", text)
		}
	}
	for text := range others {
		if !seen[text] {
			t.Errorf("%q is tried, which the runbook does not name", text)
		}
	}
	for _, c := range cli.Commands() {
		if !verbs[c.Name] {
			t.Errorf("the runbook does not say when to use %s", c.Name)
		}
	}
}

// TestMakeHasEveryCommandOfTheRunbook asks make what it would run, without running it, which the end-to-end tests do.
func TestRunbookMakeTargets(t *testing.T) {
	makefile, err := os.ReadFile("../../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range runbook.Commands(readRunbook(t)) {
		arguments, other := others[one.Text]
		if !other {
			var made bool
			if arguments, made = strings.CutPrefix(one.Text, "make "); !made {
				continue
			}
		}
		t.Run(fmt.Sprintf("line %d, %s", one.Line, one.Text), func(t *testing.T) {
			dry := exec.CommandContext(t.Context(), "make", append([]string{"-n"}, strings.Fields(arguments)...)...)
			dry.Dir = "../../.."
			dry.Env = append(os.Environ(), "MAKEFLAGS=", "MAKELEVEL=", "MFLAGS=")
			output, err := dry.CombinedOutput()
			if err != nil {
				t.Fatalf("make has no such command: %v\n%s", err, output)
			}
			if other {
				return
			}
			name := strings.Fields(asDirect(t, one.Text))[0]
			if called := regexp.MustCompile(`(?m)(?:/(?:command|warmstandby)"?|\boperate) "?` + name + `\b`); !called.Match(output) {
				t.Errorf("make does not call the command line for %s:\n%s", name, output)
			}
			for _, variable := range strings.Fields(arguments)[1:] {
				name, _, _ := strings.Cut(variable, "=")
				if !regexp.MustCompile(`(?m)^(?:export )?` + name + `\s*\?=`).Match(makefile) {
					t.Errorf("the Makefile has no variable %s", name)
				}
			}
		})
	}
}

func TestRunbookExitCodes(t *testing.T) {
	t.Run("the runbooks table has the exit codes", func(t *testing.T) {
		text := readRunbook(t)
		for code, words := range []string{"done", "went wrong", "usage error", "speaks against it", "could not be found out", "still at work"} {
			if want := regexp.MustCompile(fmt.Sprintf(`(?m)^\| %d \| .*%s`, code, words)); !want.MatchString(text) {
				t.Errorf("exit code %d is not in the runbook as %q", code, words)
			}
		}
		codes := []int{cli.OK, cli.Failed, cli.Usage, cli.Refused, cli.Unknown, cli.Unfinished}
		if !slices.Equal(codes, []int{0, 1, 2, 3, 4, 5}) {
			t.Errorf("the exit codes are %v", codes)
		}
	})
}

// Other sections of the runbook, and notices, name these sections.
func TestRunbookSections(t *testing.T) {
	t.Run("the sections that links lead to exist", func(t *testing.T) {
		text := readRunbook(t)
		for _, heading := range []string{
			"## 3. Act", "### Nothing passes between the regions", "## 4. Verify", "## 5. Fail back", "## 6. Work on the platform",
			"## 7. Restore after corruption or ransomware",
		} {
			if !slices.Contains(strings.Split(text, "\n"), heading) {
				t.Errorf("the runbook has no section %q", heading)
			}
		}
	})
}
