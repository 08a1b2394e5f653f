package aurora

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
	"syscall"
)

const (
	// serverHost is the address on which every server listens.
	serverHost = "127.0.0.1"
	// Servers' ports are lower than those that Linux (32768 and up) and macOS (49152 and up) give to outgoing connections, so
	// that a server finds its port free when it starts again.
	firstPort, portCount = 20000, 10000
	// blockSize is how many ports a process claims: many times as many as its clusters, their servers and their proxies use, and
	// few enough that 20 processes find a block.
	blockSize  = 500
	blockCount = portCount / blockSize
)

// newPort returns a port that no cluster of the Manager uses and nobody listens on, at serverHost or at the writers' host.
func (mgr *Manager) newPort() (int, error) {
	host, err := mgr.writerHost()
	if err != nil {
		return 0, err
	}
	return processPorts.free(func(port int) bool {
		for _, m := range mgr.state.Members {
			if m.Port == port {
				return false
			}
		}
		return isFree(host, port)
	})
}

// processPorts are the ports of this process.
var processPorts = portBlock{wanted: rand.IntN(blockCount)}

// portBlock is a block of ports that one process claims. PostgreSQL takes a port number and not an open socket, and a
// cluster's endpoint listens when the cluster gets an instance: a free port is nobody's until then. The claim keeps other
// emulators from it. It is a listener on the block's first port, which the kernel closes when the process ends.
type portBlock struct {
	wanted int // the block that is tried first

	mu    sync.Mutex
	claim net.Listener // nil until the first port is asked for
	first int          // the port that the claim has
	tried int          // how many ports were tried
}

// prefer has the block of a port tried first, unless one is claimed already: an endpoint of an earlier run keeps its port.
func (b *portBlock) prefer(port int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if port >= firstPort && port < firstPort+portCount {
		b.wanted = (port - firstPort) / blockSize
	}
}

// free returns a free port of the block for which allowed returns true. It tries every other port before it tries one again. A nil
// allowed allows every port.
func (b *portBlock) free(allowed func(port int) bool) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.claim == nil {
		if err := b.claimBlock(); err != nil {
			return 0, err
		}
	}
	const usable = blockSize - 1
	for range usable {
		port := b.first + 1 + b.tried%usable
		b.tried++
		if isFree(serverHost, port) && (allowed == nil || allowed(port)) {
			return port, nil
		}
	}
	return 0, fmt.Errorf("looking for a free port: all from %d to %d are used", b.first+1, b.first+usable)
}

// claimBlock claims the wanted block, or the next that no process has claimed.
func (b *portBlock) claimBlock() error {
	for i := range blockCount {
		first := firstPort + (b.wanted+i)%blockCount*blockSize
		claim, err := net.Listen("tcp", address(first))
		switch {
		case err == nil:
			b.claim, b.first = claim, first
			return nil
		case !errors.Is(err, syscall.EADDRINUSE):
			return fmt.Errorf("claiming the ports from %d to %d: %w", first, first+blockSize-1, err)
		}
	}
	return fmt.Errorf("looking for free ports: other processes have claimed all %d blocks from %d to %d (end those that are left over)",
		blockCount, firstPort, firstPort+portCount-1)
}

// isFree says whether nobody listens on a port.
func isFree(host string, port int) bool {
	listener, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	return err == nil && listener.Close() == nil
}

func address(port int) string { return net.JoinHostPort(serverHost, strconv.Itoa(port)) }
