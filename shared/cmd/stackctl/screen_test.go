package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
)

// engineSays are events as Pulumi's engine writes them, by its own types.
func engineSays(t *testing.T, events ...apitype.EngineEvent) string {
	t.Helper()
	var file strings.Builder
	for _, e := range events {
		if err := json.NewEncoder(&file).Encode(e); err != nil {
			t.Fatal(err)
		}
	}
	return file.String()
}

func urnOf(stack, kind, name string) string {
	return "urn:pulumi:local::" + stack + "::pulumi:pulumi:Stack$" + kind + "::" + name
}

func finished(op apitype.OpType, urn string, planning bool, keys ...string) apitype.EngineEvent {
	return apitype.EngineEvent{ResOutputsEvent: &apitype.ResOutputsEvent{
		Metadata: apitype.StepEventMetadata{Op: op, URN: urn, Keys: keys}, Planning: planning,
	}}
}

func summaryOf(preview bool, changes map[apitype.OpType]int) apitype.EngineEvent {
	return apitype.EngineEvent{SummaryEvent: &apitype.SummaryEvent{ResourceChanges: changes, IsPreview: preview}}
}

func diagnostic(severity, urn, message string) apitype.EngineEvent {
	return apitype.EngineEvent{DiagnosticEvent: &apitype.DiagnosticEvent{Severity: severity, URN: urn, Message: message}}
}

// deploymentOutput is what one stack's update prints: more than anybody reads.
var deploymentOutput = strings.Repeat(" +  aws:ec2:Vpc vpc creating (0s)\n", 200)

func TestUpPrintsALineAStack(t *testing.T) {
	var answers []answer
	for i, stack := range stackNames() {
		answers = append(answers, answer{contains: stack + "$ pulumi up", prints: deploymentOutput, events: engineSays(t,
			finished("create", urnOf(stack, "aws:ec2/vpc:Vpc", "vpc"), false),
			diagnostic("warning", "", "a warning"),
			summaryOf(false, map[apitype.OpType]int{"create": 10 + i, "same": 2, "replace": 1, "create-replacement": 1, "delete-replaced": 1}),
		)})
	}
	for _, locale := range []string{"C", "en_US.UTF-8"} {
		t.Run(locale, func(t *testing.T) {
			c, m, printed := newTestController(t, map[string]string{"LANG": locale}, answers...)
			if err := c.prepare(t.Context(), "up", nil); err != nil {
				t.Fatal(err)
			}
			if err := up(t.Context(), c, nil); err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(strings.TrimRight(printed.String(), "\n"), "\n")
			if len(lines) > 14 {
				t.Errorf("%d lines:\n%s", len(lines), printed)
			}
			for _, line := range lines {
				if strings.Contains(line, c.state) {
					continue // The folder of the logs is as long as it is.
				}
				if len(line) > lineWidth || strings.ContainsFunc(line, func(r rune) bool { return r > unicode.MaxASCII || r < ' ' }) {
					t.Errorf("%q is wider than 80 columns or not plain ASCII", line)
				}
			}
			for i, stack := range stackNames() {
				want := fmt.Sprintf("%-18s deployed  %d created, 1 replaced, 2 same  ", stack, 10+i)
				if strings.Count(printed.String(), want) != 1 {
					t.Errorf("want one line %q in\n%s", want, printed)
				}
				log, err := os.ReadFile(filepath.Join(c.logged(), "up-"+stack+".log"))
				if err != nil || string(log) != deploymentOutput {
					t.Errorf("the log of %s has %d bytes, want %d: %v", stack, len(log), len(deploymentOutput), err)
				}
			}
			for _, call := range m.called("$ pulumi up") {
				if !strings.Contains(call, "--event-log") {
					t.Errorf("the engine is not asked for its events: %s", call)
				}
			}
		})
	}
	t.Run("VERBOSE=yes prints all, each line with its stack", func(t *testing.T) {
		c, _, printed := newTestController(t, map[string]string{"VERBOSE": "yes"}, answers...)
		if err := up(t.Context(), c, nil); err != nil {
			t.Fatal(err)
		}
		if got := strings.Count(printed.String(), "region-app-west    |  +  aws:ec2:Vpc vpc creating"); got != 200 {
			t.Errorf("%d lines of one stack, want 200", got)
		}
	})
	t.Run("the log of the run before is kept", func(t *testing.T) {
		c, _, _ := newTestController(t, map[string]string{"STACK": "data-global"}, answers...)
		for range 2 {
			if err := up(t.Context(), c, nil); err != nil {
				t.Fatal(err)
			}
		}
		if log, err := os.ReadFile(filepath.Join(c.logged(), "up-data-global.log.1")); err != nil || string(log) != deploymentOutput {
			t.Errorf("got %d bytes, %v", len(log), err)
		}
	})
}

