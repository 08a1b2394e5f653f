package failovertest

import (
	"context"
	"errors"
	"sync"
)

// ErrCrashed is the error of every call of a run after it was killed: its process is gone, so its calls have no effect.
var ErrCrashed = errors.New("killed")

// CrashInjector kills a run at one of its calls. A nil CrashInjector never does.
type CrashInjector struct {
	mu        sync.Mutex
	remaining int
	crashed   bool
	armed     bool
	Step      string // at which the run was killed
}

// NewCrashInjector returns an injector that lets a number of calls pass and kills the run at the next.
func NewCrashInjector(steps int) *CrashInjector { return &CrashInjector{remaining: steps, armed: true} }

// CrashAfter revives the run and kills it after so many more calls; a negative number never does.
func (c *CrashInjector) CrashAfter(steps int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.remaining, c.crashed, c.armed, c.Step = steps, false, steps >= 0, ""
}

// Crashed says whether the run was killed.
func (c *CrashInjector) Crashed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.crashed
}

func (c *CrashInjector) step(ctx context.Context, step string) error {
	if c == nil {
		return ctx.Err()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.crashed:
		return ErrCrashed
	case !c.armed:
		return ctx.Err()
	case c.remaining == 0:
		c.crashed, c.Step = true, step
		return ErrCrashed
	}
	c.remaining--
	return ctx.Err()
}
