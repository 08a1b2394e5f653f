// Package journal persists the failover controller's state: failed probes, the move in progress and its phase, and the concerns
// that the operators were notified of.
//
// The state is one document. Only the run that holds the lease writes it, and only if nobody has written it since it was read.
// Of two concurrent runs one writes; the other gets ErrConflict and ends.
package journal

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Store persists the state.
type Store interface {
	// Load returns the state, the zero State when there is none yet.
	Load(ctx context.Context) (State, error)
	// Save writes the state if the stored version is still state.Version, and returns the new version. Otherwise the error is
	// ErrConflict and nothing has changed.
	Save(ctx context.Context, state State) (int64, error)
}

// ErrConflict says that another run has written the state since it was read.
var ErrConflict = errors.New("the failover state was changed by another run")

// ErrLeaseLost says that the run's lease has expired: another run may be acting.
var ErrLeaseLost = errors.New("the run no longer has the lease")

// LeaseHeldError says that another run holds the lease.
type LeaseHeldError struct{ Lease Lease }

// Error names the run that holds the lease, and until when.
func (h LeaseHeldError) Error() string {
	return fmt.Sprintf("run %s is at work on the failover state until %s", h.Lease.Owner, h.Lease.Until.UTC().Format(time.RFC3339))
}

// Journal is the state, opened by the run that holds the lease.
type Journal struct {
	State
	store Store
	owner string
}

// Open acquires the lease for the owner until the given time. The error is a LeaseHeldError while another run holds it, and
// wraps ErrConflict when another run acquired it at the same time.
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

// Extend extends the lease.
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

// Close writes the state and releases the lease.
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

// End ends the move in progress in the given phase.
func (j *Journal) End(ctx context.Context, phase Phase) error {
	j.Move.Phase = phase
	if j.Move.Ended.IsZero() {
		j.Move.Ended = time.Now()
	}
	j.Last, j.Move = j.Move, nil
	return j.Save(ctx)
}