func TestErrorsComeLast(t *testing.T) {
	target := urnOf("region-app-east", "warmstandby:application:Service$aws:lb/targetGroup:TargetGroup", "api-east")
	for _, test := range []struct {
		name       string
		goal       string
		answer     answer
		want, lack []string
	}{
		{
			"what the engine says of a resource", "up",
			answer{contains: "region-app-east$ pulumi up", fails: true, prints: deploymentOutput, events: engineSays(t,
				diagnostic("error", target, "<{%reset%}>1 error occurred:\n\t* creating: AccessDenied: no \u201cpermission\u201d\n<{%reset%}>"),
				diagnostic("error", target, "<{%reset%}>1 error occurred:\n\t* creating: AccessDenied: no \u201cpermission\u201d\n<{%reset%}>"),
			)},
			[]string{
				"up of ENV=local failed; not begun: global-edge\n", "  lb.TargetGroup api-east: 1 error occurred:\n",
				"creating: AccessDenied: no \"permission\"",
				"up-region-app-east.log", "A permission is missing: stacks/policies/README.md", "this goes on where it stopped: make up",
			},
			[]string{"<{%", "aws:ec2:Vpc vpc creating"},
		},
		{
			"what the command line says, where the engine has said nothing", "up",
			answer{contains: "region-app-east$ pulumi up", fails: true, prints: "Updating\nerror: the stack is currently locked by 1 lock\n"},
			[]string{"  the stack is currently locked by 1 lock", "Another run may be at work"},
			[]string{"  Updating"},
		},
		{
			"the last lines of a program that says nothing of errors", "up",
			answer{contains: "region-app-east$ staterepair -env local mend", fails: true, prints: "mending the stack: no such key\n"},
			[]string{"  mending the stack: no such key"}, nil,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, _, printed := newTestController(t, map[string]string{"LANG": "C"}, test.answer)
			err := up(t.Context(), c, nil)
			if err == nil {
				t.Fatal("it ends well")
			}
			var stderr bytes.Buffer
			exitCode(err, &stderr)
			for _, text := range test.want {
				if strings.Count(stderr.String(), text) != 1 {
					t.Errorf("want %q once in\n%s", text, stderr.String())
				}
			}
			for _, text := range test.lack {
				if strings.Contains(stderr.String(), text) {
					t.Errorf("%q is in\n%s", text, stderr.String())
				}
			}
			if !strings.Contains(printed.String(), "region-app-east    FAILED") {
				t.Errorf("no line says so in\n%s", printed)
			}
		})
	}
	t.Run("of what is built before", func(t *testing.T) {
		c, _, printed := newTestController(t, map[string]string{}, answer{contains: "go build", fails: true, prints: "x.go:1: no such thing\n"})
		c.root = t.TempDir()
		c.process = (&machine{t: t, root: c.root, answers: []answer{{contains: "go build", fails: true, prints: "x.go:1: no such thing\n"}}}).run
		err := c.prepare(t.Context(), "up", []string{artifactLocal})
		if err == nil || !strings.Contains(err.Error(), "  x.go:1: no such thing") || !strings.Contains(err.Error(), "up-build.log") {
			t.Errorf("got %v", err)
		}
		if !strings.Contains(printed.String(), "build              FAILED") || strings.Contains(printed.String(), "x.go") {
			t.Errorf("printed is\n%s", printed)
		}
	})
}

