package gateway

import (
	"fmt"
	"net/http"
	"sync"
	"time"
)

// commitWindow is how long a save waits at most for the other changes that the emulator works on, so that one save serves
// them all. Longer, and a slow operation would hold up the answers to quick ones; a deployment's operations take 1 to 10 ms.
const commitWindow = 25 * time.Millisecond

// commits makes changes durable in groups. The emulator does one thing at a time: a save for each change would keep it from
// the others, and a deployment sends a dozen at once.
type commits struct {
	save func() error

	mu      sync.Mutex
	working int    // changes that the emulator has not answered
	waiting *group // changes that it has answered and that are not saved
}

// group is some changes that one save serves.
type group struct {
	saved chan struct{}
	err   error // read after saved
}

// begin says that a change is on its way to the emulator. The function it returns ends that, once, and returns when
// what the emulator had answered by then is saved, or at once when there is nothing to save.
func (c *commits) begin() (end func(changed bool) error) {
	c.mu.Lock()
	c.working++
	c.mu.Unlock()
	ended := false
	return func(changed bool) error {
		if ended {
			return nil
		}
		ended = true
		return c.end(changed)
	}
}

func (c *commits) end(changed bool) error {
	c.mu.Lock()
	c.working--
	joined := c.waiting
	if changed && joined == nil {
		joined = &group{saved: make(chan struct{})}
		c.waiting = joined
		time.AfterFunc(commitWindow, func() { c.flush(joined) })
	}
	quiet := c.working == 0
	c.mu.Unlock()
	if joined == nil {
		return nil
	}
	if quiet {
		c.flush(joined)
	}
	if !changed {
		return nil
	}
	<-joined.saved
	return joined.err
}

// flush saves for a group unless that has begun.
func (c *commits) flush(g *group) {
	c.mu.Lock()
	begun := c.waiting != g
	if !begun {
		c.waiting = nil
	}
	c.mu.Unlock()
	if !begun {
		g.err = c.save()
		close(g.saved)
	}
}

// commit makes a call's change as durable as it must be before its answer, of this status, is sent.
func (g *Gateway) commit(call *Call, status int) error {
	changed := status < http.StatusBadRequest
	if call.effect() == moves && changed {
		g.touch()
	}
	if call.end == nil {
		return nil
	}
	if err := call.end(changed); err != nil {
		return fmt.Errorf("making %s durable: %w", call.operation(), err)
	}
	return nil
}
