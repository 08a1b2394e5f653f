package aurora

import (
	"sync"
	"testing"
)

// A port that is free is nobody's until somebody listens at it: two that look at the same time must not find the same one.
func TestNoPortIsFoundTwice(t *testing.T) {
	t.Parallel()
	const looking = 300
	found := make(chan int, looking)
	var all sync.WaitGroup
	for range looking {
		all.Go(func() {
			port, err := freePort(nil)
			if err != nil {
				t.Error(err)
			}
			found <- port
		})
	}
	all.Wait()
	close(found)
	seen := map[int]bool{}
	for port := range found {
		if seen[port] {
			t.Errorf("port %d was found twice", port)
		}
		seen[port] = true
	}
}
