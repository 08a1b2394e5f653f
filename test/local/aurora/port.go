package aurora

import (
	"errors"
	"math/rand/v2"
	"net"
	"strconv"
	"sync/atomic"
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

// begin and looked say which port is looked at next. Each process begins somewhere else, and looks at no port again before it has
// looked at all: between being found free and being listened at, a port belongs to nobody.
var (
	begin  = rand.Uint64N(ports)
	looked atomic.Uint64
)

// freePort returns a port of which allowed says yes, when it is given.
func freePort(allowed func(port int) bool) (int, error) {
	for range ports {
		port := firstPort + int((begin+looked.Add(1))%ports)
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
