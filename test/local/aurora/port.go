package aurora

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"sync/atomic"
)

const (
	// serverHost is the address on which every server listens.
	serverHost = "127.0.0.1"
	// Servers' ports are lower than those that Linux (32768 and up) and macOS (49152 and up) give to outgoing connections, so
	// that a server finds its port free when it starts again.
	firstPort, portCount = 20000, 10000
)

// newPort returns a port that no cluster of the Manager uses and nobody listens on, at serverHost or at the writers' host.
// PostgreSQL takes a port number and not an open socket, so another process can take the port before the server does; the
// server's start then fails.
func (mgr *Manager) newPort() (int, error) {
	host, err := mgr.writerHost()
	if err != nil {
		return 0, err
	}
	return freePort(func(port int) bool {
		for _, m := range mgr.state.Members {
			if m.Port == port {
				return false
			}
		}
		return isFree(host, port)
	})
}

var (
	// firstOffset and portsTried choose the next port to try. Each process starts at a random port and tries every other one
	// before it tries a port again: a port that was found free is not reserved until a server listens on it.
	firstOffset = rand.Uint64N(portCount)
	portsTried  atomic.Uint64
)

// freePort returns a free port for which allowed returns true. A nil allowed allows every port.
func freePort(allowed func(port int) bool) (int, error) {
	for range portCount {
		port := firstPort + int((firstOffset+portsTried.Add(1))%portCount)
		if isFree(serverHost, port) && (allowed == nil || allowed(port)) {
			return port, nil
		}
	}
	return 0, fmt.Errorf("looking for a free port: all from %d to %d are used", firstPort, firstPort+portCount-1)
}

// isFree says whether nobody listens on a port.
func isFree(host string, port int) bool {
	listener, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	return err == nil && listener.Close() == nil
}

func address(port int) string { return net.JoinHostPort(serverHost, strconv.Itoa(port)) }
