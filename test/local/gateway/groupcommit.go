package gateway

import (
	"fmt"
	"net/http"
	"sync"
)

// commits makes changes durable in groups: a copy of the emulator is taken when it works on no change, and new ones are held
// back until it is. So a save has in it just the changes whose answers wait for it, and one that fails, because the emulator was
// killed, has none that a client was not told of. While the copy is written the emulator works on, and the next group gathers: a
// deployment sends a dozen changes at once, and a save for each would take longer than the changes.
type commits struct {
	// save makes a save and calls taken when what is saved has been copied.
	save func(taken func()) error

	mu      sync.Mutex
	changed *sync.Cond // on mu: a change or a save has ended, or a copy is taken
	working int        // changes that the emulator works on
	taking  bool       // whether a copy is to be taken, or is being: no change begins meanwhile
	saving  bool       // whether a save is under way
	waiting *group     // changes that are answered and not saved
}

// saveAttempts are made of a save: a copy of a process may have locks in it that nobody ends, and is then given up.
const saveAttempts = 3

func newCommits(save func(taken func()) error) *commits {
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
	for c.taking {
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

// flush saves, one save after another. The group that waits is complete when no change is being worked on.
func (c *commits) flush() error {
	c.mu.Lock()
	for c.saving {
		c.changed.Wait()
	}
	c.saving = true
	c.mu.Unlock()
	defer c.set(&c.saving, false)
	var err error
	for range saveAttempts {
		c.mu.Lock()
		c.taking = true
		for c.working > 0 {
			c.changed.Wait()
		}
		c.waiting = nil
		c.mu.Unlock()
		err = c.save(func() { c.set(&c.taking, false) })
		c.set(&c.taking, false)
		if err == nil {
			break
		}
	}
	return err
}

func (c *commits) set(state *bool, is bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	*state = is
	c.changed.Broadcast()
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
