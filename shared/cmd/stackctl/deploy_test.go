package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// order returns the stacks for which a program was run with these words, in the order of the calls.
func order(m *machine, words string) []string {
	var stacks []string
	for _, call := range m.called(words) {
		folder, _, _ := strings.Cut(call, "$")
		stacks = append(stacks, strings.TrimPrefix(folder, "stacks/"))
	}
	return stacks
}

// before fails the test unless each pair's first comes before its second.
func before(t *testing.T, got []string, pairs ...[2]string) {
	t.Helper()
	for _, pair := range pairs {
		if a, b := slices.Index(got, pair[0]), slices.Index(got, pair[1]); a < 0 || b < 0 || a > b {
			t.Errorf("%s is not before %s in %q", pair[0], pair[1], got)
		}
	}
}

func TestUp(t *testing.T) {
	t.Run("stacks are deployed after those whose outputs they read", func(t *testing.T) {
		c, m, _ := newTestController(t, map[string]string{})
		if err := up(t.Context(), c, nil); err != nil {
			t.Fatal(err)
		}
		got := order(m, "$ pulumi up")
		if len(got) != 5 {
			t.Errorf("deployed are %q", got)
		}
		before(
			t,
			got,
			[2]string{"foundation-network", "data-global"},
			[2]string{"data-global", "region-app-east"},
			[2]string{"data-global", "region-app-west"},
			[2]string{"region-app-east", "global-edge"},
			[2]string{"region-app-west", "global-edge"},
		)
		if len(m.called("$ summary")) != 1 {
			t.Error("no summary is printed")
		}
	})
	t.Run("one stack is deployed alone", func(t *testing.T) {
		c, m, _ := newTestController(t, map[string]string{"STACK": "region-app-west"})
		if err := up(t.Context(), c, nil); err != nil {
			t.Fatal(err)
		}
		if got := order(m, "$ pulumi up"); !slices.Equal(got, []string{"region-app-west"}) {
			t.Errorf("deployed are %q", got)
		}
	})
	t.Run("after a failure no further layer is begun, and the other region comes to its end", func(t *testing.T) {
		c, m, _ := newTestController(t, map[string]string{}, answer{contains: "region-app-east$ pulumi up", fails: true})
		if err := up(t.Context(), c, nil); err == nil || !strings.Contains(err.Error(), "region-app-east") {
			t.Errorf("got %v, want an error that names the stack", err)
		}
		if got := order(m, "$ pulumi up"); slices.Contains(got, "global-edge") {
			t.Errorf("deployed are %q", got)
		}
	})
	for _, test := range []struct {
		name      string
		variables map[string]string
		standing  deployment
		answers   []answer
		want, not string // of the call for data-global
	}{
		{name: "on the local AWS emulator nothing is planned first", want: "--yes --non-interactive --skip-preview", not: "--refresh"},
		{
			name: "on AWS everything is planned first", variables: map[string]string{"ENV": "dev"}, want: "--yes --non-interactive",
			not: "--skip-preview",
		},
		{name: "what is protected is planned first",
			standing: deployment{stacks: stackNames(), protected: []string{"data-global"}}, want: "--yes", not: "--skip-preview"},
		{name: "what an earlier version has protected is planned first",
			standing: deployment{stacks: stackNames(), protection: "true"}, want: "--yes", not: "--skip-preview"},
		{
			name:    "an update that broke off is followed by a refresh",
			answers: []answer{{contains: "stack history", prints: `[{"result": "failed"}]`}}, want: "--refresh",
		},
		{name: "a stack without a history is refreshed", answers: []answer{{contains: "stack history", prints: `[]`}}, want: "--refresh"},
		{
			name: "the application admits the tokens of make", answers: []answer{{contains: "local jwks", prints: "data-global:jwtIssuer=a b\n"}},
			want: "--config data-global:jwtIssuer=a b",
		},
		{name: "further flags are split as a shell splits them", variables: map[string]string{"PULUMI_FLAGS": `--diff --message "a b"`},
			answers: []answer{{contains: "bash -c", prints: "--diff\x00--message\x00a b\x00"}}, want: "--diff --message a b"},
	} {
		t.Run(test.name, func(t *testing.T) {
			variables := map[string]string{"STACK": "data-global"}
			for name, value := range test.variables {
				variables[name] = value
			}
			c, m, _ := newTestController(t, variables, test.answers...)
			test.standing.plan(t, c, m)
			if err := up(t.Context(), c, nil); err != nil {
				t.Fatal(err)
			}
			calls := m.called("data-global$ pulumi up")
			if len(calls) != 1 || !strings.Contains(calls[0], test.want) || test.not != "" && strings.Contains(calls[0], test.not) {
				t.Errorf("got %q, want one call with %q and without %q", calls, test.want, test.not)
			}
		})
	}
}

