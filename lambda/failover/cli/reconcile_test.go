package cli_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"warmstandby/lambda/failover/cli"
	"warmstandby/lambda/failover/failovertest"
	"warmstandby/lambda/failover/reconciliation"
)

// afterFailover has the writer in the standby region and the old volume's snapshot in the primary.
func afterFailover(sim *failovertest.Simulation) { sim.SetWriter(failovertest.West) }

const lineOfReconcile = "reconcile --env test"

func TestReconcile(t *testing.T) {
	checkCommands(t, []commandCase{
		{"a reconciliation of what was not lost", afterFailover, lineOfReconcile, cli.OK, inWest, "Nothing was lost."},
		{
			name: "a reconciliation that brings everything back",
			change: func(sim *failovertest.Simulation) {
				afterFailover(sim)
				sim.Restoring.Pages = []reconciliation.Page{{Totals: reconciliation.Totals{Lost: 3, Returned: 3}}}
			},
			line: lineOfReconcile, code: cli.OK, writer: inWest, says: "doubled 0 events to be published 0 All 3 lost changes are back.",
		},
		{
			name: "a reconciliation after the failback",
			change: func(sim *failovertest.Simulation) {
				sim.Restoring.Pages = []reconciliation.Page{{Totals: reconciliation.Totals{Lost: 1, Returned: 1}}}
			},
			line: lineOfReconcile, code: cli.OK, writer: inEast, says: "in us-east-1 changes compared 0 lost 1",
		},
		{
			name: "a reconciliation with conflicts",
			change: func(sim *failovertest.Simulation) {
				afterFailover(sim)
				sim.Restoring.Pages = []reconciliation.Page{{
					Totals: reconciliation.Totals{Lost: 3, Returned: 1, Conflict: 2, ConflictRecords: 1},
					Rows: []reconciliation.Row{{
						Kind: "RecordUpdated", RecordID: "r-1", Tenant: "clinic-a", Version: 2, Outcome: "conflict", Reason: "changed-in-both",
					}},
				}}
			},
			line: lineOfReconcile, code: cli.OK, writer: inWest,
			says: "RecordUpdated of record r-1 of tenant clinic-a, version 2, changed-in-both " +
				"1 of 3 lost changes are back; 1 records wait for a person",
		},
		{
			name: "a reconciliation after which a change is there twice",
			change: func(sim *failovertest.Simulation) {
				afterFailover(sim)
				sim.Restoring.Pages = []reconciliation.Page{{Totals: reconciliation.Totals{Lost: 1, Returned: 1, Doubled: 1}}}
			},
			line: lineOfReconcile, code: cli.Failed, writer: inWest, says: "1 changes are there twice.",
		},
	})
}

func TestReconcileRefusals(t *testing.T) {
	const other = "rds:unplanned-global-failover-other-2026"
	checkCommands(t, []commandCase{
		{
			name:   "no snapshot",
			change: func(sim *failovertest.Simulation) { afterFailover(sim); sim.Restoring.All = nil },
			line:   lineOfReconcile, code: cli.Refused, writer: inWest, says: "There is no snapshot rds:unplanned-global-failover-…",
		},
		{
			name: "no snapshot of that name", change: afterFailover, line: lineOfReconcile + " --snapshot none", code: cli.Refused,
			writer: inWest, says: "There is no snapshot none of records-primary in us-east-1 or records-secondary in us-west-2.",
		},
		{
			name: "a snapshot of another cluster",
			change: func(sim *failovertest.Simulation) {
				afterFailover(sim)
				sim.Restoring.All = []reconciliation.Snapshot{{Name: other, Cluster: "other", Status: "available"}}
			},
			line: lineOfReconcile + " --snapshot " + other, code: cli.Refused, writer: inWest,
			says: "is of DB cluster other, not of records-primary.",
		},
		{
			name:   "a snapshot that is not finished",
			change: func(sim *failovertest.Simulation) { afterFailover(sim); sim.Restoring.All[0].Status = "creating" },
			line:   lineOfReconcile, code: cli.Refused, writer: inWest, says: "is creating: wait",
		},
		{
			name: "a restored cluster of another snapshot",
			change: func(sim *failovertest.Simulation) {
				afterFailover(sim)
				sim.Restoring.Cluster = &reconciliation.RestoredCluster{Snapshot: "older"}
			},
			line: lineOfReconcile, code: cli.Refused, writer: inWest, says: `was restored from another snapshot, "older"`,
		},
		{
			name: "histories that never parted",
			change: func(sim *failovertest.Simulation) {
				afterFailover(sim)
				sim.Restoring.Answers = []reconciliation.StepResult{{Refused: "it never parted from it"}}
			},
			line: lineOfReconcile, code: cli.Refused, writer: inWest, says: "it never parted from it",
		},
		{
			name:   "a writer that is not known",
			change: func(sim *failovertest.Simulation) { sim.Faults["DescribeGlobalClusters"] = errors.New("throttled") },
			line:   lineOfReconcile, code: cli.Unknown, writer: inEast, says: "throttled",
		},
	})
}

