package aurora

import (
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"sync"
)

// writerHosts are the candidate addresses of writer endpoints; the first on which this machine can listen is used. They differ
// from serverHost so that one port number serves both a member's endpoint and the writer endpoint, as AWS's endpoints share
// one port and differ in host only. Linux has all of 127.0.0.0/8; macOS has ::1.
var writerHosts = []string{"127.0.0.2", "::1"}

// writerHost returns the first of writerHosts on which this machine can listen.
func writerHost() (string, error) {
	var failures []error
	for _, host := range writerHosts {
		listener, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
		if err == nil {
			return host, listener.Close()
		}
		failures = append(failures, err)
	}
	return "", fmt.Errorf("finding an address for writers: %w", errors.Join(failures...))
}

// proxy is a TCP proxy whose address stays the same while the server behind it changes. There are three kinds: a member's own
// endpoint, the endpoint through which a standby replicates from its writer, and a global cluster's writer endpoint, which
// listens on the ports of all members. A new route resets the open connections, as AWS's endpoints do. AWS: Amazon Aurora User
// Guide, "Connecting to Amazon Aurora Global Database".
//
// Network faults are injected here too: see networkfault.go.
type proxy struct {
	host   string
	faults *networkFaults

	mu          sync.Mutex
	ports       []int // to listen on, except while the route's fault is Refusing
	listeners   map[int]net.Listener
	route       route
	connections map[*proxyConnection]bool
	serving     sync.WaitGroup
}

// route says to which server a proxy forwards, and between which regions.
type route struct {
	address      string // host:port of the server, "" when there is none
	clientRegion string // "" when clients of any region connect
	serverRegion string
}

func newProxy(host string, faults *networkFaults) *proxy {
	return &proxy{host: host, faults: faults, listeners: map[int]net.Listener{}, connections: map[*proxyConnection]bool{}}
}

// setRoute makes the proxy listen on exactly these ports and forward new connections along the route; an empty address drops
// them. While the route has the fault Refusing the proxy does not listen; it listens again when the fault ends. If the route
// changes, open connections are reset, except blackholed ones: their clients must not see a reset.
func (p *proxy) setRoute(route route, ports ...int) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ports = ports
	if p.route != route {
		p.route = route
		for c := range p.connections {
			if !c.blackholed.Load() {
				c.drop()
			}
		}
	}
	return p.listen()
}

// port returns the first of the proxy's ports.
func (p *proxy) port() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ports[0]
}

// listen opens and closes listeners to match ports and fault. The caller holds mu.
func (p *proxy) listen() error {
	wanted := p.ports
	if p.faults.onRoute(p.route) == Refusing {
		wanted = nil
	}
	for port, listener := range p.listeners {
		if !slices.Contains(wanted, port) {
			delete(p.listeners, port)
			listener.Close()
		}
	}
	for _, port := range wanted {
		if p.listeners[port] != nil {
			continue
		}
		listener, err := net.Listen("tcp", net.JoinHostPort(p.host, strconv.Itoa(port)))
		if err != nil {
			return fmt.Errorf("listening at port %d of a DB cluster's endpoint (end the process that uses it): %w", port, err)
		}
		p.listeners[port] = listener
		p.serving.Go(func() { p.accept(listener) })
	}
	return nil
}

// applyFaults makes the proxy follow a change of the network faults.
func (p *proxy) applyFaults() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.connections {
		c.applyFault(p.faults.onRoute(c.route))
	}
	return p.listen()
}

// close stops listening, resets every connection and returns when none is being served.
func (p *proxy) close() {
	p.mu.Lock()
	p.ports, p.route = nil, route{}
	for port, listener := range p.listeners {
		delete(p.listeners, port)
		listener.Close()
	}
	for c := range p.connections {
		c.drop()
	}
	p.mu.Unlock()
	p.serving.Wait()
}

func (p *proxy) accept(listener net.Listener) {
	for {
		client, err := listener.Accept()
		if err != nil {
			return // closed
		}
		p.serving.Go(func() { p.serve(client) })
	}
}

// serve forwards between a client and the server until one of them ends. Without a server it resets the client.
func (p *proxy) serve(client net.Conn) {
	c := p.register(client)
	if c == nil {
		reset(client)
		return
	}
	defer p.unregister(c)
	if c.blackholed.Load() {
		io.Copy(io.Discard, client) // until the client gives up or the fault ends
		return
	}
	server, err := net.Dial("tcp", c.route.address)
	if err != nil || !p.attachServer(c, server) {
		return // the client sees the end of its connection, as from a server that does not run
	}
	var both sync.WaitGroup
	both.Go(func() { c.forward(server, client) })
	both.Go(func() { c.forward(client, server) })
	both.Wait()
}

// register records a new client connection. It returns nil when the connection must be reset: there is no server, or the route
// has the fault Refusing.
func (p *proxy) register(client net.Conn) *proxyConnection {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := &proxyConnection{route: p.route, client: client}
	switch fault := p.faults.onRoute(p.route); {
	case fault == Blackholed:
		c.blackholed.Store(true)
	case fault == Refusing, p.route.address == "":
		return nil
	}
	p.connections[c] = true
	return c
}

// attachServer records the server's side of a connection. It returns false, and closes that side, when the route has changed
// or the client was dropped since register.
func (p *proxy) attachServer(c *proxyConnection, server net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c.route != p.route || c.dropped {
		server.Close()
		return false
	}
	c.server = server
	return true
}

func (p *proxy) unregister(c *proxyConnection) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.connections, c)
	c.drop()
}