// TestWhatADestroyHasKept holds make up to taking up what an earlier deployment has kept, or to saying what is in the way.
func TestWhatADestroyHasKept(t *testing.T) {
	refused := answer{contains: "$ pulumi up", fails: true, once: true}
	for _, test := range []struct {
		name      string
		variables map[string]string
		answers   []answer
		updates   int
		fails     bool
	}{
		{"what AWS has refused as existing is adopted, and the update goes on", map[string]string{},
			[]answer{refused, {contains: "-after-failure adopt"}}, 2, false},
		{"an update that fails for another reason is not tried again", map[string]string{},
			[]answer{refused}, 1, true},
		{"what must not be adopted is named, and the update is not tried again", map[string]string{},
			[]answer{refused, {contains: "-after-failure adopt", fails: true}}, 1, true},
		{"on AWS it is found before the first resource is made", map[string]string{"ENV": "dev"},
			[]answer{{contains: "-env dev adopt"}}, 1, false},
		{"on AWS nothing is made beside what must not be adopted", map[string]string{"ENV": "dev"},
			[]answer{{contains: "-env dev adopt", exitCode: 1}}, 0, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.variables["STACK"] = "data-global"
			c, m, _ := newTestController(t, test.variables, test.answers...)
			if err := up(t.Context(), c, nil); (err != nil) != test.fails {
				t.Errorf("got %v", err)
			}
			if got := len(m.called("$ pulumi up")); got != test.updates {
				t.Errorf("%d updates, want %d: %q", got, test.updates, m.calls)
			}
		})
	}
}

// TestEngineUpgrade holds make up and preview to raising the database's engine before the update, which cannot.
func TestEngineUpgrade(t *testing.T) {
	for _, test := range []struct {
		name      string
		variables map[string]string
		answers   []answer
		command   func(context.Context, *controller, []string) error
		call      string // of the upgrade
		update    string // what the call of Pulumi has; none: Pulumi is not called
		fails     bool
	}{
		{
			"an engine that was raised is followed by a refresh", nil, []answer{{contains: " upgrade"}}, up, "-env local upgrade", "--refresh",
			false,
		},
		{"on AWS, too", map[string]string{"ENV": "dev"}, []answer{{contains: " upgrade"}}, up, "-env dev upgrade", "--refresh", false},
		{
			"an engine that is not raised is not updated beside", nil, []answer{{contains: " upgrade", exitCode: 1}}, up, "-env local upgrade", "",
			true,
		},
		{
			"a preview says what would be raised, and raises nothing", nil, []answer{{contains: " upgrade"}}, preview, "-env local -plan upgrade",
			"preview", false,
		},
		{
			"a preview refuses what cannot be raised", nil, []answer{{contains: " upgrade", exitCode: 1}}, preview, "-env local -plan upgrade", "",
			true,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			variables := map[string]string{"STACK": databaseStack}
			for name, value := range test.variables {
				variables[name] = value
			}
			c, m, _ := newTestController(t, variables, test.answers...)
			deployment{stacks: stackNames()}.plan(t, c, m)
			if err := test.command(t.Context(), c, nil); (err != nil) != test.fails {
				t.Errorf("got %v", err)
			}
			if calls := m.called(" upgrade"); len(calls) != 1 || !strings.HasSuffix(calls[0], test.call) {
				t.Errorf("raised by %q, want %q", calls, test.call)
			}
			calls := append(m.called("$ pulumi up"), m.called("$ pulumi preview")...)
			if test.update == "" && len(calls) != 0 || test.update != "" && (len(calls) != 1 || !strings.Contains(calls[0], test.update)) {
				t.Errorf("Pulumi is called by %q, want %q", calls, test.update)
			}
		})
	}
	t.Run("no other stack is asked for an engine", func(t *testing.T) {
		c, m, _ := newTestController(t, map[string]string{})
		if err := up(t.Context(), c, nil); err != nil {
			t.Fatal(err)
		}
		if calls := m.called(" upgrade"); len(calls) != 1 || !strings.HasPrefix(calls[0], "stacks/data-global$") {
			t.Errorf("asked are %q, want data-global alone", calls)
		}
	})
}

