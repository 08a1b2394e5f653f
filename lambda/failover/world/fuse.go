package world

import (
	"context"
	"errors"
	"sync"
)

// ErrKilled is what a run gets from every call after it was killed: its process is gone, so nothing that it does counts.
var ErrKilled = errors.New("killed")

// Fuse kills a run at one of its steps. A nil Fuse never does.
type Fuse struct {
	mu      sync.Mutex
	left    int
	dead    bool
	ignited bool
	Step    string // at which the run was killed
}

// NewFuse lets a number of steps be done and kills at the next.
func NewFuse(steps int) *Fuse { return &Fuse{left: steps, ignited: true} }

// Replace lets the next run do so many steps more; a negative number, any.
func (f *Fuse) Replace(steps int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.left, f.dead, f.ignited, f.Step = steps, false, steps >= 0, ""
}

// Burnt says whether the run was killed.
func (f *Fuse) Burnt() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.dead
}

func (f *Fuse) burn(ctx context.Context, step string) error {
	if f == nil {
		return ctx.Err()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.dead:
		return ErrKilled
	case !f.ignited:
		return ctx.Err()
	case f.left == 0:
		f.dead, f.Step = true, step
		return ErrKilled
	}
	f.left--
	return ctx.Err()
}
