package aurora

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"warmstandby/test/local/testwait"
)

// history is the test's own log of what was committed, and when.
type history struct {
	f       *fixture
	rows    []int64
	moments []moment
}

// moment is a time between two commits, with the rows that were committed by then.
type moment struct {
	at   time.Time
	rows []int64
}

// run makes some random commits of up to three rows at a writer, deletes among them, and notes the time after each.
func (h *history) run(writer ID, random *rand.Rand, commits int) {
	h.f.t.Helper()
	connection := h.f.dial(writer)
	for range commits {
		var next []int64
		err := pgx.BeginFunc(h.f.t.Context(), connection, func(tx pgx.Tx) error {
			next = slices.Clone(h.rows)
			for range 1 + random.IntN(3) {
				if len(next) > 0 && random.IntN(3) == 0 {
					at := random.IntN(len(next))
					if _, err := tx.Exec(h.f.t.Context(), "DELETE FROM visits WHERE id = $1", next[at]); err != nil {
						return err
					}
					next = slices.Delete(next, at, at+1)
					continue
				}
				id := random.Int64N(1 << 40)
				if _, err := tx.Exec(h.f.t.Context(), "INSERT INTO visits VALUES ($1)", id); err != nil {
					return err
				}
				next = append(next, id)
			}
			return nil
		})
		if err != nil {
			h.f.t.Fatal(err)
		}
		h.rows = next
		h.note(connection)
	}
}

// note records the time, by the database's clock, and the rows.
func (h *history) note(connection *pgx.Conn) {
	h.f.t.Helper()
	var at time.Time
	// Two readings of the clock in a row differ from the commit's before and the next after them.
	if err := connection.QueryRow(h.f.t.Context(), "SELECT clock_timestamp() FROM pg_sleep(0.002)").Scan(&at); err != nil {
		h.f.t.Fatal(err)
	}
	if _, err := connection.Exec(h.f.t.Context(), "SELECT pg_sleep(0.002)"); err != nil {
		h.f.t.Fatal(err)
	}
	rows := slices.Clone(h.rows)
	slices.Sort(rows)
	h.moments = append(h.moments, moment{at, rows})
}

// wantRestored restores a cluster to a moment, beside it, and compares the rows with the log's.
func (f *fixture) wantRestored(source ID, m moment, name string) {
	f.t.Helper()
	restored := ID{Region: source.Region, Cluster: name}
	if _, err := f.RestoreToTime(f.t.Context(), source, m.at, Cluster{ID: restored}); err != nil {
		f.t.Fatalf("restoring %s to %s: %v", source, m.at, err)
	}
	f.wantRowsAfterRestore(restored, m.rows)
}

func (f *fixture) wantRowsAfterRestore(restored ID, want []int64) {
	f.t.Helper()
	f.add(restored)
	got, err := f.rows(restored)
	if err != nil {
		f.t.Fatal(err)
	}
	if !slices.Equal(got, want) {
		f.t.Errorf("%s has %d rows %v, want %d %v", restored, len(got), got, len(want), want)
	}
	if err := f.Delete(f.t.Context(), restored); err != nil {
		f.t.Fatal(err)
	}
}

// A restore gives exactly what was committed by then in both directions.
func TestRestoreToTime(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	t.Logf("seed %d", seed)
	f := pair(t, t.TempDir())
	h := &history{f: f}
	h.note(f.dial(east)) // an empty table
	h.run(east, random, 8)
	// A long transaction that began before and ends after a moment is not part of it.
	open := f.dial(east)
	f.exec(open, "BEGIN")
	f.exec(open, "INSERT INTO visits VALUES (-1)")
	h.run(east, random, 1)
	f.exec(open, "COMMIT")
	h.rows = append(h.rows, -1)
	h.note(open)
	inEast := len(h.moments)
	f.wantRestored(east, h.moments[inEast-1], "last-in-east")
	f.wantRestored(east, h.moments[inEast-2], "before-the-long-commit")

	if err := f.Switchover(t.Context(), globalID, west, accepted); err != nil {
		t.Fatal(err)
	}
	f.waitRebuilt(east)
	h.run(west, random, 8)
	// Moments of the time in the east can still be restored there, and those since in the west.
	before, after := h.moments[random.IntN(inEast)], h.moments[inEast+random.IntN(len(h.moments)-inEast)]
	f.wantRestored(east, before, "from-the-east")
	f.wantRestored(west, after, "from-the-west")
	f.wantRestored(west, h.moments[inEast-1], "from-the-west-before-it-wrote")
	if _, err := f.RestoreToTime(t.Context(), west, time.Time{}, Cluster{ID: ID{west.Region, "latest"}}); err != nil {
		t.Fatal(err)
	}
	f.wantRowsAfterRestore(ID{west.Region, "latest"}, h.moments[len(h.moments)-1].rows)
}

