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

// writerHosts are the addresses at which a global cluster's writer is reached; the first that this machine has is used.
// They differ from the servers' address, so that the same port can mean the writer here and one member there, as the same
// port does at AWS's endpoints, which differ in host only. All of 127.0.0.0/8 is this machine on Linux; macOS has ::1.
var writerHosts = []string{"127.0.0.2", "::1"}

// writerHost returns the first of writerHosts on which this machine can listen.
func writerHost() (string, error) {
	var faults []error
	for _, host := range writerHosts {
		listener, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
		if err == nil {
			return host, listener.Close()
		}
		faults = append(faults, err)
	}
	return "", fmt.Errorf("finding an address for writers: %w", errors.Join(faults...))
}

// door is an address that stays while the server behind it changes: a member's own endpoint, the way by which it follows its
// writer, or a global cluster's writer endpoint, which listens on the port of every member. It passes each connection on to
// the server that it leads to when the connection comes. When it leads elsewhere all connections are dropped, as AWS's
// endpoint drops them. AWS: Amazon Aurora User Guide, "Connecting to Amazon Aurora Global Database".
//
// It is also where faults of the network are: see cut.go.
type door struct {
	host string
	cuts *cuts

	mu        sync.Mutex
	ports     []int // on which it should listen
	listeners map[int]net.Listener
	target    way
	open      map[*passage]bool
	served    sync.WaitGroup
}

// way is where a door leads.
type way struct {
	address string // host:port of a server, "" when there is none
	from    string // the region from which its clients come, when they all come from one
	to      string // the server's region
}

func newDoor(host string, c *cuts) *door {
	return &door{host: host, cuts: c, listeners: map[int]net.Listener{}, open: map[*passage]bool{}}
}

// set makes the door listen on exactly these ports, now or, when its way is refused, once it no longer is, and sends what
// comes from now on the given way, to nobody when its address is empty. When the way is another than before connections are
// dropped, but not those that hang in a region that is cut off: nobody there can tell their clients.
func (d *door) set(to way, ports ...int) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ports = ports
	if d.target != to {
		d.target = to
		for p := range d.open {
			if !p.silent.Load() {
				p.drop()
			}
		}
	}
	return d.listen()
}

// port returns the first of the door's ports.
func (d *door) port() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.ports[0]
}

// listen makes the listeners those that there should be; the caller holds mu.
func (d *door) listen() error {
	wanted := d.ports
	if d.cuts.of(d.target) == Refused {
		wanted = nil
	}
	for port, listener := range d.listeners {
		if !slices.Contains(wanted, port) {
			delete(d.listeners, port)
			listener.Close()
		}
	}
	for _, port := range wanted {
		if d.listeners[port] != nil {
			continue
		}
		listener, err := net.Listen("tcp", net.JoinHostPort(d.host, strconv.Itoa(port)))
		if err != nil {
			return fmt.Errorf("listening at port %d, by which a DB cluster is known (end what uses it): %w", port, err)
		}
		d.listeners[port] = listener
		d.served.Go(func() { d.accept(listener) })
	}
	return nil
}

// recut makes the door follow a change of the cuts.
func (d *door) recut() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for p := range d.open {
		p.recut(d.cuts.of(p.way))
	}
	return d.listen()
}

// close drops everything and returns when nothing is served.
func (d *door) close() {
	d.mu.Lock()
	d.ports, d.target = nil, way{}
	for port, listener := range d.listeners {
		delete(d.listeners, port)
		listener.Close()
	}
	for p := range d.open {
		p.drop()
	}
	d.mu.Unlock()
	d.served.Wait()
}

func (d *door) accept(listener net.Listener) {
	for {
		client, err := listener.Accept()
		if err != nil {
			return // closed
		}
		d.served.Go(func() { d.pass(client) })
	}
}

// pass connects a client with the server until one of them ends. A client that comes when there is no server is dropped.
func (d *door) pass(client net.Conn) {
	p := d.enter(client)
	if p == nil {
		reset(client)
		return
	}
	defer d.leave(p)
	if p.silent.Load() {
		io.Copy(io.Discard, client) // until the client gives up or the cut is healed
		return
	}
	server, err := net.Dial("tcp", p.way.address)
	if err != nil || !d.meet(p, server) {
		return // the client sees the end of its connection, as from a server that does not run
	}
	var both sync.WaitGroup
	both.Go(func() { p.carry(server, client) })
	both.Go(func() { p.carry(client, server) })
	both.Wait()
}

// enter notes a client, or returns nil when there is nothing behind the door.
func (d *door) enter(client net.Conn) *passage {
	d.mu.Lock()
	defer d.mu.Unlock()
	p := &passage{way: d.target, client: client}
	switch cut := d.cuts.of(d.target); {
	case cut == Silent:
		p.silent.Store(true)
	case cut == Refused, d.target.address == "":
		return nil
	}
	d.open[p] = true
	return p
}

// meet notes a client's server; false when the door has changed since the client came.
func (d *door) meet(p *passage, server net.Conn) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if p.way != d.target || p.dropped {
		server.Close()
		return false
	}
	p.server = server
	return true
}

func (d *door) leave(p *passage) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.open, p)
	p.drop()
}
