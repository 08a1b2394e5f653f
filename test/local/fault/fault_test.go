package fault

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestAFaultThatMeansNothingIsRefused(t *testing.T) {
	for name, test := range map[string]struct {
		region string
		kind   Kind
		delay  time.Duration
		want   string
	}{
		"no region": {"", Unreachable, 0, "is no region"},
		"a zone":    {"us-east-1a", Unreachable, 0, "is no region"},
		"a path":    {"../us-east-1", Unreachable, 0, "is no region"},
		"a kind that is not known": {
			"us-east-1", "broken", 0, "app-down, db-down, split, isolated, replication-stalled, denied, backup-failing, backup-silent",
		},
		"a negative delay":               {"us-east-1", Slow, -time.Second, "is none"},
		"a denial of nothing":            {"us-east-1", Denied, 0, "wants the action"},
		"a delay of what is not delayed": {"us-east-1", DBDown, time.Second, "a delay is for kinds slow and propagation"},
	} {
		if _, err := New(test.region, test.kind, test.delay); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
	for delay, want := range map[time.Duration]time.Duration{0: DefaultDelay, time.Second: time.Second} {
		if f, err := New("us-east-1", Slow, delay); err != nil || f.Delay != want {
			t.Errorf("a delay of %s becomes %s (%v), want %s", delay, f.Delay, err, want)
		}
	}
}

func TestADenialNamesItsRegionAndItsAction(t *testing.T) {
	for name, test := range map[string]struct{ region, action, want string }{
		"no region":               {"east", "rds:CreateDBInstance", "is no region"},
		"no action":               {"us-east-1", "", "is no action"},
		"all actions":             {"us-east-1", "rds:*", "is no action"},
		"an action of nobody's":   {"us-east-1", "CreateDBInstance", "is no action"},
		"two actions":             {"us-east-1", "rds:CreateDBInstance,ec2:CreateVpc", "is no action"},
		"an action in lower case": {"us-east-1", "rds:createDBInstance", "is no action"},
	} {
		if _, err := Deny(test.region, test.action); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
	if f, err := Deny("us-west-2", "rds:CreateDBInstance"); err != nil || f.String() != "us-west-2 denied rds:CreateDBInstance" ||
		f.Since.IsZero() {
		t.Errorf("a denial is %+v (%v)", f, err)
	}
}

// of describes all faults of a store.
func of(s *Store) string {
	var all []string
	for _, f := range s.All() {
		all = append(all, f.String())
	}
	return strings.Join(all, "; ")
}

func TestFaultsAreKeptUntilTheyAreHealed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "faults.json")
	store, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	add := func(region string, kind Kind, delay time.Duration) func() error {
		return func() error {
			f, err := New(region, kind, delay)
			if err != nil {
				return err
			}
			return store.Add(f)
		}
	}
	for _, step := range []struct {
		do   func() error
		want string
	}{
		{add("us-west-2", Slow, 0), "us-west-2 slow by 3s"},
		{add("us-east-1", Unreachable, 0), "us-east-1 unreachable; us-west-2 slow by 3s"},
		{add("us-west-2", Slow, time.Minute), "us-east-1 unreachable; us-west-2 slow by 1m0s"},
		{add("us-east-1", DBDown, 0), "us-east-1 db-down; us-east-1 unreachable; us-west-2 slow by 1m0s"},
		{add("us-west-2", DBDown, 0), "us-east-1 db-down; us-east-1 unreachable; us-west-2 db-down; us-west-2 slow by 1m0s"},
		{func() error { return store.Heal("us-east-1") }, "us-west-2 db-down; us-west-2 slow by 1m0s"},
		{add("us-east-1", AppDown, 0), "us-east-1 app-down; us-west-2 db-down; us-west-2 slow by 1m0s"},
		{func() error { return store.Heal("") }, ""},
	} {
		changed := store.Changed()
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
		select {
		case <-changed:
		default:
			t.Errorf("no waiter is woken by the change to %q", step.want)
		}
		again, err := Open(path)
		if got := of(store); got != step.want || err != nil || of(again) != got {
			t.Errorf("the faults are %q, and %q (%v) after a restart, want %q", got, of(again), err, step.want)
		}
	}
}

// A file of faults that cannot be read is not taken for none.
func TestUnreadableFaults(t *testing.T) {
	path := filepath.Join(t.TempDir(), "faults.json")
	if err := os.WriteFile(path, []byte(`[{"region":`), 0o644); err != nil {
		t.Fatal(err)
	}
	if store, err := Open(path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("opened %v with %v, want an error that names the file", fmt.Sprint(store.All()), err)
	}
}

func TestEveryKindIsDescribedInTheReadme(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join("..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range Kinds {
		if !strings.Contains(string(readme), fmt.Sprintf("\n| `%s` | ", kind)) {
			t.Errorf("the table of faults has no row of %s", kind)
		}
	}
}
