package permissions

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// recorded are the calls of one life of an environment on the local AWS emulator: up, preview, refresh, changes of settings, every
// command of the operator, destroy and sweep.
func recorded(t *testing.T) []call {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", "recorded.json"))
	if err != nil {
		t.Fatal(err)
	}
	var groups []struct {
		Principal, Action string
		Resources         []string
		Context           map[string]any
	}
	if err := json.Unmarshal(content, &groups); err != nil {
		t.Fatal(err)
	}
	var calls []call
	for _, group := range groups {
		for _, resource := range group.Resources {
			calls = append(calls, call{
				principal: group.Principal, action: group.Action, resource: resource, context: group.Context, page: "recorded",
			})
		}
	}
	return calls
}

// people returns the environment's documents for people and CI, each as the role of a principal.
func people(t *testing.T) map[string][]document {
	t.Helper()
	found := map[string][]document{}
	for principal, names := range documentsOfPrincipal {
		for _, name := range names {
			text, err := os.ReadFile(filepath.Join("..", "..", "..", "stacks", "policies", "dev", name+".json"))
			if err != nil {
				t.Fatal(err)
			}
			found[principal] = append(found[principal], document{id: name + ".json", text: text, role: principal})
		}
	}
	return found
}

// ask adds a call of a person to a question. A call for every resource is made in both regions.
func ask(q *question, c call, documents []document, index func(document) int) {
	asked := c.evaluation(documents, nil, index)
	if asked.Region == "" {
		asked.Region = devPrimary
	}
	q.Cases = append(q.Cases, asked)
}

// ofPeople are the rows of people and CI.
func ofPeople(t *testing.T) []call {
	rows := append(recorded(t), besideRecorded()...)
	return slices.DeleteFunc(rows, func(c call) bool { return documentsOfPrincipal[c.principal] == nil })
}

func TestPeoplesPolicies(t *testing.T) {
	q, documents := &question{}, people(t)
	rows, index := ofPeople(t), q.once()
	for _, row := range rows {
		ask(q, row, documents[row.principal], index)
	}
	decisions := decide(t, q)
	t.Run("each call is decided as it must be", func(t *testing.T) {
		for i, decision := range decisions {
			if !rows[i].meets(decision) {
				t.Errorf("%v: the decision is %s; must be refused: %q", rows[i], decision, rows[i].refused)
			}
		}
	})
	t.Run("one action less fails with its name", func(t *testing.T) {
		var mutants []mutant
		var tries []try
		less := &question{Documents: q.Documents, Cases: slices.Clone(q.Cases)}
		for _, principal := range slices.Sorted(maps.Keys(documents)) {
			for _, one := range documents[principal] {
				these, err := one.mutants()
				if err != nil {
					t.Fatal(err)
				}
				for _, changed := range these {
					if changed.part != "action" {
						continue
					}
					replacement := less.add(changed.text)
					for i := range rows {
						if rows[i].action != changed.value {
							continue // A call of another action does not notice.
						}
						if without, uses := q.Cases[i].replaced(index(one), replacement); uses {
							tries = append(tries, try{row: rows[i], mutant: len(mutants), deployed: i, mutated: len(less.Cases)})
							less.Cases = append(less.Cases, without)
						}
					}
					mutants = append(mutants, changed)
				}
			}
		}
		for _, missing := range unnoticed(mutants, tries, decide(t, less)) {
			t.Errorf("%s lacks %s, and no call notices", missing.document.id, missing.missing)
		}
	})
}

// TestFunctionsCallsAreInTheTable holds what the functions called in the recorded life to the table of what is deployed.
func TestFunctionsCallsAreInTheTable(t *testing.T) {
	e := read(t, "dev")
	primary, standby := e.views()
	roles := map[string]string{"application": primary.named("app"), "controller": standby.named("failover")}
	for _, one := range recorded(t) {
		role, function := roles[one.principal]
		if function && !slices.ContainsFunc(e.table(), func(row call) bool {
			return row.principal == role && row.action == one.action && row.refused == ""
		}) {
			t.Errorf("%v was recorded, and %s has no row with it", one, role)
		}
	}
}
