package aurora

import (
	"context"
	"slices"
	"testing"
	"time"
)

// BenchmarkReplicationOfARow measures from a commit at the writer's endpoint until the row is read in the other region.
func BenchmarkReplicationOfARow(b *testing.B) {
	f := pair(b, b.TempDir())
	f.waitRows(west)
	writer, err := f.session(f.writerTarget(east))
	if err != nil {
		b.Fatal(err)
	}
	defer writer.Close(context.Background())
	reader := f.dial(west)
	var took []time.Duration
	for id := 0; b.Loop(); id++ {
		f.exec(writer, "INSERT INTO visits VALUES ($1)", id)
		committed := time.Now()
		for found := false; !found; {
			if err := reader.QueryRow(b.Context(), "SELECT EXISTS (SELECT FROM visits WHERE id = $1)", id).Scan(&found); err != nil {
				b.Fatal(err)
			}
		}
		took = append(took, time.Since(committed))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}

// restoredRows of a kilobyte each make a cluster of about one gigabyte.
const restoredRows = 1_000_000

// BenchmarkRestoreOfAGigabyte measures a restore to the latest time of a cluster of a gigabyte: until its data are recovered, and
// until its first instance answers.
func BenchmarkRestoreOfAGigabyte(b *testing.B) {
	f := open(b, b.TempDir())
	f.create(Cluster{ID: east, User: "clinic", Password: "it's a secret", Database: "records"})
	f.add(east)
	writer := f.dial(east)
	f.exec(writer, "CREATE TABLE visits (id bigint PRIMARY KEY, note text)")
	f.exec(writer, "INSERT INTO visits SELECT n, repeat(md5(n::text), 32) FROM generate_series(1, $1) AS n", restoredRows)
	// As after a day: the rows are in a base backup, and little log follows it.
	if err := f.backUp(b.Context(), east); err != nil {
		b.Fatal(err)
	}
	f.exec(writer, "INSERT INTO visits VALUES (-1, '')")
	restored := ID{Region: east.Region, Cluster: "restored"}
	for b.Loop() {
		began := time.Now()
		if _, err := f.RestoreToTime(b.Context(), east, time.Time{}, Cluster{ID: restored}); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(time.Since(began).Seconds(), "recovered-s")
		f.add(restored)
		b.ReportMetric(time.Since(began).Seconds(), "answers-s")
		var rows int
		if err := f.dial(restored).QueryRow(b.Context(), "SELECT count(*) FROM visits").Scan(&rows); err != nil || rows != restoredRows+1 {
			b.Fatalf("the restored cluster has %d rows (%v), want %d", rows, err, restoredRows+1)
		}
		if err := f.Delete(b.Context(), restored); err != nil {
			b.Fatal(err)
		}
	}
}

// backUp takes a base backup now.
func (f *fixture) backUp(ctx context.Context, id ID) error {
	f.backupMu.Lock()
	defer f.backupMu.Unlock()
	return f.takeBaseBackup(ctx, f.runningServers()[id])
}