// What can be mended is refused and stays: a cluster that is deleted would come back from the snapshot as it was.
func TestReconcileKeepsWhatCanBeMended(t *testing.T) {
	tests := []struct {
		name    string
		refusal reconciliation.StepResult
		kept    bool
	}{
		{"a cluster whose password can be set stays", reconciliation.StepResult{Refused: "it refuses the login", Keep: true}, true},
		{"a cluster that cannot be used is deleted", reconciliation.StepResult{Refused: "it never parted from it"}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sim := failovertest.New()
				afterFailover(sim)
				sim.Restoring.Answers = []reconciliation.StepResult{test.refusal}
				code, screen, _ := call(t, sim, lineOfReconcile)
				if code != cli.Refused || (sim.Restoring.Cluster != nil) != test.kept {
					t.Errorf("exit code %d, the cluster is %v, want that it is kept: %v", code, sim.Restoring.Cluster, test.kept)
				}
				if said := strings.Contains(screen, "The restored cluster stays, and costs"); said != test.kept {
					t.Errorf("it says that the cluster stays: %v, want %v\n%s", said, test.kept, screen)
				}
				sim.Restoring.Answers = []reconciliation.StepResult{{}} // it is mended
				if code, screen, _ := call(t, sim, lineOfReconcile); code != cli.OK || sim.Restoring.Cluster != nil {
					t.Errorf("the next run ends with %d, and the cluster is %v:\n%s", code, sim.Restoring.Cluster, screen)
				}
			})
		})
	}
}

// Not enough rights: one line, and nothing was begun.
func TestReconcileRights(t *testing.T) {
	for _, denied := range []string{"DescribeDBClusterSnapshots", "Invoke report"} {
		t.Run("without the right to "+denied+" nothing is restored", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sim := failovertest.New()
				afterFailover(sim)
				sim.Faults[denied] = errors.New("AccessDenied: not authorized")
				code, screen, _ := call(t, sim, lineOfReconcile)
				if code != cli.Failed || !strings.Contains(screen, "AccessDenied") {
					t.Errorf("exit code %d: %s", code, screen)
				}
				if begun := slices.ContainsFunc(sim.Calls(), func(one string) bool { return strings.HasPrefix(one, "RestoreDB") }); begun {
					t.Errorf("it has called %q", sim.Calls())
				}
			})
		})
	}
}

// The function is asked step after step with the cursor that it has answered, and page after page.
func TestReconcileSteps(t *testing.T) {
	t.Run("steps go on from the cursor, and JSON has the rows of all pages", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			sim := failovertest.New()
			afterFailover(sim)
			cursor := &reconciliation.Cursor{Since: "s", After: reconciliation.Position{OccurredAt: "o", ID: "i"}}
			sim.Restoring.Answers = []reconciliation.StepResult{{Compared: 5, Next: cursor}, {Compared: 2}}
			totals := reconciliation.Totals{Lost: 2, Returned: 2}
			sim.Restoring.Pages = []reconciliation.Page{
				{Totals: totals, Rows: []reconciliation.Row{{ID: "1", Outcome: "returned"}}, Next: 1},
				{Totals: totals, Rows: []reconciliation.Row{{ID: "2", Outcome: "returned"}}},
			}
			code, screen, _ := call(t, sim, lineOfReconcile+" --json")
			var result cli.Result
			if err := json.Unmarshal([]byte(screen), &result); err != nil || code != cli.OK {
				t.Fatalf("exit code %d: %s (%v)", code, screen, err)
			}
			if got := result.Reconciliation; got == nil || got.Compared != 7 || len(got.Rows) != 2 || got.Rows[1].ID != "2" || got.Totals != totals {
				t.Errorf("the report is %+v", got)
			}
			first := reconciliation.Step{
				Task: "reconcile", Host: "restored", Port: 5432, Source: failovertest.OldVolume, SnapshotAt: time.Unix(0, 0).UTC(),
			}
			second := first
			second.Cursor = cursor
			want := []any{
				reconciliation.ReportQuery{Task: "report", Source: failovertest.OldVolume, After: 1 << 30}, first, second,
				reconciliation.ReportQuery{Task: "report", Source: failovertest.OldVolume},
				reconciliation.ReportQuery{Task: "report", Source: failovertest.OldVolume, After: 1},
			}
			if !reflect.DeepEqual(sim.Restoring.Asked, want) {
				t.Errorf("the function was asked\n%+v, want\n%+v", sim.Restoring.Asked, want)
			}
			if sim.Restoring.Cluster != nil || result.Reconciliation.Region != "us-east-1" {
				t.Errorf("the restored cluster is still there (%v), in %s", sim.Restoring.Cluster, result.Reconciliation.Region)
			}
		})
	})
}

// A command that is broken off goes on when it is run again, with the cluster that it has restored.
func TestReconcileAgain(t *testing.T) {
	for _, fault := range []string{"Invoke reconcile", "DeleteDBCluster reconcile-primary"} {
		t.Run("after a fault of "+fault+" the next run finishes, and restores nothing twice", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sim := failovertest.New()
				afterFailover(sim)
				sim.Faults[fault] = errors.New("broken off")
				if code, screen, _ := call(t, sim, lineOfReconcile); code != cli.Failed || sim.Restoring.Cluster == nil {
					t.Fatalf("exit code %d: %s", code, screen)
				}
				delete(sim.Faults, fault)
				sim.Restoring.Answers = []reconciliation.StepResult{{}} // it is mended
				if code, screen, _ := call(t, sim, lineOfReconcile); code != cli.OK || sim.Restoring.Cluster != nil {
					t.Errorf("exit code %d: %s", code, screen)
				}
				restored := 0
				for _, one := range sim.Calls() {
					if strings.HasPrefix(one, "RestoreDBClusterFromSnapshot") {
						restored++
					}
				}
				if restored != 1 {
					t.Errorf("it has restored %d times", restored)
				}
			})
		})
	}
	t.Run("--keep leaves the restored cluster there", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			sim := failovertest.New()
			afterFailover(sim)
			if code, screen, _ := call(t, sim, lineOfReconcile+" --keep"); code != cli.OK || sim.Restoring.Cluster == nil {
				t.Errorf("exit code %d: %s", code, screen)
			}
		})
	})
}
