// Package failovertest is the world of the failover controller in tests: a global database, a table, topics and regions that fail
// on demand, true to what the controller must rely on, and able to kill the run at each call.
package failovertest

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"warmstandby/lambda/failover/journal"
)

// Table is a journal.Store whose condition is true to its word for any number of writers at the same moment.
type Table struct {
	Crash *CrashInjector

	mu       sync.Mutex
	version  int64
	document []byte
	saves    int
}

// Load implements journal.Store.
func (t *Table) Load(ctx context.Context) (journal.State, error) {
	if err := t.Crash.step(ctx, "load"); err != nil {
		return journal.State{}, err
	}
	state := t.State()
	time.Sleep(latency) // others may write meanwhile
	return state, nil
}

// Save implements journal.Store.
func (t *Table) Save(ctx context.Context, state journal.State) (int64, error) {
	if err := t.Crash.step(ctx, "before save"); err != nil {
		return 0, err
	}
	version, err := t.put(state)
	if err != nil {
		return 0, err
	}
	return version, t.Crash.step(ctx, "after save")
}

func (t *Table) put(state journal.State) (int64, error) {
	document, err := json.Marshal(state)
	if err != nil {
		return 0, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.version != state.Version {
		return 0, journal.ErrConflict
	}
	t.version++
	t.saves++
	t.document = document
	return t.version, nil
}

// State returns what is kept.
func (t *Table) State() journal.State {
	t.mu.Lock()
	defer t.mu.Unlock()
	var state journal.State
	if len(t.document) > 0 {
		if err := json.Unmarshal(t.document, &state); err != nil {
			return journal.State{LastProbe: "the document is spoiled: " + err.Error()}
		}
	}
	state.Version = t.version
	return state
}

// Saves returns how often the state was written.
func (t *Table) Saves() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.saves
}