func TestPreviewNamesWhatItWouldChange(t *testing.T) {
	stack := "foundation-network"
	c, m, printed := newTestController(t, map[string]string{"STACK": stack}, answer{contains: "$ pulumi preview", events: engineSays(t,
		finished("create", urnOf(stack, "aws:ec2/subnet:Subnet", "new"), true),
		finished("replace", urnOf(stack, "aws:ec2/vpc:Vpc", "primary"), true, "cidrBlock"),
		finished("delete", urnOf(stack, "aws:ec2/eip:Eip", "gone"), true),
		summaryOf(true, map[apitype.OpType]int{"create": 1, "replace": 1, "delete": 1, "same": 40}),
	)})
	deployment{stacks: stackNames()}.plan(t, c, m)
	if err := preview(t.Context(), c, nil); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		"previewed 1 create, 1 replace, 1 delete, 40 same", "\n  replace  ec2.Vpc primary (cidrBlock)\n", "\n  delete   ec2.Eip gone\n",
	} {
		if strings.Count(printed.String(), line) != 1 {
			t.Errorf("want %q once in\n%s", line, printed)
		}
	}
}

// What repairs a state prints only what a person has to know.
func TestRepairsAreSeen(t *testing.T) {
	c, _, printed := newTestController(t, map[string]string{},
		answer{contains: "data-global$ staterepair -env local mend", prints: "taking up what was being created: urn\n"})
	if err := up(t.Context(), c, nil); err != nil {
		t.Fatal(err)
	}
	if strings.Count(printed.String(), "\ndata-global: taking up what was being created: urn\n") != 1 {
		t.Errorf("it is not seen in\n%s", printed)
	}
}

