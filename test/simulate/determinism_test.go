package simulate

import (
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"
)

// firstDifference returns the first line in which two traces differ.
func firstDifference(a, b []string) (line int, of, other string) {
	for i := range max(len(a), len(b)) {
		one, two := "", ""
		if i < len(a) {
			one = a[i]
		}
		if i < len(b) {
			two = b[i]
		}
		if one != two {
			return i, one, two
		}
	}
	return -1, "", ""
}

// The order in which goroutines of one instant run is the scheduler's, which differs with the number of processors and with
// what else runs. The trace must not.
func TestASeedGivesTheSameTrace(t *testing.T) {
	const seeds, length = 60, 25 * time.Minute
	before := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(before)
	var want [seeds][]string
	for seed := range seeds {
		_, want[seed] = simulate(t, NewPlan(uint64(seed), length), true)
		if len(want[seed]) < 20 {
			t.Fatalf("the trace of seed %d has %d lines", seed, len(want[seed]))
		}
	}
	if slices.Equal(want[0], want[1]) {
		t.Error("two seeds give the same trace")
	}
	runtime.GOMAXPROCS(4)
	stop := make(chan struct{})
	var busy sync.WaitGroup
	for range 3 {
		busy.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					runtime.Gosched()
				}
			}
		})
	}
	for seed := range seeds {
		_, got := simulate(t, NewPlan(uint64(seed), length), true)
		if line, one, two := firstDifference(want[seed], got); line >= 0 {
			t.Errorf("seed %d: line %d is\n%s\nand on other processors\n%s", seed, line, one, two)
		}
	}
	close(stop)
	busy.Wait()
}