func TestPreview(t *testing.T) {
	for _, test := range []struct {
		name      string
		variables map[string]string
		standing  []string
		previewed []string
		lines     []string
	}{
		{"of an environment that was never deployed", map[string]string{}, nil, []string{"foundation-network"}, []string{
			"data-global: no preview, because foundation-network is not deployed in ENV=local; to deploy it: make up",
			"global-edge: no preview, because region-app-east and region-app-west is not deployed",
		}},
		{"of one layer whose producer was never deployed", map[string]string{
			"STACK": "data-global", "ENV": "local-two", "PORT": "4567",
		}, nil, nil, []string{
			"to deploy it: make up ENV=local-two",
		}},
		{"of an environment that is deployed in part", map[string]string{}, []string{"foundation-network", "data-global", "region-app-east"},
			[]string{"data-global", "foundation-network", "region-app-east", "region-app-west"},
			[]string{"global-edge: no preview, because region-app-west is not deployed"}},
		{"of an environment on AWS that was never deployed", map[string]string{"ENV": "dev"}, nil, []string{"foundation-network"}, []string{
			"data-global: no preview, because foundation-network is not deployed in ENV=dev; to deploy it: make up ENV=dev",
		}},
		{
			"of an environment on AWS that is deployed", map[string]string{"ENV": "dev"}, stackNames(), slices.Sorted(slices.Values(stackNames())),
			nil,
		},
		{"of an environment that is deployed", map[string]string{}, stackNames(), slices.Sorted(slices.Values(stackNames())), nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, m, printed := newTestController(t, test.variables)
			deployment{stacks: test.standing}.plan(t, c, m)
			if err := preview(t.Context(), c, nil); err != nil {
				t.Fatalf("it is an error: %v", err)
			}
			if got := slices.Sorted(slices.Values(order(m, "$ pulumi preview"))); !slices.Equal(got, test.previewed) {
				t.Errorf("previewed are %q, want %q", got, test.previewed)
			}
			for _, line := range test.lines {
				if strings.Count(printed.String(), line) != 1 {
					t.Errorf("want one line %q in\n%s", line, printed)
				}
			}
		})
	}
}