// Of what the local AWS emulator's start prints, a person sees what is no progress.
func TestNoticesOfTheEmulatorAreSeen(t *testing.T) {
	c, _, printed := newTestController(t, map[string]string{})
	c.root = t.TempDir()
	m := &machine{t: t, root: c.root, answers: []answer{
		{contains: "local up", saysBeside: "starting the emulator, 5 s\nbuilding the tools, 1 min 05 s, 3 of 9\nthe run before was killed\n"},
		{contains: ""},
	}}
	c.process = m.run
	for _, file := range []string{".state/make/local"} { // It is newer than its sources, which are not there.
		write(t, filepath.Join(c.root, file), "")
	}
	if err := os.MkdirAll(filepath.Join(c.root, "test", "local"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := c.prepare(t.Context(), "up", []string{artifactAWS}); err != nil {
		t.Fatal(err)
	}
	if strings.Count(printed.String(), "\nthe run before was killed\n") != 1 || strings.Contains(printed.String(), "starting the emulator") ||
		strings.Contains(printed.String(), "3 of 9") {
		t.Errorf("printed is\n%s", printed)
	}
}

func TestEventsOfAnOperationAfterAnother(t *testing.T) {
	file := filepath.Join(t.TempDir(), "events")
	r := &eventReader{file: file}
	var got []string
	read := func() {
		t.Helper()
		if err := r.read(func(e engineEvent) { got = append(got, e.Diagnostic.Message) }); err != nil {
			t.Fatal(err)
		}
	}
	read() // There is no file yet.
	plan, update := engineSays(
		t,
		diagnostic("info", "", "planned 1"),
		diagnostic("info", "", "planned 2"),
	), engineSays(
		t,
		diagnostic("info", "", "made"),
	)
	write(t, file, plan[:len(plan)-20]) // The engine writes the second.
	read()
	write(t, file, plan)
	read()
	write(t, file, update) // It has emptied the file.
	read()
	write(t, file, update+"no event\n"+engineSays(t, diagnostic("info", "", "made 2")))
	read()
	if want := []string{"planned 1", "planned 2", "made", "made 2"}; strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("got %q, want %q", got, want)
	}
}

// terminalShows plays a terminal: text, line feeds, and the two control sequences that the screen uses.
func terminalShows(t *testing.T, written string) []string {
	t.Helper()
	lines := []string{""}
	for written != "" {
		switch {
		case strings.HasPrefix(written, "\x1b["):
			var up int
			if _, err := fmt.Sscanf(written, "\x1b[%dF\x1b[J", &up); err != nil {
				t.Fatalf("another control sequence: %q", written[:min(12, len(written))])
			}
			if up >= len(lines) {
				t.Fatalf("the cursor goes up %d of %d lines", up, len(lines)-1)
			}
			lines = append(lines[:len(lines)-1-up], "")
			_, written, _ = strings.Cut(written, "\x1b[J")
		case written[0] == '\n':
			lines, written = append(lines, ""), written[1:]
		default:
			lines[len(lines)-1] += written[:1]
			written = written[1:]
		}
	}
	return lines
}

func TestTerminal(t *testing.T) {
	var out bytes.Buffer
	s := newScreen(&out, true, true)
	moment := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	s.mu.Lock()
	s.now = func() time.Time { return moment }
	s.mu.Unlock()
	var east, west tally
	east.begin(10)
	west.begin(0)
	a := s.begin("region-app-east", "deploying", &east, nil)
	b := s.begin("region-app-west", "deploying", &west, nil)
	for i := range 4 {
		east.add(parsed(t, finished("create", fmt.Sprintf("urn:%d", i), false)))
	}
	west.add(parsed(t, finished("create", "urn:1", false)))
	s.mu.Lock()
	moment = moment.Add(65 * time.Second)
	s.mu.Unlock()
	s.tick()
	shown := terminalShows(t, func() string { s.mu.Lock(); defer s.mu.Unlock(); return out.String() }())
	for i, want := range []string{
		"region-app-east    [####......] deploying 4 of 10", "region-app-west    [..........] deploying 1 resources",
	} {
		if !strings.HasPrefix(shown[i], want) || !strings.HasSuffix(shown[i], " 1:05") || len(shown[i]) != lineWidth {
			t.Errorf("line %d is %q, want %q and 1:05", i, shown[i], want)
		}
	}
	b.end("deployed", "1 created")
	s.note("a note")
	a.end("FAILED", "")
	s.stop()
	s.stop()
	shown = terminalShows(t, out.String())
	if len(shown) != 4 || !strings.HasPrefix(shown[0], "region-app-west    deployed  1 created") || shown[1] != "a note" ||
		!strings.HasPrefix(shown[2], "region-app-east    FAILED") || shown[3] != "" {
		t.Errorf("shown are at the end %q", shown)
	}
}

func parsed(t *testing.T, e apitype.EngineEvent) engineEvent {
	t.Helper()
	var read engineEvent
	if err := json.Unmarshal([]byte(engineSays(t, e)), &read); err != nil {
		t.Fatal(err)
	}
	return read
}

func TestALogShowsLife(t *testing.T) {
	var out bytes.Buffer
	s := newScreen(&out, false, true)
	var counted tally
	counted.begin(4)
	counted.add(parsed(t, finished("create", "urn:1", false)))
	moment := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	s.mu.Lock()
	s.now = func() time.Time { return moment }
	s.mu.Unlock()
	s.begin("data-global", "deploying", &counted, nil)
	s.tick()
	if out.Len() > 0 {
		t.Errorf("a line is printed at once: %q", out.String())
	}
	s.mu.Lock()
	moment = moment.Add(heartbeat)
	s.mu.Unlock()
	s.tick()
	s.tick()
	s.mu.Lock()
	defer s.mu.Unlock()
	if strings.Count(out.String(), "\n") != 1 {
		t.Errorf("a minute has the lines %q", out.String())
	}
	if !strings.HasPrefix(out.String(), "data-global        [##........] deploying 1 of 4") || strings.ContainsAny(out.String(), "\r\x1b") {
		t.Errorf("got %q", out.String())
	}
}

// A line that wrapped could not be rewritten.
func TestLinesFitTheTerminal(t *testing.T) {
	var counted tally
	counted.begin(0)
	r := row{
		screen: &screen{now: time.Now}, name: "build", state: "building", begun: time.Now().Add(-70 * time.Minute), tally: &counted,
		detail: func() string { return strings.Repeat("compiling \u2013 ", 5) },
	}
	line := r.current()
	foreign := strings.ContainsFunc(line, func(r rune) bool { return r > unicode.MaxASCII })
	if len(line) != lineWidth || !strings.HasSuffix(line, ".. 1:10:00") || foreign {
		t.Errorf("%q has %d columns", line, len(line))
	}
}

func TestWhatIsATerminal(t *testing.T) {
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	s := settingsOf(t, map[string]string{"TERM": "xterm", "STATE": t.TempDir()})
	if s.isTerminal(&bytes.Buffer{}) || s.isTerminal(null) {
		t.Error("a buffer or /dev/null is a terminal")
	}
}

// A failure keeps the exit code of the program that failed.
func TestFailureKeepsItsCause(t *testing.T) {
	cause := exited(255)
	c, _, _ := newTestController(t, map[string]string{})
	j, err := c.newJob("up", "data-global", "deploying", &bytes.Buffer{})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.failed("up", []failure{{job: j, err: cause}}, nil, fmt.Errorf("data-global: %w", cause)); !endedWith(err, 255) {
		t.Errorf("got %v", errors.Unwrap(err))
	}
}

func TestEventsOfAFlood(t *testing.T) {
	var counted tally
	counted.begin(0)
	for i := range maxErrors + 3 {
		counted.add(parsed(t, diagnostic("error", "", fmt.Sprintf("error %d", i))))
	}
	if faults := counted.faults(); len(faults) != maxErrors+1 || faults[maxErrors] != "and 3 more errors" {
		t.Errorf("got %q", faults)
	}
}

func TestErrorsThatRepeatOthers(t *testing.T) {
	urn := urnOf("region-app-west", "aws:sns/topicSubscription:TopicSubscription", "c")
	var counted tally
	counted.begin(0)
	logged := "sdk-v2/provider2.go:572: sdk.helper_schema: creating it: AccessDenied: provider=aws@6.83.2"
	counted.add(parsed(t, diagnostic("error", urn, logged)))
	if faults := counted.faults(); len(faults) != 1 || !strings.Contains(faults[0], "AccessDenied") {
		t.Errorf("alone it is not said: %q", faults)
	}
	counted.add(parsed(t, diagnostic("error", urn, "1 error occurred: creating it: AccessDenied")))
	counted.add(parsed(t, diagnostic("error", "urn:pulumi:local::region-app-west::pulumi:pulumi:Stack::x", "update failed")))
	if faults := counted.faults(); len(faults) != 1 || faults[0] != "sns.TopicSubscription c: 1 error occurred: creating it: AccessDenied" {
		t.Errorf("got %q", faults)
	}
}

func FuzzEvents(f *testing.F) {
	f.Add([]byte(`{"resOutputsEvent":{"metadata":{"op":"create","urn":"a::b::c$d/e:F::g"}}}` + "\n"))
	f.Add([]byte("null\n{}\n\x00"))
	f.Fuzz(func(t *testing.T, content []byte) {
		file := filepath.Join(t.TempDir(), "events")
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
		var counted tally
		counted.begin(1)
		r := &eventReader{file: file}
		if err := r.read(counted.add); err != nil {
			t.Fatal(err)
		}
		row := row{screen: &screen{now: time.Now}, name: "x", tally: &counted}
		if line := row.current(); len(line) > lineWidth {
			t.Errorf("%q has %d columns", line, len(line))
		}
	})
}
