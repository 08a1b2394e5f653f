package aurora

import (
	"sync"
	"testing"
)

// A port that is free is nobody's until somebody listens at it. Two emulators that look at the same time must not find the same
// one, nor may one of them find it twice, also when both want the same block.
func TestNoPortIsFoundTwice(t *testing.T) {
	t.Parallel()
	const looking = 100 // for each of two blocks, and fewer than the ports of one
	blocks := [2]portBlock{{wanted: blockCount - 1}, {wanted: blockCount - 1}}
	found := make(chan int, looking*len(blocks))
	var all sync.WaitGroup
	for i := range blocks {
		for range looking {
			all.Go(func() {
				port, err := blocks[i].free(nil)
				if err != nil {
					t.Error(err)
				}
				found <- port
			})
		}
	}
	all.Wait()
	close(found)
	seen := map[int]bool{}
	for port := range found {
		if seen[port] || port < firstPort || port >= firstPort+portCount {
			t.Errorf("port %d was found twice, or is none from %d to %d", port, firstPort, firstPort+portCount-1)
		}
		seen[port] = true
	}
	for i := range blocks {
		if err := blocks[i].claim.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestAPortThatIsUsedOrNotAllowedIsNotFound(t *testing.T) {
	t.Parallel()
	b := portBlock{wanted: blockCount / 2}
	first, err := b.free(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer b.claim.Close()
	refused := 0
	for range blockSize {
		port, err := b.free(func(port int) bool {
			if port == first {
				refused++
			}
			return port != first
		})
		if err != nil {
			t.Fatal(err)
		}
		if port == first || port == b.first {
			t.Errorf("port %d was found, which is not allowed or holds the claim", port)
		}
	}
	if refused == 0 {
		t.Errorf("port %d was not tried again after all others", first)
	}
	if _, err := b.free(func(int) bool { return false }); err == nil {
		t.Error("a port was found although none is allowed")
	}
}