// waitRebuilt returns when a member that lost the role of the writer follows the new one.
func (f *fixture) waitRebuilt(id ID) {
	f.t.Helper()
	f.changeMu.Lock() // held while standbys are rebuilt
	defer f.changeMu.Unlock()
	if f.servers[id] == nil {
		f.t.Fatalf("%s was not rebuilt", id)
	}
}

func TestARestoreReadsTheLogOfSeveralBaseBackups(t *testing.T) {
	t.Parallel()
	f := open(t, t.TempDir())
	f.options.MaxLogSinceBackup = 1
	f.create(Cluster{ID: east, User: "clinic", Password: "it's a secret", Database: "records"})
	f.add(east)
	f.exec(f.dial(east), "CREATE TABLE visits (id bigint PRIMARY KEY)")
	h := &history{f: f}
	h.note(f.dial(east))
	random := rand.New(rand.NewPCG(1, 2))
	for range 3 {
		h.run(east, random, 1)
		f.admin(east, "SELECT pg_switch_wal()")
		f.waitArchived(east)
		if err := f.MaintainBackups(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		h.rows = append(h.rows, int64(-len(h.moments)))
		f.insert(f.target(east), -len(h.moments))
		h.note(f.dial(east))
	}
	config, _ := f.configOf(east)
	known, err := config.baseBackups()
	if err != nil || len(known) != keptBaseBackups {
		t.Fatalf("%d base backups are kept (%v), want %d", len(known), err, keptBaseBackups)
	}
	names, err := segmentsIn(known[0].volume + "/" + walDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if segmentNumber(name) < segmentNumber(known[0].FirstSegment) {
			t.Errorf("log %s is kept, and the oldest base backup begins with %s", name, known[0].FirstSegment)
		}
	}
	for i, m := range h.moments {
		if !m.at.Before(known[0].Taken) {
			f.wantRestored(east, m, fmt.Sprintf("restored-%d", i))
		}
	}
	earliest, _, ok, err := f.RestorableWindow(east)
	if err != nil || !ok || !earliest.Equal(known[0].Taken) {
		t.Errorf("the window begins at %s (%t, %v), want the oldest base backup, %s", earliest, ok, err, known[0].Taken)
	}
}

// admin runs a statement as the administrator.
func (f *fixture) admin(id ID, statement string) {
	f.t.Helper()
	if err := f.runningServers()[id].exec(f.t.Context(), statement); err != nil {
		f.t.Fatal(err)
	}
}

func TestARestoreThatIsRefusedBeginsNothing(t *testing.T) {
	t.Parallel()
	f := open(t, t.TempDir())
	f.create(Cluster{ID: east, User: "clinic", Password: "it's a secret", Database: "records"})
	fresh := ID{east.Region, "restored"}
	_, err := f.RestoreToTime(t.Context(), east, time.Time{}, Cluster{ID: fresh})
	if !errors.Is(err, ErrOutsideWindow) {
		t.Errorf("a cluster without an instance: %v, want %v", err, ErrOutsideWindow)
	}
	f.add(east)
	earliest, latest, _, err := f.RestorableWindow(east)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		source ID
		until  time.Time
		into   ID
		want   error
	}{
		"a time before the first backup": {east, earliest.Add(-time.Second), fresh, ErrOutsideWindow},
		"a time to come":                 {east, latest.Add(time.Hour), fresh, ErrOutsideWindow},
		"a cluster that does not exist":  {west, time.Time{}, fresh, ErrNoCluster},
		"a name that is taken":           {east, time.Time{}, east, ErrExists},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := f.RestoreToTime(t.Context(), test.source, test.until, Cluster{ID: test.into}); !errors.Is(err, test.want) {
				t.Errorf("ended with %v, want %v", err, test.want)
			}
		})
	}
	if _, err := f.RestoreToTime(t.Context(), east, time.Time{}, Cluster{ID: ID{east.Region, "no_name"}}); err == nil {
		t.Error("a name that RDS refuses is accepted")
	}
	if f.exists(fresh) {
		t.Error("a refused restore has made a cluster")
	}
}

