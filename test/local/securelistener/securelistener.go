// Package securelistener has one port speak TLS to clients that begin with it, and plain text to others. Load balancers of the local
// AWS emulator have one address and one port each, for the listeners of all their ports.
package securelistener

import (
	"bufio"
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"sync"
)

// handshakeRecord is the first byte of a client that begins a handshake of TLS (RFC 8446, section 5.1, ContentType handshake). No method
// of HTTP begins with it.
const handshakeRecord = 22

// New returns a listener whose connections speak what their client begins with. The configuration is asked for at each handshake.
func New(listener net.Listener, configuration *tls.Config) net.Listener {
	return secureListener{listener, configuration}
}

type secureListener struct {
	net.Listener
	configuration *tls.Config
}

// Accept implements net.Listener.
func (l secureListener) Accept() (net.Conn, error) {
	connection, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return NewConn(connection, connection, l.configuration), nil
}

// Conn is a connection that speaks what its client begins with, which its first Read finds out.
type Conn struct {
	net.Conn
	begin sync.Once

	mu     sync.Mutex
	input  *bufio.Reader
	secure *tls.Conn // nil until the client has begun with TLS
	config *tls.Config
}

// NewConn returns a connection. What the client has sent already is read from input, which is the connection itself when nothing of it was
// read.
func NewConn(connection net.Conn, input interface{ Read(to []byte) (int, error) }, configuration *tls.Config) *Conn {
	return &Conn{Conn: connection, input: bufio.NewReader(input), config: configuration}
}

// stream is the connection under TLS: it reads what was looked at first.
type stream struct {
	net.Conn
	input *bufio.Reader
}

// Read implements net.Conn.
func (s stream) Read(to []byte) (int, error) { return s.input.Read(to) }

// Read implements net.Conn. An error of the handshake is the error of the first Read.
func (c *Conn) Read(to []byte) (int, error) {
	c.begin.Do(func() {
		if first, err := c.input.Peek(1); err == nil && first[0] == handshakeRecord {
			c.mu.Lock()
			c.secure = tls.Server(stream{c.Conn, c.input}, c.config)
			c.mu.Unlock()
		}
	})
	if secure := c.tls(); secure != nil {
		return secure.Read(to)
	}
	return c.input.Read(to)
}

// Write implements net.Conn.
func (c *Conn) Write(content []byte) (int, error) {
	if secure := c.tls(); secure != nil {
		return secure.Write(content)
	}
	return c.Conn.Write(content)
}

// Close implements net.Conn. It ends TLS as its peer expects.
func (c *Conn) Close() error {
	if secure := c.tls(); secure != nil {
		return secure.Close()
	}
	return c.Conn.Close()
}

// NetConn returns the underlying connection, as that of tls.Conn does.
func (c *Conn) NetConn() net.Conn { return c.Conn }

func (c *Conn) tls() *tls.Conn {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.secure
}

type connectionKey struct{}

// Context is an http.Server's ConnContext, by which handlers know whether a request came by TLS.
func Context(ctx context.Context, connection net.Conn) context.Context {
	return context.WithValue(ctx, connectionKey{}, connection)
}

// IsTLS says whether a request came by TLS, to a server that has Context.
func IsTLS(r *http.Request) bool {
	connection, ok := r.Context().Value(connectionKey{}).(*Conn)
	return ok && connection.tls() != nil
}
