package services

import (
	"errors"
	"maps"
	"slices"
	"testing"

	"warmstandby/test/sweep"
)

// expectation is one kind with answers in which the last page has one resource of the environment blue and everything before
// it is a stranger's, or is no leftover.
type expectation struct {
	service, kind string
	answers       answers
	want          string // the leftover's id
}

func kindsExpected() []expectation {
	return slices.Concat(networkExpected(), databaseExpected(), applicationExpected(), dataExpected(), eventsExpected(), globalExpected())
}

func run(t *testing.T, e expectation, given answers) sweep.Report {
	t.Helper()
	environment, err := sweep.NewEnvironment("stacks", "blue")
	if err != nil {
		t.Fatal(err)
	}
	f := &fake{t: t, answers: given}
	rows := slices.DeleteFunc(Rows(f.settings), func(r sweep.Row) bool { return r.Service != e.service || r.Kind != e.kind })
	if len(rows) != 1 {
		t.Fatalf("there are %d rows for %s %s, want 1", len(rows), e.service, e.kind)
	}
	return sweep.Run(t.Context(), environment, []string{"us-east-1"}, rows)
}

func TestLastPage(t *testing.T) {
	for _, e := range kindsExpected() {
		t.Run(e.service+" "+e.kind, func(t *testing.T) {
			given := maps.Clone(e.answers)
			report := run(t, e, given)
			if len(report.Faults) > 0 {
				t.Errorf("the faults are %v", report.Faults)
			}
			if len(report.Left) != 1 || report.Left[0].ID != e.want {
				t.Errorf("left are %v, want %s", report.Left, e.want)
			}
			for operation, rest := range given {
				if len(rest) > 0 {
					t.Errorf("%s was called too seldom: %d answers are left", operation, len(rest))
				}
			}
		})
	}
}

func TestFailedOperation(t *testing.T) {
	for _, e := range kindsExpected() {
		for operation, prepared := range e.answers {
			for call := range prepared {
				t.Run(e.service+" "+e.kind+" "+operation, func(t *testing.T) {
					given := maps.Clone(e.answers)
					given[operation] = append(slices.Clone(prepared[:call]), errRefused)
					if call+1 < len(prepared) { // Tags of what comes behind are still asked for.
						given[operation] = append(given[operation], prepared[call+1:]...)
					}
					report := run(t, e, given)
					if _, isError := prepared[call].(error); !isError && (len(report.Faults) != 1 || !errors.Is(report.Faults[0], errRefused)) {
						t.Errorf("call %d fails, and the faults are %v", call+1, report.Faults)
					}
				})
			}
		}
	}
}

func TestRows(t *testing.T) {
	t.Run("every row has an expectation, and no kind is listed twice", func(t *testing.T) {
		expected, seen := map[string]bool{}, map[string]bool{}
		for _, e := range kindsExpected() {
			expected[e.service+" "+e.kind] = true
		}
		for _, r := range Rows((&fake{t: t}).settings) {
			name := r.Service + " " + r.Kind
			if !expected[name] {
				t.Errorf("no leftover of %s is looked for in a test", name)
			}
			if seen[name] {
				t.Errorf("%s is in the table twice", name)
			}
			seen[name] = true
		}
	})
}