func TestDestroy(t *testing.T) {
	answers := []answer{
		{contains: "stack output globalClusterIdentifier", prints: "globaldb\n"}, {contains: "stack output primaryRegion", prints: "us-east-1\n"},
		{contains: "warmstandby prepare-destroy"},
	}
	for _, environment := range []string{"local", "dev"} {
		t.Run(
			"stacks of "+environment+" go after those that read them, with a plan, "+
				"and the writer is moved to the primary region before the database",
			func(t *testing.T) {
				c, m, _ := newTestController(t, map[string]string{"ENV": environment}, answers...)
				deployment{stacks: stackNames()}.plan(t, c, m)
				if err := destroy(t.Context(), c, nil); err != nil {
					t.Fatal(err)
				}
				got := order(m, "$ pulumi destroy")
				before(
					t,
					got,
					[2]string{"global-edge", "region-app-east"},
					[2]string{"global-edge", "region-app-west"},
					[2]string{
						"region-app-east",
						"data-global",
					},
					[2]string{"region-app-west", "data-global"},
					[2]string{"data-global", "foundation-network"},
				)
				for _, call := range m.called("$ pulumi destroy") {
					if strings.Contains(call, "--skip-preview") {
						t.Errorf("%s goes without the plan in which Pulumi refuses what is protected", call)
					}
				}
				if listed := len(m.called("stack ls")); environment == "dev" && listed != 1 {
					t.Errorf("the backend is asked %d times which stacks there are", listed)
				}
				before(t, m.calls, [2]string{m.called("prepare-destroy")[0], m.called("data-global$ pulumi destroy")[0]})
				if want := "--global-cluster globaldb --primary-region us-east-1"; !strings.Contains(m.called("prepare-destroy")[0], want) {
					t.Errorf("%q has no %q", m.called("prepare-destroy"), want)
				}
			},
		)
	}
	for _, test := range []struct {
		name, message string
		destroyed     bool
	}{
		{
			"a stack that broke off before it had a database goes without a move of the writer",
			"current stack does not have output property 'globalClusterIdentifier'", true,
		},
		{"nothing goes while it is not known where the writer is", "error: incorrect passphrase", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, m, _ := newTestController(t, map[string]string{"STACK": "data-global", "FORCE": "yes"},
				answer{contains: "stack output globalClusterIdentifier", prints: test.message, fails: true})
			deployment{stacks: stackNames()}.plan(t, c, m)
			if err := destroy(t.Context(), c, nil); (err == nil) != test.destroyed {
				t.Errorf("got %v", err)
			}
			if got := len(m.called("$ pulumi destroy")) > 0; got != test.destroyed || len(m.called("prepare-destroy")) > 0 {
				t.Errorf("calls were %q", m.calls)
			}
		})
	}
	t.Run("the local AWS emulator stops when nothing is left", func(t *testing.T) {
		c, m, _ := newTestController(t, map[string]string{})
		if err := destroy(t.Context(), c, nil); err != nil {
			t.Fatal(err)
		}
		if len(m.called("local down")) != 1 || len(m.called("pulumi")) != 0 {
			t.Errorf("calls were %q", m.calls)
		}
	})
	t.Run("the local AWS emulator goes on while another environment stands", func(t *testing.T) {
		c, m, _ := newTestController(t, map[string]string{})
		write(
			t,
			filepath.Join(c.state, "pulumi", ".pulumi", "stacks", "data-global", "local-two.json"),
			`{"checkpoint": {"latest": {"resources": [{}]}}}`,
		)
		if err := destroy(t.Context(), c, nil); err != nil {
			t.Fatal(err)
		}
		if len(m.called("local down")) != 0 {
			t.Errorf("calls were %q", m.calls)
		}
	})
	for _, test := range []struct {
		name      string
		variables map[string]string
		standing  deployment
		want      []string // in the refusal; none for no refusal
	}{
		{"a stack that others read is refused", map[string]string{"STACK": "data-global"}, deployment{stacks: stackNames()},
			[]string{"region-app-east region-app-west global-edge", "STACK=data-global FORCE=yes"}},
		{"a stack whose readers' readers stand is refused", map[string]string{"STACK": "foundation-network"},
			deployment{stacks: []string{"foundation-network", "global-edge"}}, []string{"global-edge"}},
		{"it goes all the same with FORCE", map[string]string{"STACK": "data-global", "FORCE": "1"}, deployment{stacks: stackNames()}, nil},
		{"the last layer goes alone", map[string]string{"STACK": "global-edge"}, deployment{stacks: stackNames()}, nil},
		{"protected resources are refused by make", map[string]string{}, deployment{stacks: stackNames(), protected: stackNames()},
			[]string{"is protected, so nothing was destroyed", "foundation-network 1 resources", "make unprotect ", "CONFIRM=local"}},
		{"protected resources on AWS are refused by make", map[string]string{"ENV": "prod"}, deployment{
			stacks: stackNames(), protected: []string{"data-global"},
		},
			[]string{"data-global        1 resources", "make unprotect ENV=prod"}},
		{"one protected stack refuses the whole", map[string]string{}, deployment{stacks: stackNames(), protected: []string{"region-app-west"}},
			[]string{"region-app-west    1 resources"}},
		{"FORCE does not take protection off", map[string]string{"STACK": "global-edge", "FORCE": "yes"}, deployment{
			stacks: stackNames(), protected: stackNames(),
		},
			[]string{"is protected"}},
		{"an environment that an earlier version protected is refused, too", map[string]string{"STACK": "global-edge"},
			deployment{stacks: stackNames(), protection: "true"}, []string{"global-edge        2 resources"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, m, _ := newTestController(t, test.variables, answers...)
			test.standing.plan(t, c, m)
			err := destroy(t.Context(), c, nil)
			if (err == nil) != (len(test.want) == 0) {
				t.Fatalf("got %v, want a refusal with %q", err, test.want)
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want %q in it", err, want)
				}
			}
			if err == nil {
				return
			}
			for _, touching := range []string{"pulumi destroy", "prepare-destroy", "mend", "unblock"} {
				if calls := m.called(touching); len(calls) > 0 {
					t.Errorf("it was refused, and yet: %q", calls)
				}
			}
		})
	}
}

