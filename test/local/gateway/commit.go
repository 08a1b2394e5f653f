package gateway

import (
	"fmt"
	"net/http"
	"sync"
)

// commits makes changes durable in groups: a save is made when the emulator works on no change, serves all changes that it
// has answered since the last one, and holds new ones back while it runs. So a save has in it just the changes whose answers
// wait for it, and one that fails, because the emulator was killed, has none that a client was not told of. The next group
// gathers meanwhile: a deployment sends a dozen changes at once, and a save for each would take longer than the changes.
type commits struct {
	save func() error

	mu      sync.Mutex
	changed *sync.Cond // on mu: a change or a save has ended
	working int        // changes that the emulator works on
	saving  int        // saves that run or wait for the emulator to be idle; no change begins meanwhile
	waiting *group     // changes that are answered and not saved
}

func newCommits(save func() error) *commits {
	c := &commits{save: save}
	c.changed = sync.NewCond(&c.mu)
	return c
}

// group is some changes that one save serves.
type group struct {
	saved chan struct{}
	err   error // read after saved
}

// begin says that a change is on its way to the emulator. The function it returns ends that, once; when the change was
// made, it returns when that is saved.
func (c *commits) begin() (end func(made bool) error) {
	c.mu.Lock()
	for c.saving > 0 {
		c.changed.Wait()
	}
	c.working++
	c.mu.Unlock()
	ended := false
	return func(made bool) error {
		if ended {
			return nil
		}
		ended = true
		return c.end(made)
	}
}

// end ends a change. The first one of a group sees to its save.
func (c *commits) end(made bool) error {
	c.mu.Lock()
	c.working--
	c.changed.Broadcast()
	if !made {
		c.mu.Unlock()
		return nil
	}
	joined, first := c.waiting, c.waiting == nil
	if first {
		joined = &group{saved: make(chan struct{})}
		c.waiting = joined
	}
	c.mu.Unlock()
	if first {
		joined.err = c.flush()
		close(joined.saved)
	}
	<-joined.saved
	return joined.err
}

// flush saves once no change is being worked on. The group that waits is then complete.
func (c *commits) flush() error {
	c.mu.Lock()
	c.saving++
	for c.working > 0 {
		c.changed.Wait()
	}
	c.waiting = nil
	c.mu.Unlock()
	err := c.save()
	c.mu.Lock()
	c.saving--
	c.changed.Broadcast()
	c.mu.Unlock()
	return err
}

// commit makes a call's change as durable as it must be before its answer, of this status, is sent.
func (g *Gateway) commit(call *Call, status int) error {
	changed := status < http.StatusBadRequest
	if call.effect() == moves && changed {
		g.touch()
	}
	if call.effect() == changes && changed {
		g.tellRoute53(call)
	}
	if call.end == nil {
		return nil
	}
	if err := call.end(changed); err != nil {
		return fmt.Errorf("making %s durable: %w", call.operation(), err)
	}
	return nil
}
