package journal

import (
	"context"
	"sync"
)

// MemoryStore is a Store in memory, for moves of a global database whose controller is no longer deployed.
type MemoryStore struct {
	mu    sync.Mutex
	state State
}

// Load implements Store.
func (m *MemoryStore) Load(context.Context) (State, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.state, nil
}

// Save implements Store.
func (m *MemoryStore) Save(_ context.Context, state State) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if state.Version != m.state.Version {
		return 0, ErrConflict
	}
	state.Version++
	m.state = state
	return state.Version, nil
}