// A snapshot has the data of its time and outlives its cluster.
func TestSnapshot(t *testing.T) {
	t.Parallel()
	f := open(t, t.TempDir())
	f.create(Cluster{ID: east, User: "clinic", Password: "it's a secret", Database: "records"})
	if _, err := f.CreateSnapshot(
		t.Context(),
		Snapshot{Region: east.Region, Name: "empty", Cluster: east.Cluster},
	); !errors.Is(
		err,
		ErrNoVolume,
	) {
		t.Errorf("a snapshot of a cluster without data: %v, want %v", err, ErrNoVolume)
	}
	f.add(east)
	f.exec(f.dial(east), "CREATE TABLE visits (id bigint PRIMARY KEY)")
	f.insert(f.target(east), 1, 2)
	taken, err := f.CreateSnapshot(
		t.Context(),
		Snapshot{Region: east.Region, Name: "one", Cluster: east.Cluster, Attributes: map[string]string{"Engine": "e"}},
	)
	if err != nil {
		t.Fatal(err)
	}
	f.insert(f.target(east), 3)
	if err := f.RemoveInstance(t.Context(), east.Region, east.Cluster+"-1"); err != nil {
		t.Fatal(err)
	}
	if _, err := f.CreateSnapshot(t.Context(), Snapshot{Region: east.Region, Name: "stopped", Cluster: east.Cluster}); err != nil {
		t.Fatal(err)
	}
	if _, err := f.CopySnapshot(t.Context(), taken, Snapshot{Region: west.Region, Name: "copied", Source: "arn"}); err != nil {
		t.Fatal(err)
	}
	if _, err := f.CreateSnapshot(
		t.Context(),
		Snapshot{Region: east.Region, Name: "one", Cluster: east.Cluster},
	); !errors.Is(
		err,
		ErrSnapshotExists,
	) {
		t.Errorf("a second snapshot of the name: %v, want %v", err, ErrSnapshotExists)
	}
	automated := f.snapshotNames(east.Region, AutomatedSnapshot)
	if len(automated) != 1 {
		t.Fatalf("automated snapshots are %v, want one", automated)
	}
	if _, err := f.RestoreSnapshot(t.Context(), east.Region, automated[0], Cluster{ID: ID{east.Region, "of-the-day"}}); err != nil {
		t.Error(err)
	}
	if _, err := f.DeleteSnapshot(east.Region, automated[0]); !errors.Is(err, ErrAutomatedSnapshot) {
		t.Errorf("deleting an automated snapshot: %v, want %v", err, ErrAutomatedSnapshot)
	}
	if err := f.Delete(t.Context(), east); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		region, snapshot string
		rows             []int64
	}{{east.Region, "one", []int64{1, 2}}, {east.Region, "stopped", []int64{1, 2, 3}}, {west.Region, "copied", []int64{1, 2}}} {
		restored := ID{test.region, "from-" + test.snapshot}
		if _, err := f.RestoreSnapshot(t.Context(), test.region, test.snapshot, Cluster{ID: restored}); err != nil {
			t.Fatal(err)
		}
		f.wantRowsAfterRestore(restored, test.rows)
		if deleted, err := f.DeleteSnapshot(test.region, test.snapshot); err != nil || deleted.Cluster != east.Cluster {
			t.Errorf("deleting %s: %+v, %v", test.snapshot, deleted, err)
		}
	}
	if left := f.snapshotNames(
		east.Region,
		"",
	); slices.ContainsFunc(
		left,
		func(name string) bool { return name == "one" || name == "stopped" },
	) {
		t.Errorf("left are the snapshots %v", left)
	}
	if _, err := f.RestoreSnapshot(t.Context(), east.Region, "one", Cluster{ID: ID{east.Region, "again"}}); !errors.Is(err, ErrNoSnapshot) {
		t.Errorf("restoring a deleted snapshot: %v, want %v", err, ErrNoSnapshot)
	}
}

