package controlloop_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"warmstandby/lambda/failover/cli"
	"warmstandby/lambda/failover/failovertest"
	"warmstandby/lambda/failover/journal"
	"warmstandby/shared/contract/controller"
)

// A transcript in testdata/transcripts is a scenario and what the controller makes of it: each command is followed by a line of
// dashes and by its output, which ends with an empty line. Lines that begin with # are comments. To accept a changed behaviour,
// regenerate the outputs and review the difference:
//
//	go test ./lambda/failover/controlloop -run TestTranscripts -update
//	git diff lambda/failover/controlloop/testdata
//
// The commands are in [transcript.execute].
var update = flag.Bool("update", false, "write the outputs of the transcripts anew")

const separator = "----"

func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/transcripts/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no transcripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := play(t, parseTranscript(t, string(content)))
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != string(content) {
				t.Errorf("%s is not what the controller does: %s\nto accept the change, use -update", file, firstDifference(got, string(content)))
			}
		})
	}
}

// step is a command of a transcript, with the comments before it.
type step struct{ comments, command string }

// parseTranscript returns the commands of a transcript, without their outputs.
func parseTranscript(t *testing.T, content string) []step {
	t.Helper()
	var steps []step
	var next step
	inOutput := false
	for line := range strings.Lines(content) {
		switch text := strings.TrimSpace(line); {
		case inOutput:
			inOutput = text != ""
		case text == "":
		case strings.HasPrefix(text, "#"):
			next.comments += text + "\n"
		case text == separator && next.command != "":
			steps, next, inOutput = append(steps, next), step{}, true
		case next.command == "":
			next.command = text
		default:
			t.Fatalf("%q follows %q, want %s", text, next.command, separator)
		}
	}
	if next.command != "" {
		steps = append(steps, next) // of a new transcript, without an output
	}
	return steps
}

// play returns the transcript with the outputs that the steps have. A step that kills a run names the call; how many calls are
// before it is found out by trial.
func play(t *testing.T, steps []step) string {
	t.Helper()
	for calls := range 1000 {
		var output string
		met := true
		synctest.Test(t, func(t *testing.T) {
			p := &transcript{t: t, sim: failovertest.New(), begun: time.Now(), killAfter: calls, shown: map[string]string{}}
			var text strings.Builder
			for _, s := range steps {
				p.output.Reset()
				p.execute(s.command)
				fmt.Fprintf(&text, "%s%s\n%s\n%s\n", s.comments, s.command, separator, p.output.String())
			}
			output, met = text.String(), !p.missed
		})
		if met {
			return strings.TrimSuffix(output, "\n")
		}
	}
	t.Fatal("no run makes the call at which it is to be killed")
	return ""
}

// transcript is a scenario that is played.
type transcript struct {
	t         *testing.T
	sim       *failovertest.Simulation
	begun     time.Time
	output    bytes.Buffer
	shown     map[string]string // the last value of each kind
	routine   map[string]bool   // the calls of the first run
	notices   int
	requests  int
	killAfter int  // calls of the run that is killed
	missed    bool // the run was killed at another call than the transcript names
}

// execute executes a command. The commands are:
//
//	run N              makes N runs, one a minute, and shows the calls that the first run does not make, RDS's requests, notices,
//	                   and changes of the state
//	kill-at CALL       makes a run that is killed at a call
//	lose-region        makes the primary region unreachable, with its database
//	lose-application   makes the primary region's application answer 503
//	lose-database      stops the primary region's database
//	lose-standby       makes the standby region's application answer 502
//	split              partitions the regions from each other
//	heal               ends all losses
//	lose-answers       loses RDS's answers to requests, hear-answers ends that
//	pause, resume      sets the mode to advisory or automatic
//	operator COMMAND   calls the operator's command line
//	after D COMMAND    executes a command after a duration
func (p *transcript) execute(command string) {
	name, rest, _ := strings.Cut(command, " ")
	switch name {
	case "run":
		p.run(rest)
	case "kill-at":
		p.killAt(rest)
	case "lose-region":
		p.sim.LoseRegion()
	case "lose-application":
		p.sim.LoseApplication("status 503")
	case "lose-database":
		p.sim.LoseDatabase()
	case "lose-standby":
		p.sim.LoseStandby("status 502")
	case "split":
		p.sim.Split()
	case "heal":
		p.sim.Heal()
	case "lose-answers", "hear-answers":
		p.sim.ResponseLost = name == "lose-answers"
	case "pause":
		p.sim.StoredMode = controller.Advisory
	case "resume":
		p.sim.StoredMode = controller.Automatic
	case "operator":
		p.operate(rest)
	case "after":
		delay, later, _ := strings.Cut(rest, " ")
		duration, err := time.ParseDuration(delay)
		if err != nil {
			p.t.Fatalf("%q: %v", command, err)
		}
		time.AfterFunc(duration, func() { p.execute(later) })
	default:
		p.t.Fatalf("%q is no command: see transcript.execute", command)
	}
}

