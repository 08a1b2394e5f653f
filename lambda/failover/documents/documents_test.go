package documents_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"warmstandby/lambda/failover/documents"
	"warmstandby/lambda/failover/failovertest"
)

var fork = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func after(seconds int) time.Time { return fork.Add(time.Duration(seconds) * time.Second) }

// world is two buckets and what the database knows.
type world struct {
	east, west *failovertest.Bucket
	records    map[string]documents.Record
	asked      [][]string
}

func newWorld() *world {
	w := &world{failovertest.NewBucket("east", "us-east-1"), failovertest.NewBucket("west", "us-west-2"), map[string]documents.Record{}, nil}
	w.east.Clock, w.west.Clock = after(1000), after(1000)
	return w
}

func (w *world) restorer() documents.Restorer {
	return documents.Restorer{
		Buckets: [2]documents.Bucket{w.east, w.west}, Progress: func(string, ...any) {},
		Records: func(_ context.Context, _ time.Time, ids []string) (found []documents.Record, err error) {
			w.asked = append(w.asked, ids)
			for _, id := range ids {
				found = append(found, w.records[id])
			}
			return found, nil
		},
	}
}

func key(record string) string { return "records/" + record + "/document" }

// put puts a version into a bucket, and its replica, of the same id, into the others.
func (w *world) put(record string, seconds int, home *failovertest.Bucket, replicas ...*failovertest.Bucket) string {
	version := documents.Version{Modified: after(seconds), Size: 1}
	version.ID = home.Put(key(record), version)
	for _, replica := range replicas {
		replica.Put(key(record), version)
	}
	return version.ID
}

func (w *world) mark(record string, seconds int, buckets ...*failovertest.Bucket) {
	for _, bucket := range buckets {
		bucket.Put(key(record), documents.Version{Marker: true, Modified: after(seconds)})
	}
}

func TestBring(t *testing.T) {
	const r = "a"
	for _, test := range []struct {
		name      string
		exists    bool
		deletedAt time.Time
		make      func(w *world)
		east      string // the outcome in each bucket, "" where nothing is done
		west      string
		there     bool // the newest version is what both buckets have
		deleted   int
	}{
		{
			name: "one that is in both buckets stays as it is", exists: true,
			make: func(w *world) { w.put(r, 1, w.east, w.west) }, there: true,
		},
		{
			name: "one that was not replicated is copied", exists: true,
			make: func(w *world) { w.put(r, 1, w.east) }, west: "copied", there: true,
		},
		{
			name: "one whose newer version was not replicated is copied", exists: true,
			make: func(w *world) {
				w.put(r, 1, w.east, w.west)
				w.put(r, 5, w.east)
			},
			west: "copied", there: true,
		},
		{
			name: "one that was removed with its record comes from behind both markers", exists: true, deletedAt: after(10),
			make: func(w *world) {
				w.put(r, 1, w.east, w.west)
				w.mark(r, 1000, w.east, w.west)
			},
			east: "marker-removed", west: "marker-removed", there: true,
		},
		{
			name: "one that was removed in one bucket, and had not been replicated", exists: true, deletedAt: after(10),
			make: func(w *world) {
				w.put(r, 1, w.east)
				w.mark(r, 20, w.east)
			},
			east: "marker-removed", west: "copied", there: true,
		},
		{
			name: "one that its user had deleted before stays deleted", exists: true, deletedAt: after(10),
			make: func(w *world) {
				w.put(r, 1, w.east, w.west)
				w.mark(r, 5, w.east, w.west)
			},
			deleted: 1,
		},
		{
			name: "one that its user has deleted, of a record that never was, stays deleted", exists: true,
			make: func(w *world) {
				w.put(r, 1, w.east, w.west)
				w.mark(r, 5, w.west)
			},
			deleted: 1,
		},
		{
			name: "one that was put again after a deletion is the newest", exists: true,
			make: func(w *world) {
				w.put(r, 1, w.east, w.west)
				w.mark(r, 5, w.east, w.west)
				w.put(r, 9, w.west)
			},
			east: "copied", there: true,
		},
		{
			name: "one of a record that is gone stays removed", deletedAt: after(10),
			make: func(w *world) {
				w.put(r, 1, w.east, w.west)
				w.mark(r, 20, w.east, w.west)
			},
		},
		{
			name: "there is none", exists: true, make: func(*world) {},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld()
			w.records[r] = documents.Record{ID: r, Exists: test.exists, DeletedAt: test.deletedAt}
			test.make(w)
			report, err := w.restorer().Bring(t.Context(), fork, []string{r, r})
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]string{}
			for _, row := range report.Rows {
				got[row.Bucket] = string(row.Outcome)
			}
			if got["east"] != test.east || got["west"] != test.west || report.Deleted != test.deleted {
				t.Errorf("got %+v, want %q and %q", report, test.east, test.west)
			}
			_, east := w.east.Current(key(r))
			_, west := w.west.Current(key(r))
			if there := east && west; there != test.there {
				t.Errorf("it is in east %t and in west %t, want both: %t", east, west, test.there)
			}
			w.east.Changes, w.west.Changes = 0, 0
			again, err := w.restorer().Bring(t.Context(), fork, []string{r})
			if err != nil || len(again.Rows) > 0 || w.east.Changes+w.west.Changes > 0 {
				t.Errorf("a second run reports %+v with %d changes: %v", again.Rows, w.east.Changes+w.west.Changes, err)
			}
		})
	}
}