// snapshotNames returns the names of a region's snapshots of one kind, all of them for "".
func (f *fixture) snapshotNames(region, kind string) []string {
	f.t.Helper()
	all, err := f.Snapshots(region)
	if err != nil {
		f.t.Fatal(err)
	}
	var names []string
	for _, one := range all {
		if kind == "" || one.Type == kind {
			names = append(names, one.Name)
		}
	}
	return names
}

// The old volume is kept as a snapshot after a failover that loses data.
func TestLostVolume(t *testing.T) {
	t.Parallel()
	f := pair(t, t.TempDir())
	f.insert(f.target(east), 1)
	f.waitRows(west, 1)
	f.setFaults(map[string]NetworkFault{east.Region: Partitioned})
	f.insert(f.target(east), 2, 3) // acknowledged, and never replicated
	if err := f.Failover(t.Context(), globalID, west, accepted); err != nil {
		t.Fatal(err)
	}
	f.insert(f.target(west), 4)
	if names := f.lostNames(); len(names) != 0 {
		t.Errorf("the snapshots are %v before the old primary is back", names)
	}
	f.setFaults(nil)
	f.waitRows(east, 1, 4)
	names := f.lostNames()
	if len(names) != 1 {
		t.Fatalf("the snapshots of the old volume are %v, want one", names)
	}
	restored := ID{east.Region, "old-volume"}
	if _, err := f.RestoreSnapshot(t.Context(), east.Region, names[0], Cluster{ID: restored}); err != nil {
		t.Fatal(err)
	}
	f.wantRowsAfterRestore(restored, []int64{1, 2, 3})
	if err := errors.Join(f.Delete(t.Context(), west), f.Delete(t.Context(), east)); err != nil {
		t.Fatal(err)
	}
	if left := f.snapshotNames(east.Region, ""); len(left) != 0 {
		t.Errorf("the deleted clusters leave the snapshots %v", left)
	}
}

func TestASwitchoverLeavesNoSnapshot(t *testing.T) {
	t.Parallel()
	f := pair(t, t.TempDir())
	if err := f.Switchover(t.Context(), globalID, west, accepted); err != nil {
		t.Fatal(err)
	}
	f.waitRebuilt(east)
	if names := f.lostNames(); len(names) != 0 {
		t.Errorf("a switchover leaves the snapshots %v", names)
	}
}

func (f *fixture) lostNames() []string {
	f.t.Helper()
	lost, err := f.lostVolumes(east)
	if err != nil {
		f.t.Fatal(err)
	}
	var names []string
	for _, one := range lost {
		names = append(names, one.Name)
	}
	return names
}

func TestSnapshotNames(t *testing.T) {
	t.Parallel()
	region, name := NewSnapshotName("us-east-1", "arn:aws:rds:us-west-2:111122223333:cluster-snapshot:rds:Records-2026-01-02-03-04")
	if region != "us-west-2" || name != "rds:records-2026-01-02-03-04" {
		t.Errorf("the ARN names %s in %s", name, region)
	}
	for name, fine := range map[string]bool{"final": true, "a-1": true, "": false, "1a": false, "a--b": false, "a-": false, "rds:a": false,
		"a_b": false} {
		if err := checkSnapshotName(Snapshot{Region: "us-east-1", Name: name}); (err == nil) != fine {
			t.Errorf("the name %q: %v", name, err)
		}
	}
	for _, one := range []Snapshot{
		{Name: BackupSnapshots + "job-1", Type: BackupSnapshot}, {Name: "job-1", Type: ManualSnapshot},
	} {
		one.Region = "us-east-1"
		if err := checkSnapshotName(one); err != nil {
			t.Error(err)
		}
	}
}

// waitArchived returns when something of the log is archived since the last base backup.
func (f *fixture) waitArchived(id ID) {
	f.t.Helper()
	config, _ := f.configOf(id)
	testwait.Until(f.t, "the log is archived", func() error {
		known, err := config.baseBackups()
		if err != nil {
			return err
		}
		last := known[len(known)-1]
		size, err := archivedSince(filepath.Join(last.volume, walDir), last.FirstSegment)
		if err == nil && size == 0 {
			err = fmt.Errorf("nothing is archived from %s on", last.FirstSegment)
		}
		return err
	})
}
