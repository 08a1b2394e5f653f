package aurora

import (
	"net"
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
	used, err := net.Listen("tcp", address(first+1)) // which would be the next
	if err != nil {
		t.Fatal(err)
	}
	defer used.Close()
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
		if port == first || port == first+1 {
			t.Errorf("port %d was found, which is used or not allowed", port)
		}
	}
	if refused == 0 {
		t.Errorf("port %d was not tried again after all others", first)
	}
	if _, err := b.free(func(int) bool { return false }); err == nil {
		t.Error("a port was found although none is allowed")
	}
}

// An emulator that starts again needs the ports of its endpoints, which another one must not have claimed.
func TestTheBlockOfAnEarlierPortIsClaimedFirst(t *testing.T) {
	t.Parallel()
	earlier := portBlock{wanted: blockCount / 3}
	port, err := earlier.free(nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := earlier.claim.Close(); err != nil {
		t.Fatal(err)
	}
	again := portBlock{wanted: 0}
	again.prefer(port)
	if _, err := again.free(nil); err != nil {
		t.Fatal(err)
	}
	defer again.claim.Close()
	if again.first != earlier.first {
		t.Errorf("the block from %d is claimed, want that from %d, with port %d", again.first, earlier.first, port)
	}
	again.prefer(firstPort)
	if _, err := again.free(nil); err != nil || again.first != earlier.first {
		t.Errorf("what is preferred later changes the claim to the block from %d, %v", again.first, err)
	}
}
