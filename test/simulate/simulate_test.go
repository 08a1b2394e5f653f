package simulate

import (
	"flag"
	"fmt"
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
	cause   = flag.String("cause", "", "simulate only the seeds of one cause, as the report names it")
	search  = flag.Bool("search", false, "end at the first wrong seed")
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

// workers is how many seeds are simulated at a time, each in a bubble of its own.
const workers = 2

func TestSimulation(t *testing.T) {
	length := time.Duration(*minutes) * time.Minute
	begun := time.Now()
	report := NewReport()
	var mu sync.Mutex
	next, wrong := *first, uint64(0)
	take := func() (uint64, bool) {
		mu.Lock()
		defer mu.Unlock()
		next++
		return next - 1, next-1 < *first+uint64(*seeds) && !(*search && wrong > 0)
	}
	t.Run("workers", func(t *testing.T) {
		for worker := range workers {
			t.Run(fmt.Sprint(worker), func(t *testing.T) {
				t.Parallel()
				for seed, more := take(); more; seed, more = take() {
					plan := NewPlan(seed, length)
					if *cause != "" && plan.Cause != *cause {
						continue
					}
					result, lines := simulate(t, plan, *trace)
					mu.Lock()
					report.Add(result)
					if (len(result.Violations) > 0 || result.Wrong != "") && (wrong == 0 || seed < wrong) {
						wrong = seed
					}
					if *trace {
						fmt.Printf("seed %d: %s\n%s\n", seed, result.Cause, strings.Join(lines, "\n"))
					}
					mu.Unlock()
				}
			})
		}
	})
	if *search {
		if wrong > 0 {
			t.Errorf("seed %d is wrong", wrong)
			fmt.Println("first wrong seed:", wrong)
		}
		return
	}
	fmt.Println(report.Text())
	t.Logf("%d seeds of %d minutes in %s", *seeds, *minutes, time.Since(begun).Round(time.Millisecond))
	for _, wrong := range report.Faults() {
		t.Error(wrong)
	}
}