// A tenant's documents have its name in their keys, which the database knows and S3's lists show.
func TestTenantsDocuments(t *testing.T) {
	for _, how := range [...]string{"named", "found in the buckets"} {
		t.Run(how, func(t *testing.T) {
			w := newWorld()
			const own = "clinic-a/a"
			w.put(own, 1, w.east, w.west)
			w.mark(own, 20, w.east, w.west)
			w.records["a"] = documents.Record{ID: "a", Exists: true, Key: key(own), DeletedAt: after(10)}
			var err error
			if how == "named" {
				_, err = w.restorer().Bring(t.Context(), fork, []string{"a"})
			} else {
				_, err = w.restorer().BringSince(t.Context(), fork)
			}
			if err != nil {
				t.Fatal(err)
			}
			for _, bucket := range [...]*failovertest.Bucket{w.east, w.west} {
				if _, there := bucket.Current(key(own)); !there {
					t.Error("the tenant's document is not back in both buckets")
				}
			}
		})
	}
}

func TestBringRaces(t *testing.T) {
	t.Run("a version that a user puts meanwhile is not overwritten", func(t *testing.T) {
		w := newWorld()
		w.records["a"] = documents.Record{ID: "a", Exists: true}
		w.put("a", 1, w.east)
		var theirs string
		w.west.Meanwhile = func() { theirs = w.west.Put(key("a"), documents.Version{Modified: after(999)}) }
		report, err := w.restorer().Bring(t.Context(), fork, []string{"a"})
		current, _ := w.west.Current(key("a"))
		if err != nil || len(report.Rows) != 1 || report.Rows[0].Outcome != documents.Overtaken || report.Returned != 0 || current.ID != theirs {
			t.Errorf("%+v: the current version is %s, want the user's %s: %v", report, current.ID, theirs, err)
		}
	})
	t.Run("a replica that arrives meanwhile is none", func(t *testing.T) {
		w := newWorld()
		w.records["a"] = documents.Record{ID: "a", Exists: true}
		id := w.put("a", 1, w.east)
		w.west.Meanwhile = func() { w.west.Put(key("a"), documents.Version{ID: id, Modified: after(1)}) }
		report, err := w.restorer().Bring(t.Context(), fork, []string{"a"})
		if err != nil || report.Returned != 1 {
			t.Errorf("%+v: %v", report, err)
		}
	})
	t.Run("a copy that is replicated back is the same document", func(t *testing.T) {
		w := newWorld()
		w.records["a"] = documents.Record{ID: "a", Exists: true}
		origin := w.put("a", 1, w.east)
		if _, err := w.restorer().Bring(t.Context(), fork, []string{"a"}); err != nil {
			t.Fatal(err)
		}
		copied, _ := w.west.Current(key("a"))
		w.east.Put(key("a"), copied) // S3 replicates both ways
		w.east.Origins[copied.ID] = origin
		if again, err := w.restorer().Bring(t.Context(), fork, []string{"a"}); err != nil || len(again.Rows) > 0 {
			t.Errorf("%+v: %v", again, err)
		}
	})
}

