package journal

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Store keeps the state.
type Store interface {
	// Load returns the state, the zero State when there is none yet.
	Load(ctx context.Context) (State, error)
	// Save writes the state, unless another than the one of its Version is there: then it is ErrConflict, and nothing has
	// changed. It returns the version that it wrote.
	Save(ctx context.Context, state State) (int64, error)
}

// ErrConflict says that somebody else has changed the state meanwhile.
var ErrConflict = errors.New("the failover state was changed by another run")

// ErrLeaseLost says that the run's lease has ended: another may be at work.
var ErrLeaseLost = errors.New("the run no longer has the lease")

// LeaseHeldError says that another run has the lease.
type LeaseHeldError struct{ Lease Lease }

func (h LeaseHeldError) Error() string {
	return fmt.Sprintf("run %s is at work on the failover state until %s", h.Lease.Owner, h.Lease.Until.UTC().Format(time.RFC3339))
}

// Journal is the state in the hands of the run that has the lease.
type Journal struct {
	State
	store Store
	owner string
}

// Open takes the lease for the owner until the moment given. When another has it the error is a Held; when another was
// faster by a moment it wraps ErrConflict.
func Open(ctx context.Context, store Store, owner string, until time.Time) (*Journal, error) {
	state, err := store.Load(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the failover state: %w", err)
	}
	if time.Now().Before(state.Lease.Until) {
		return nil, LeaseHeldError{state.Lease}
	}
	j := &Journal{State: state, store: store, owner: owner}
	if err := j.Extend(ctx, until); err != nil {
		return nil, err
	}
	return j, nil
}

// Extend keeps the lease until a later moment.
func (j *Journal) Extend(ctx context.Context, until time.Time) error {
	j.Lease = Lease{Owner: j.owner, Until: until}
	return j.Save(ctx)
}

// Save writes the state. After an error the run must not act any more.
func (j *Journal) Save(ctx context.Context) error {
	if !time.Now().Before(j.Lease.Until) {
		return fmt.Errorf("writing the failover state as %s: %w", j.owner, ErrLeaseLost)
	}
	return j.write(ctx)
}

// Close writes the state and gives the lease back.
func (j *Journal) Close(ctx context.Context) error {
	j.Lease = Lease{}
	return j.write(ctx)
}

func (j *Journal) write(ctx context.Context) error {
	version, err := j.store.Save(ctx, j.State)
	if err != nil {
		return fmt.Errorf("writing the failover state: %w", err)
	}
	j.Version = version
	return nil
}

// End closes the move that is under way.
func (j *Journal) End(ctx context.Context, phase Phase) error {
	j.Move.Phase = phase
	if j.Move.Ended.IsZero() {
		j.Move.Ended = time.Now()
	}
	j.Last, j.Move = j.Move, nil
	return j.Save(ctx)
}
