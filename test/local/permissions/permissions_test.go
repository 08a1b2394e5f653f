package permissions

import (
	"fmt"
	"testing"
)

// profiles are those whose deployed policies are recorded.
var profiles = []string{"local", "dev", "prod"}

func read(t *testing.T, profile string) *environment {
	t.Helper()
	e, err := readEnvironment(profile)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// prepare adds a call to a question, with documents as they are deployed or replaced.
func (e *environment) prepare(t *testing.T, q *question, c call, index func(document) int) {
	t.Helper()
	identity, resource, err := e.documentsOf(c)
	if err != nil {
		t.Fatal(err)
	}
	q.Cases = append(q.Cases, c.evaluation(identity, resource, index))
}

// once returns the index function that adds each document to the question at its first use.
func (q *question) once() func(document) int {
	indexes := map[string]int{}
	return func(d document) int {
		if _, known := indexes[d.id]; !known {
			indexes[d.id] = q.add(d.text)
		}
		return indexes[d.id]
	}
}

func decide(t *testing.T, q *question) []Decision {
	t.Helper()
	decisions, err := q.judge(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return decisions
}

func TestTable(t *testing.T) {
	for _, profile := range profiles {
		t.Run("each call is decided as the table says with the profile "+profile, func(t *testing.T) {
			t.Parallel()
			e, q := read(t, profile), &question{}
			rows, index := e.table(), q.once()
			for _, row := range rows {
				if row.page == "" {
					t.Errorf("%v: no page of AWS's is named", row)
				}
				e.prepare(t, q, row, index)
			}
			for i, decision := range decide(t, q) {
				if !rows[i].meets(decision) {
					t.Errorf("%v: the decision is %s; must be refused: %q", rows[i], decision, rows[i].refused)
				}
			}
		})
	}
}

// TestEachPartIsNeeded takes away each action, each resource and each condition of each policy, one at a time.
func TestEachPartIsNeeded(t *testing.T) {
	tried := map[string]bool{}
	for _, profile := range profiles {
		t.Run("a policy that lacks a part makes a row red with the profile "+profile, func(t *testing.T) {
			e := read(t, profile)
			same := fmt.Sprint(e.documents(), e.table())
			if tried[same] {
				return // The documents and the rows are those of a profile before: so are the decisions.
			}
			tried[same] = true
			mutants, tries, q := e.mutated(t)
			decisions := decide(t, q)
			for _, missing := range unnoticed(mutants, tries, decisions) {
				t.Errorf("%s lacks %s, and no row of the table notices", missing.document.id, missing.missing)
			}
		})
	}
}

// try is one row with one mutant: the cases of the question with the document as it is deployed, and with the mutant.
type try struct {
	row                       call
	mutant, deployed, mutated int
}

// mutated returns the mutants of every document, and a question with every row that each of them decides.
func (e *environment) mutated(t *testing.T) ([]mutant, []try, *question) {
	t.Helper()
	q, rows := &question{}, e.table()
	index := q.once()
	for _, row := range rows {
		e.prepare(t, q, row, index)
	}
	var mutants []mutant
	var tries []try
	for _, changed := range e.documents() {
		these, err := changed.mutants()
		if err != nil {
			t.Fatal(err)
		}
		original := index(changed)
		for _, one := range these {
			replacement := q.add(one.text)
			for i := range rows {
				without, uses := q.Cases[i].replaced(original, replacement)
				if uses {
					tries = append(tries, try{row: rows[i], mutant: len(mutants), deployed: i, mutated: len(q.Cases)})
					q.Cases = append(q.Cases, without)
				}
			}
			mutants = append(mutants, one)
		}
	}
	return mutants, tries, q
}

// unnoticed returns the mutants that no row notices. A row that is red without the mutant notices nothing.
func unnoticed(mutants []mutant, tries []try, decisions []Decision) []mutant {
	noticed := make([]bool, len(mutants))
	for _, one := range tries {
		if one.row.meets(decisions[one.deployed]) && !one.row.meets(decisions[one.mutated]) {
			noticed[one.mutant] = true
		}
	}
	var missed []mutant
	for i, one := range mutants {
		if !noticed[i] {
			missed = append(missed, one)
		}
	}
	return missed
}