func TestBringSince(t *testing.T) {
	t.Run("documents that were removed since are found, others are not asked for", func(t *testing.T) {
		w := newWorld()
		for _, record := range []string{"old", "taken-back", "gone"} {
			w.put(record, -100, w.east, w.west)
		}
		w.mark("old", -50, w.east, w.west)
		w.mark("taken-back", 20, w.east, w.west)
		w.mark("gone", 20, w.east, w.west)
		w.east.Put("probe/replication", documents.Version{Marker: true, Modified: after(30)})
		w.records["taken-back"] = documents.Record{ID: "taken-back", Exists: true, DeletedAt: after(10)}
		report, err := w.restorer().BringSince(t.Context(), fork)
		if err != nil || report.Returned != 1 || len(report.Rows) != 2 {
			t.Errorf("%+v: %v", report, err)
		}
		asked := slices.Concat(w.asked...)
		slices.Sort(asked)
		if want := []string{"gone", "taken-back"}; !slices.Equal(asked, want) {
			t.Errorf("the database was asked about %q, want %q", asked, want)
		}
	})
	t.Run("an error names the record", func(t *testing.T) {
		w := newWorld()
		w.put("a", 1, w.east)
		w.mark("a", 20, w.east)
		r := w.restorer()
		r.Records = func(context.Context, time.Time, []string) ([]documents.Record, error) {
			return nil, errors.New("no writer")
		}
		if _, err := r.BringSince(t.Context(), fork); err == nil || err.Error() != "asking which records there are: no writer" {
			t.Errorf("got %v", err)
		}
	})
}

// Any history of puts, deletions by users and removals with records, replicated or not: afterwards both buckets have the newest version,
// unless a user has deleted it, and a second run changes nothing.
func TestHistories(t *testing.T) {
	for seed := range uint64(2000) {
		random := rand.New(rand.NewPCG(seed, 1))
		w := newWorld()
		removed, newest, hidden := -1, "", false
		for second := 1; second < 40; second += 1 + random.IntN(6) {
			home, peer := w.east, w.west
			if random.IntN(2) == 0 {
				home, peer = peer, home
			}
			replicas := []*failovertest.Bucket{peer}
			if random.IntN(3) == 0 {
				replicas = nil
			}
			switch step := random.IntN(5); {
			case step < 3 && removed < 0:
				newest, hidden = w.put("a", second, home, replicas...), false
			case step == 3 && removed < 0 && newest != "" && !hidden:
				w.mark("a", second, append(replicas, home)...)
				hidden = true
			case step == 4 && removed < 0:
				removed = second
			case removed >= 0:
				w.mark("a", second, append(replicas, home)...)
			}
		}
		record := documents.Record{ID: "a", Exists: true}
		if removed >= 0 {
			record.DeletedAt = after(removed)
		}
		w.records["a"] = record
		report, err := w.restorer().Bring(t.Context(), fork, []string{"a"})
		if err != nil {
			t.Fatal(err)
		}
		for _, bucket := range []*failovertest.Bucket{w.east, w.west} {
			current, there := bucket.Current(key("a"))
			if hidden || newest == "" {
				continue
			}
			if !there || current.ID != newest && bucket.Origins[current.ID] != newest {
				t.Fatalf("seed %d: %s has %+v, want %s: %s", seed, bucket.Name, current, newest, fmt.Sprint(report))
			}
		}
		w.east.Changes, w.west.Changes = 0, 0
		if _, err := w.restorer().Bring(t.Context(), fork, []string{"a"}); err != nil || w.east.Changes+w.west.Changes > 0 {
			t.Fatalf("seed %d: a second run makes %d changes: %v", seed, w.east.Changes+w.west.Changes, err)
		}
		if hidden && report.Returned > 0 {
			t.Fatalf("seed %d: what its user has deleted came back", seed)
		}
	}
}
