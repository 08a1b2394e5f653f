package aurora

import (
	"maps"
	"net"
	"sync"
	"sync/atomic"
)

// Cut is what is wrong with the way to a region's servers.
type Cut int

const (
	Connected Cut = iota // nothing
	// Apart: what comes from another region is as if this one were lost; what comes from nowhere in particular passes. A way
	// whose clients' region is not known cannot be cut so.
	Apart
	// Refused: the servers are down. Connections are reset and new ones refused.
	Refused
	// Silent: the region is lost. Nothing that is sent arrives and nobody says so: connections hang until their clients give
	// up. AWS: AWS Fault Isolation Boundaries, "Regions": what is in a Region can be lost with it.
	Silent
)

// cuts are the cuts of all regions, by region.
type cuts struct {
	mu      sync.Mutex
	regions map[string]Cut
}

// set replaces all cuts.
func (c *cuts) set(regions map[string]Cut) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.regions = maps.Clone(regions)
}

// of returns the worse of the cuts at the two ends of a way: one that leads from a region to another is silent when either is
// apart, and one that does not is connected.
func (c *cuts) of(w way) Cut {
	worse := max(c.region(w.from), c.region(w.to))
	switch {
	case worse != Apart:
		return worse
	case w.from != "" && w.from != w.to:
		return Silent
	}
	return Connected
}

func (c *cuts) region(region string) Cut {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.regions[region]
}

// Cut makes the ways to the servers be as given, by region, at once; regions that are not given are connected. Standbys stop
// receiving when either end of their way is cut, and go on where they stopped when it is not any more. A member that a
// failover has left behind meanwhile is then made anew, which goes on after Cut has returned.
func (s *Set) Cut(regions map[string]Cut) error {
	s.cuts.set(regions)
	s.looking.Lock()
	doors := s.allDoors()
	s.looking.Unlock()
	for _, d := range doors {
		if err := d.recut(); err != nil {
			return err
		}
	}
	s.background.Go(func() {
		s.changing.Lock()
		defer s.changing.Unlock()
		if s.ctx.Err() != nil {
			return
		}
		for _, m := range s.state.Members {
			if err := s.converge(s.ctx, s.groupOf(m)); err != nil && s.ctx.Err() == nil {
				s.options.Log.Printf("aurora: bringing DB cluster %s in order after a change of the network: %v", m.ID, err)
			}
		}
	})
	return nil
}

// isCut says whether nobody reaches a member's server.
func (s *Set) isCut(m *member) bool { return s.cuts.of(way{to: m.Region}) != Connected }

// passage is one connection through a door.
type passage struct {
	way    way
	client net.Conn
	silent atomic.Bool // hangs, for good: what was sent meanwhile is lost

	// Under the door's lock.
	server  net.Conn // nil before they have met
	dropped bool
}

// recut makes a connection follow a change of its way's cut. One that has hung is dropped when its way is healed: its ends
// no longer agree on what was sent.
func (p *passage) recut(cut Cut) {
	switch {
	case cut == Silent:
		p.silent.Store(true)
	case cut == Refused, p.silent.Load():
		p.drop()
	}
}

// drop ends both connections, so that their partners see a reset.
func (p *passage) drop() {
	if p.dropped {
		return
	}
	p.dropped = true
	reset(p.client)
	if p.server != nil {
		reset(p.server)
	}
}

// carry passes on what one end sends until that ends. On a way that is silent it throws it away instead, and the client is
// not told of the server's end either.
func (p *passage) carry(to, from net.Conn) {
	const size = 32 << 10 // as io.Copy has it
	buffer := make([]byte, size)
	for {
		n, err := from.Read(buffer)
		if n > 0 && !p.silent.Load() {
			if _, failed := to.Write(buffer[:n]); failed != nil {
				err = failed
			}
		}
		if err != nil {
			if to != p.client || !p.silent.Load() {
				to.Close()
			}
			return
		}
	}
}

// reset closes a connection without a farewell: its partner is told that it is broken and not that it has ended.
func reset(c net.Conn) {
	if tcp, ok := c.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
	c.Close()
}
