//go:build e2e

package e2e

import (
	"testing"
	"time"
)

// BenchmarkPlatform measures what an operator waits for, with tools and programs built: all stacks deployed, previewed without
// changes and destroyed. Compared with that, it measures one region deployed again, and the stacks deployed one after another
// by a make of their own.
func BenchmarkPlatform(b *testing.B) {
	p := newPlatform(b)
	p.make(b, "up") // Compiles and links the programs.
	p.make(b, "destroy")
	var up, preview, redeploy, destroy, inTurn time.Duration
	rounds := 0
	for b.Loop() {
		rounds++
		up += p.timeMake(b, "up")
		preview += p.timeMake(b, "preview")
		changeFunction(b)
		redeploy += p.timeMake(b, "up", "STACK=region-app-west")
		destroy += p.timeMake(b, "destroy")
		for _, stack := range stacks {
			inTurn += p.timeMake(b, "up", "STACK="+stack)
		}
		p.make(b, "destroy")
	}
	each := func(all time.Duration) float64 { return all.Seconds() / float64(rounds) }
	report(b, "s/up", each(up))
	report(b, "s/preview", each(preview))
	report(b, "s/destroy", each(destroy))
	report(b, "s/up-in-turn", each(inTurn))
	report(b, "in-turn/up", inTurn.Seconds()/up.Seconds())
	report(b, "redeploy/up", redeploy.Seconds()/up.Seconds())
}

// BenchmarkService measures a deployed platform: each layer alone, events between regions, reads and creations of records, pages of
// many, runs of the failover controller, and a change of one region's function.
func BenchmarkService(b *testing.B) {
	p := newPlatform(b)
	p.make(b, "up") // Compiles and links the programs.
	p.make(b, "destroy")
	p.make(b, "local-up")
	b.Run("layers", func(b *testing.B) { p.benchmarkLayers(b) })
	b.Run("events", func(b *testing.B) { p.benchmarkEvents(b) })
	b.Run("reads", func(b *testing.B) { p.benchmarkReads(b) })
	b.Run("writes", func(b *testing.B) { p.benchmarkWrites(b) })
	b.Run("pages", func(b *testing.B) { p.benchmarkPages(b) })
	b.Run("watch", func(b *testing.B) { p.benchmarkWatch(b) })
	b.Run("status", func(b *testing.B) { p.benchmarkStatus(b) })
	b.Run("redeploy", func(b *testing.B) { p.benchmarkRedeploy(b) })
}

// benchmarkLayers deploys the layers one after another, and leaves the platform deployed.
func (p *platform) benchmarkLayers(b *testing.B) {
	for b.Loop() {
		for _, stack := range stacks {
			report(b, "s/up-"+stack, p.timeMake(b, "up", "STACK="+stack).Seconds())
		}
	}
}

// timeMake runs make and returns its duration.
func (p *platform) timeMake(t testing.TB, arguments ...string) time.Duration {
	t.Helper()
	start := time.Now()
	p.make(t, arguments...)
	return time.Since(start)
}