// exported is a stack's state with one resource beside the stack itself.
func exported(protect bool, protection string) string {
	return fmt.Sprintf(`{"deployment": %s}`, resources(protect, protection))
}

func resources(protect bool, protection string) string {
	outputs := "{}"
	if protection != "" {
		outputs = fmt.Sprintf(`{"protection": %s}`, protection)
	}
	return fmt.Sprintf(
		`{"resources": [{"type": "pulumi:pulumi:Stack", "outputs": %s}, {"type": "aws:kms/key:Key", "protect": %t}]}`,
		outputs,
		protect,
	)
}

func TestUnprotect(t *testing.T) {
	t.Run("it wants the environment named a second time", func(t *testing.T) {
		for _, variables := range []map[string]string{{}, {"CONFIRM": "prod"}, {"CONFIRM": "local", "STACK": "data-global"}} {
			c, m, _ := newTestController(t, variables)
			if err := unprotect(t.Context(), c, nil); err == nil || len(m.calls) > 0 {
				t.Errorf("%v: got %v and the calls %q", variables, err, m.calls)
			}
		}
	})
	t.Run("it changes the setting and updates every deployed stack with it, leaving a message", func(t *testing.T) {
		c, m, _ := newTestController(t, map[string]string{"CONFIRM": "local"}, answer{contains: "pulumi config set protection false"},
			answer{contains: "pulumi config set finalSnapshot"})
		deployment{stacks: []string{"foundation-network", "data-global"}, protected: []string{"data-global"}}.plan(t, c, m)
		if err := unprotect(t.Context(), c, nil); err != nil {
			t.Fatal(err)
		}
		if got := order(m, "$ pulumi up"); !slices.Equal(got, []string{"foundation-network", "data-global"}) {
			t.Errorf("updated are %q", got)
		}
		for _, call := range m.called("$ pulumi up") {
			if !strings.Contains(call, "--message make unprotect") || strings.Contains(call, "--skip-preview") {
				t.Errorf("got %s", call)
			}
		}
		if len(m.called("pulumi destroy")) > 0 {
			t.Error("it destroys something")
		}
	})
}

