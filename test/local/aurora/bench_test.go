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
