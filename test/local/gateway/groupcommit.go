package gateway

import (
	"fmt"
	"net/http"
	"sync"
)

// groupCommit makes changes durable in groups: concurrent changes share one snapshot of the emulator. While the snapshot is
// taken no new change starts; the responses are released once it is on disk. So a snapshot contains exactly the changes whose
// responses wait for it, and a failed one, because the emulator was killed, contains no acknowledged change.
//
// While a snapshot is written the emulator continues to work, and the next batch gathers: a deployment sends a dozen changes
// at once, and one save for each would take longer than the changes.
type groupCommit struct {
	// save saves the emulator's state and calls taken when the state has been copied.
	save func(taken func()) error

	mu           sync.Mutex
	progress     *sync.Cond // on mu: a change or a save has ended, or a snapshot is taken
	inFlight     int        // changes that the emulator works on
	snapshotting bool       // a snapshot is due or is being taken: no change may begin
	saving       bool       // a save is running
	pending      *batch     // changes that are answered and not saved
}

// saveAttempts is how often a save is tried: a copy of a process may hold locks that no thread of it will release, and such a
// save is given up.
const saveAttempts = 3

func newGroupCommit(save func(taken func()) error) *groupCommit {
	c := &groupCommit{save: save}
	c.progress = sync.NewCond(&c.mu)
	return c
}

// batch is the changes that one save makes durable.
type batch struct {
	done chan struct{}
	err  error // read after done is closed
}

// begin registers a change before it is sent to the emulator. The function that it returns must be called once the emulator
// has answered; only its first call counts. If the emulator made the change, it returns when the change is saved.
func (c *groupCommit) begin() (end func(made bool) error) {
	c.mu.Lock()
	for c.snapshotting {
		c.progress.Wait()
	}
	c.inFlight++
	c.mu.Unlock()
	ended := false
	return func(made bool) error {
		if ended {
			return nil
		}
		ended = true
		return c.endChange(made)
	}
}

// endChange ends a change. The first change of a batch runs the batch's save.
func (c *groupCommit) endChange(changed bool) error {
	c.mu.Lock()
	c.inFlight--
	c.progress.Broadcast()
	if !changed {
		c.mu.Unlock()
		return nil
	}
	joined, first := c.pending, c.pending == nil
	if first {
		joined = &batch{done: make(chan struct{})}
		c.pending = joined
	}
	c.mu.Unlock()
	if first {
		joined.err = c.flush()
		close(joined.done)
	}
	<-joined.done
	return joined.err
}

// flush saves, one save after another. The pending batch is complete when no change is in flight.
func (c *groupCommit) flush() error {
	c.mu.Lock()
	for c.saving {
		c.progress.Wait()
	}
	c.saving = true
	c.mu.Unlock()
	defer c.setFlag(&c.saving, false)
	var err error
	for range saveAttempts {
		c.mu.Lock()
		c.snapshotting = true
		for c.inFlight > 0 {
			c.progress.Wait()
		}
		c.pending = nil
		c.mu.Unlock()
		err = c.save(func() { c.setFlag(&c.snapshotting, false) })
		c.setFlag(&c.snapshotting, false)
		if err == nil {
			break
		}
	}
	return err
}

func (c *groupCommit) setFlag(state *bool, is bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	*state = is
	c.progress.Broadcast()
}

// commitChange makes a call's change as durable as its kind requires, before the response with this status is sent.
func (g *Gateway) commitChange(call *Call, status int) error {
	changed := status < http.StatusBadRequest
	if call.mutation() == changesData && changed {
		g.touch()
	}
	if call.mutation() == changesResources && changed {
		g.notifyRoute53(call)
	}
	if call.endChange == nil {
		return nil
	}
	if err := call.endChange(changed); err != nil {
		return fmt.Errorf("making %s durable: %w", call.operation(), err)
	}
	return nil
}
