package controlloop_test

import (
	"testing"
	"time"

	"warmstandby/lambda/failover/failovertest"
)

// A run with everything healthy, in a simulation in which each call takes 10 ms. It may take 5 s at p99, of which the gaps between its
// probes are 2 s: the rest is the room for slower calls.
func BenchmarkRunWithAllHealthy(b *testing.B) {
	sim := failovertest.New()
	for b.Loop() {
		begun := time.Now()
		if err := sim.Controller(begun.String()).Run(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(sim.Calls()))/float64(b.N), "calls/op")
}
