package aurora

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"
)

// writerHosts are the addresses at which a global cluster's writer is reached; the first that this machine has is used.
// They differ from the servers' address, so that the same port can mean the writer here and one member there, as the same
// port does at AWS's endpoints, which differ in host only. All of 127.0.0.0/8 is this machine on Linux; macOS has ::1.
var writerHosts = []string{"127.0.0.2", "::1"}

// door is the address of a global cluster's writer: it listens on the port of every member and passes each connection on
// to the server that is the writer when the connection comes. When the writer moves all connections are dropped, as AWS's
// endpoint drops them. AWS: Amazon Aurora User Guide, "Connecting to Amazon Aurora Global Database".
type door struct {
	host      string
	listeners map[int]net.Listener // by port; used by the Set alone

	mu     sync.Mutex
	target string // host:port of the writer, "" when there is none
	open   map[net.Conn]bool
	served sync.WaitGroup
}

func newDoor(host string) *door {
	return &door{host: host, listeners: map[int]net.Listener{}, open: map[net.Conn]bool{}}
}

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

// listen makes the door listen on exactly these ports.
func (d *door) listen(ports map[int]bool) error {
	for port, listener := range d.listeners {
		if !ports[port] {
			delete(d.listeners, port)
			listener.Close()
		}
	}
	for port := range ports {
		if d.listeners[port] != nil {
			continue
		}
		listener, err := net.Listen("tcp", net.JoinHostPort(d.host, strconv.Itoa(port)))
		if err != nil {
			return fmt.Errorf("listening for writers: %w", err)
		}
		d.listeners[port] = listener
		d.served.Go(func() { d.accept(listener) })
	}
	return nil
}

// lead sends what comes from now on to target, and nowhere when it is empty. Connections to another are dropped.
func (d *door) lead(target string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.target == target {
		return
	}
	d.target = target
	for connection := range d.open {
		connection.Close()
	}
}

// close drops everything and returns when nothing is served.
func (d *door) close() {
	d.lead("")
	for _, listener := range d.listeners {
		listener.Close()
	}
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

// pass connects a client with the writer until one of them ends. A client that comes when there is no writer is dropped.
func (d *door) pass(client net.Conn) {
	defer client.Close()
	d.mu.Lock()
	target := d.target
	d.mu.Unlock()
	if target == "" {
		return
	}
	writer, err := net.Dial("tcp", target)
	if err != nil {
		return // the client sees the end of its connection, as from a server that does not run
	}
	defer writer.Close()
	if !d.keep(target, client, writer) {
		return
	}
	defer d.forget(client, writer)
	var both sync.WaitGroup
	for _, way := range [][2]net.Conn{{client, writer}, {writer, client}} {
		both.Go(func() {
			io.Copy(way[0], way[1]) // an error is the end of a connection, like an end without one
			way[0].Close()
		})
	}
	both.Wait()
}

// keep notes connections so that a move drops them; false when the writer has moved since.
func (d *door) keep(target string, connections ...net.Conn) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.target != target {
		return false
	}
	for _, c := range connections {
		d.open[c] = true
	}
	return true
}

func (d *door) forget(connections ...net.Conn) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, c := range connections {
		delete(d.open, c)
	}
}
