package failovertest

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"warmstandby/lambda/failover/journal"
)

// Table is a journal.Store with an atomic conditional write, for any number of concurrent runs.
type Table struct {
	Crash *CrashInjector

	mu       sync.Mutex
	version  int64
	document []byte
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
	t.document = document
	return t.version, nil
}

// State returns the stored state.
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
