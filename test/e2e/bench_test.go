//go:build e2e

package e2e

import (
	"testing"
	"time"
)

// BenchmarkPlatform measures what an operator waits for, with the tools and the programs built: s/up, s/preview (without
// changes) and s/destroy of all stacks.
func BenchmarkPlatform(b *testing.B) {
	p := newPlatform(b)
	p.make(b, "up") // Compiles and links the programs.
	p.make(b, "destroy")
	spent := map[string]time.Duration{}
	for b.Loop() {
		for _, goal := range []string{"up", "preview", "destroy"} {
			start := time.Now()
			p.make(b, goal)
			spent[goal] += time.Since(start)
		}
	}
	for goal, time := range spent {
		b.ReportMetric(time.Seconds()/float64(b.N), "s/"+goal)
	}
}