// RDS takes a snapshot's name once, so the word is another each time; and it is set before the stacks are updated, because the destroy
// after that has it from the state.
func TestUnprotectHasADestroyLeaveASnapshot(t *testing.T) {
	word := regexp.MustCompile(`pulumi config set finalSnapshot (2[0-9]{7}t[0-9]{6})$`)
	for _, test := range []struct {
		name   string
		stacks []string
		want   int
	}{
		{"of the database", []string{"foundation-network", "data-global"}, 1},
		{"of nothing where no database is deployed", []string{"foundation-network"}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, m, _ := newTestController(t, map[string]string{"CONFIRM": "local"}, answer{contains: "pulumi config set protection false"},
				answer{contains: "pulumi config set finalSnapshot"})
			deployment{stacks: test.stacks, protected: []string{"foundation-network"}}.plan(t, c, m)
			if err := unprotect(t.Context(), c, nil); err != nil {
				t.Fatal(err)
			}
			set, updated := 0, false
			for _, call := range m.calls {
				updated = updated || strings.Contains(call, "$ pulumi up")
				if !word.MatchString(call) {
					continue
				}
				set++
				if updated || !strings.Contains(call, "data-global") {
					t.Errorf("it is set by %q, after an update: %t", call, updated)
				}
			}
			if set != test.want {
				t.Errorf("the word of the snapshots was set %d times in %q, want %d", set, m.calls, test.want)
			}
		})
	}
}

func TestScheduleStopsAtAnInterrupt(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var mu sync.Mutex
	var began []string
	err := schedule(ctx, []string{"a", "b", "c"}, func(string) []string { return nil }, func(_ context.Context, stack string) error {
		mu.Lock()
		defer mu.Unlock()
		began = append(began, stack)
		cancel()
		return nil
	})
	if err == nil || !strings.Contains(err.Error(), "interrupted before") || slices.Contains(began, "c") {
		t.Errorf("got %v after %q", err, began)
	}
}

func TestNoMoreThanTwoStacksAtOnce(t *testing.T) {
	var mu sync.Mutex
	running, most := 0, 0
	release := make(chan struct{})
	go func() {
		for range 5 {
			release <- struct{}{}
		}
	}()
	err := schedule(t.Context(), []string{"a", "b", "c", "d", "e"}, func(string) []string { return nil }, func(context.Context, string) error {
		mu.Lock()
		running++
		most = max(most, running)
		mu.Unlock()
		<-release
		mu.Lock()
		running--
		mu.Unlock()
		return nil
	})
	if err != nil || most > atOnce {
		t.Errorf("%d at once, %v", most, err)
	}
}

func TestLinesOfTwoStacksAreNotMixed(t *testing.T) {
	var printed bytes.Buffer
	a, b := &lineWriter{to: &printed, prefix: "a| "}, &lineWriter{to: &printed, prefix: "b| "}
	for _, step := range []struct {
		to   io.Writer
		text string
	}{{a, "one "}, {b, "two\nthree"}, {a, "line\n"}, {b, "\n"}, {a, "end"}} {
		if _, err := io.WriteString(step.to, step.text); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(a.flush(), b.flush()); err != nil {
		t.Fatal(err)
	}
	if want := "b| two\na| one line\nb| three\na| end\n"; printed.String() != want {
		t.Errorf("got %q, want %q", printed.String(), want)
	}
}

func FuzzStackLists(f *testing.F) {
	for _, seed := range []string{
		`[{"name": "organization/data-global/local", "resourceCount": 1}]`, `[{"name": "local"}]`, `[{"name": "///", "resourceCount": null}]`,
		"null",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, listed []byte) {
		found, err := parseStacks(listed, "foundation-network", "local")
		if err != nil && found != nil {
			t.Errorf("%v with an error", found)
		}
		for stack := range found {
			if !slices.Contains(stackNames(), stack) {
				t.Errorf("%q is no stack", stack)
			}
		}
	})
}

func FuzzStates(f *testing.F) {
	f.Add([]byte(exported(true, "true")))
	f.Add([]byte(`{"deployment": {"resources": [null]}}`))
	f.Fuzz(func(t *testing.T, state []byte) {
		found, err := parseState(state)
		if err == nil && found.protected > found.resources {
			t.Errorf("%+v", found)
		}
	})
}

func FuzzHistories(f *testing.F) {
	f.Add([]byte(`[{"result": "succeeded"}]`))
	f.Fuzz(func(t *testing.T, history []byte) {
		if succeeded, err := parseHistory(history); err != nil && succeeded {
			t.Error("a history that cannot be read has succeeded")
		}
	})
}
