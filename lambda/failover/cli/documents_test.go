package cli_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"warmstandby/lambda/failover/cli"
	"warmstandby/lambda/failover/documents"
	"warmstandby/lambda/failover/failovertest"
	"warmstandby/lambda/failover/reconciliation"
)

const documentOfA = "records/a/document"

// lostDocument is a record that a reconciliation has brought back, whose document only the old primary's bucket has.
func lostDocument(sim *failovertest.Simulation) {
	afterFailover(sim)
	sim.Restoring.Answers = []reconciliation.StepResult{{Fork: &reconciliation.Fork{BeganAt: "1999-12-31T23:00:00.123Z"}}}
	sim.Restoring.Pages = []reconciliation.Page{{
		Totals: reconciliation.Totals{Lost: 1, Returned: 1},
		Rows:   []reconciliation.Row{{Kind: "RecordCreated", RecordID: "a", Outcome: "returned"}},
	}}
	sim.Records["a"] = documents.Record{ID: "a", Exists: true}
	sim.Buckets[0].Put(documentOfA, documents.Version{Modified: time.Date(1999, 12, 31, 23, 30, 0, 0, time.UTC)})
}

func TestReconcileDocuments(t *testing.T) {
	checkCommands(t, []commandCase{
		{
			name: "a reconciliation that brings a document back", change: lostDocument, line: lineOfReconcile, code: cli.OK, writer: inWest,
			says: "documents 1 compared, 1 returned, 0 deleted by their users of record a, in bucket documents-west: copied " +
				"All 1 lost changes are back. 1 documents are back.",
		},
		{
			name: "a reconciliation that cannot ask about documents",
			change: func(sim *failovertest.Simulation) {
				lostDocument(sim)
				sim.Faults["Invoke documents"] = errors.New("throttled")
			},
			line: lineOfReconcile, code: cli.Failed, writer: inWest,
			says: "The records are back, and not all of their documents; it goes on when it is run again: asking which records there are: throttled",
		},
		{
			name: "a reconciliation that does not say where the histories parted",
			change: func(sim *failovertest.Simulation) {
				lostDocument(sim)
				sim.Restoring.Answers[0].Fork.BeganAt = "lately"
			},
			line: lineOfReconcile, code: cli.Failed, writer: inWest, says: "reading when the histories parted",
		},
	})
}

func TestRestoreDocuments(t *testing.T) {
	removedSince := func(sim *failovertest.Simulation) {
		sim.SetRestored("us-east-1", restoredCluster, anHourAgo)
		at, err := time.Parse(time.RFC3339, anHourAgo)
		if err != nil {
			t.Fatal(err)
		}
		for _, bucket := range sim.Buckets {
			bucket.Put(documentOfA, documents.Version{ID: "v", Modified: at.Add(-time.Hour)})
			bucket.Put(documentOfA, documents.Version{Marker: true, Modified: at.Add(time.Minute)})
		}
		sim.Records["a"] = documents.Record{ID: "a", Exists: true, DeletedAt: at.Add(time.Second)}
	}
	for _, test := range []struct {
		name   string
		change func(*failovertest.Simulation)
		line   string
		code   int
		says   string
		back   bool
	}{
		{
			"those that were removed since its time are back", removedSince, "restore --env test --documents", cli.OK,
			"1 documents are back that were removed since " + anHourAgo + ".", true,
		},
		{
			"without a restored cluster nothing is begun", func(sim *failovertest.Simulation) {
				removedSince(sim)
				sim.ForgetRestored()
			}, "restore --env test --documents", cli.Refused,
			"Nothing was begun: there is no DB cluster " + restoredCluster + ", whose time says which documents are meant.", false,
		},
		{
			"a cluster of the name that no restore has made says no time", func(sim *failovertest.Simulation) {
				removedSince(sim)
				sim.SetRestored("us-east-1", restoredCluster, "")
			}, "restore --env test --documents", cli.Refused, "is not tagged as restored", false,
		},
		{
			"and a time beside it is a usage error", removedSince, "restore --env test --documents --at latest", cli.Usage,
			"A restore needs a time", false,
		},
		{
			"the database does not answer", func(sim *failovertest.Simulation) {
				removedSince(sim)
				sim.Faults["Invoke documents"] = errors.New("throttled")
			}, "restore --env test --documents", cli.Failed, "Not all documents are back; it goes on when it is run again", false,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sim := failovertest.New()
				test.change(sim)
				code, screen, _ := call(t, sim, test.line)
				if code != test.code || !strings.Contains(screen, test.says) {
					t.Errorf("exit code %d: %s", code, screen)
				}
				for _, bucket := range sim.Buckets {
					if current, there := bucket.Current(documentOfA); there != test.back || there && current.ID != "v" {
						t.Errorf("bucket %s has %+v, %t", bucket.Name, current, there)
					}
				}
			})
		})
	}
}
