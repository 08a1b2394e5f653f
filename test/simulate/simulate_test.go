package simulate

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

var (
	seeds   = flag.Int("seeds", 1000, "how many seeds to simulate")
	first   = flag.Uint64("seed", 1, "the first seed")
	minutes = flag.Int("minutes", 25, "how long each simulation is, in virtual minutes")
	trace   = flag.Bool("trace", false, "print the trace of each seed")
)

// simulate simulates a plan, and returns the result and the trace.
func simulate(t *testing.T, plan *Plan, tracing bool) (result Result, lines []string) {
	synctest.Test(t, func(t *testing.T) {
		w := NewWorld(plan, time.Now(), tracing)
		result = w.Run(t.Context())
		lines = w.Trace()
	})
	return result, lines
}

func TestSimulation(t *testing.T) {
	length := time.Duration(*minutes) * time.Minute
	begun := time.Now()
	report := NewReport()
	var mu sync.Mutex
	next := *first
	t.Run("workers", func(t *testing.T) {
		for worker := range 2 {
			t.Run(fmt.Sprint(worker), func(t *testing.T) {
				t.Parallel()
				for {
					mu.Lock()
					seed := next
					next++
					mu.Unlock()
					if seed >= *first+uint64(*seeds) {
						return
					}
					result, lines := simulate(t, NewPlan(seed, length), *trace)
					mu.Lock()
					report.Add(result)
					if *trace {
						fmt.Fprintf(os.Stdout, "seed %d: %s\n%s\n", seed, result.Cause, strings.Join(lines, "\n"))
					}
					mu.Unlock()
				}
			})
		}
	})
	fmt.Println(report.Text(*seeds), "in", time.Since(begun).Round(time.Millisecond))
	for _, wrong := range report.Faults(*seeds) {
		t.Error(wrong)
	}
}