func (p *transcript) run(times string) {
	count, err := strconv.Atoi(times)
	if err != nil {
		p.t.Fatalf("run %q: %v", times, err)
	}
	before := p.output.Len()
	for range count {
		next := time.Now().Add(time.Minute)
		if err := run(p.t, p.sim); err != nil {
			p.print("the run fails: %v", err)
		}
		p.show()
		time.Sleep(time.Until(next))
	}
	if p.output.Len() == before {
		p.output.WriteString("nothing new\n")
	}
}

func (p *transcript) killAt(call string) {
	next := time.Now().Add(time.Minute)
	p.sim.Crash().CrashAfter(p.killAfter)
	run(p.t, p.sim) // it may fail in any way
	killed := p.sim.Crash().Step
	p.missed = p.missed || killed != call
	p.sim.Crash().CrashAfter(-1)
	p.print("the run is killed at %s", killed)
	p.show()
	time.Sleep(time.Until(next))
}

func (p *transcript) operate(command string) {
	var stdout bytes.Buffer
	arguments := append(strings.Fields(command), "--env", "test", "--json")
	ctx, cancel := context.WithTimeout(p.t.Context(), time.Hour)
	defer cancel()
	code := cli.Main(ctx, arguments, "operator", p.sim, &stdout, io.Discard)
	var result cli.Result
	if err := json.Unmarshal(stdout.Bytes(), &result); err != nil {
		p.t.Fatalf("%q prints %q: %v", command, stdout.String(), err)
	}
	p.print("exit code %d: %s", code, result.Message)
	p.show()
}

// print writes a line with the minute and the second of the scenario.
func (p *transcript) print(format string, values ...any) {
	since := time.Since(p.begun).Truncate(time.Second)
	fmt.Fprintf(&p.output, "%02d:%02d %s\n", int(since.Minutes()), int(since.Seconds())%60, fmt.Sprintf(format, values...))
}

// show writes what is new since the last time.
func (p *transcript) show() {
	calls := map[string]bool{}
	for _, call := range p.sim.Calls() {
		calls[call] = true
	}
	if p.routine == nil {
		p.routine = maps.Clone(calls)
		p.print("calls: %s", strings.Join(slices.Sorted(maps.Keys(calls)), ", "))
	}
	maps.DeleteFunc(calls, func(call string, _ bool) bool { return p.routine[call] })
	if len(calls) > 0 {
		p.print("further calls: %s", strings.Join(slices.Sorted(maps.Keys(calls)), ", "))
	}
	for _, request := range p.sim.Requests()[p.requests:] {
		p.print("RDS accepts a %s", request)
		p.requests++
	}
	for _, sent := range p.sim.Notices()[p.notices:] {
		p.print("notice: %s", sent.Subject)
		p.notices++
	}
	state := p.sim.State()
	p.showNew("decision", orNone(string(state.Decision.Action)))
	p.showNew("recommended", orNone(string(state.Decision.Recommended)))
	p.showNew("writer", orNone(state.Writer))
	p.showNew("move", moveText(state.Move))
	p.showNew("last move", moveText(state.Last))
	p.showNew("notified", orNone(strings.Join(slices.Sorted(maps.Keys(state.Notified)), "; ")))
}

// showNew writes a value of a kind when it is another than the last one. The first one is none.
func (p *transcript) showNew(kind, value string) {
	if orNone(p.shown[kind]) != value {
		p.print("%s: %s", kind, value)
		p.shown[kind] = value
	}
}

func moveText(m *journal.Move) string {
	if m == nil {
		return "none"
	}
	return fmt.Sprintf("%s to %s by the %s, %s", m.Action, m.To, m.By, m.Phase)
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

// firstDifference describes the first line in which two texts differ.
func firstDifference(got, want string) string {
	gotLines, wantLines := strings.Split(got, "\n"), append(strings.Split(want, "\n"), "the end")
	for i, line := range append(gotLines, "the end") {
		if i >= len(wantLines) || line != wantLines[i] {
			return fmt.Sprintf("line %d is\n  %s\nwant\n  %s", i+1, line, wantLines[min(i, len(wantLines)-1)])
		}
	}
	return "there are fewer lines"
}
