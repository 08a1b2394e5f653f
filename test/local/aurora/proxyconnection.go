package aurora

import (
	"net"
	"sync/atomic"
)

// proxyConnection is one client connection through a proxy.
type proxyConnection struct {
	route      route
	client     net.Conn
	blackholed atomic.Bool // bytes are dropped; never unset, because what was dropped is lost

	// Guarded by proxy.mu.
	server  net.Conn // nil before attachServer
	dropped bool
}

// applyFault makes an open connection follow a change of its route's fault. A connection that was blackholed is reset when the
// fault ends: bytes were dropped, so its two ends no longer agree on what was sent.
func (c *proxyConnection) applyFault(fault NetworkFault) {
	switch {
	case fault == Blackholed:
		c.blackholed.Store(true)
	case fault == Refusing, c.blackholed.Load():
		c.drop()
	}
}

// drop resets the connections to the client and to the server.
func (c *proxyConnection) drop() {
	if c.dropped {
		return
	}
	c.dropped = true
	reset(c.client)
	if c.server != nil {
		reset(c.server)
	}
}

// forward copies bytes from one end to the other until the first ends. While the connection is blackholed, the bytes are
// dropped and the client does not see the server close.
func (c *proxyConnection) forward(to, from net.Conn) {
	const size = 32 << 10 // the buffer size of io.Copy
	buffer := make([]byte, size)
	for {
		n, err := from.Read(buffer)
		if n > 0 && !c.blackholed.Load() {
			if _, failed := to.Write(buffer[:n]); failed != nil {
				err = failed
			}
		}
		if err != nil {
			if to != c.client || !c.blackholed.Load() {
				to.Close()
			}
			return
		}
	}
}

// reset closes a connection with a TCP RST, so that its peer sees a broken connection and not a regular end.
func reset(connection net.Conn) {
	if tcp, ok := connection.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
	connection.Close()
}
