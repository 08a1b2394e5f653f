package aurora

import (
	"errors"
	"math/rand/v2"
	"net"
	"strconv"
)

const (
	// serverHost is where every server listens.
	serverHost = "127.0.0.1"
	// Servers' ports are below those that Linux (32768 and up) and macOS (49152 and up) give to outgoing connections, so
	// that a server finds its port free when it starts again.
	firstPort, ports = 20000, 10000
)

// newPort returns a port that no other cluster of the Set has and nobody listens on, at the servers' address or at the
// writers'. PostgreSQL takes a number only, so another process could still take it before; the server then says so.
func (s *Set) newPort() (int, error) {
	host, err := s.host()
	if err != nil {
		return 0, err
	}
	return freePort(func(port int) bool {
		for _, m := range s.state.Members {
			if m.Port == port {
				return false
			}
		}
		return isFree(host, port)
	})
}

// freePort returns a port of which allowed says yes, when it is given.
func freePort(allowed func(port int) bool) (int, error) {
	// A random one first: two environments that start at once then hardly meet.
	for offset, first := 0, rand.IntN(ports); offset < ports; offset++ {
		port := firstPort + (first+offset)%ports
		if isFree(serverHost, port) && (allowed == nil || allowed(port)) {
			return port, nil
		}
	}
	return 0, errors.New("looking for a free port: all are used")
}

// isFree says whether nobody listens on a port.
func isFree(host string, port int) bool {
	listener, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	return err == nil && listener.Close() == nil
}

func address(port int) string { return net.JoinHostPort(serverHost, strconv.Itoa(port)) }
