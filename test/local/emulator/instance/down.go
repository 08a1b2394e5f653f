package instance

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"warmstandby/test/local/emulator"
)

// Stopped is what Down found and did.
type Stopped int

// The results of Down.
const (
	WasDown    Stopped = iota // nothing ran
	WasStale                  // nothing ran, but a run had left its record: it was killed or crashed
	WasStopped                // it ran, saved its state and ended
	WasKilled                 // it did not end in time; what it had not saved is lost
)

// Down stops the instance of this folder, which saves its state, and returns when its processes are gone.
func (f Folder) Down(ctx context.Context, progress emulator.Progress) (Stopped, error) {
	record, ok, err := f.readRecord()
	if err != nil {
		return WasDown, err
	}
	if _, err := os.Stat(f.lockFile()); errors.Is(err, os.ErrNotExist) {
		return WasDown, nil
	}
	lock, err := emulator.TryLock(f.lockFile())
	switch {
	case err == nil && ok:
		// The record stays: the next Up says how the run ended.
		return WasStale, emulator.Unlock(lock)
	case err == nil:
		return WasDown, emulator.Unlock(lock)
	case !errors.Is(err, emulator.ErrLocked):
		return WasDown, err
	case !ok:
		return WasDown, fmt.Errorf("the local AWS emulator of %s is being started: try again when it runs", f)
	}
	defer progress("stopping the local AWS emulator")()
	// The lock is held, so these are the ids of the processes that hold it.
	if err := sendSignal(record.GatewayPID, syscall.SIGTERM); err != nil {
		return WasDown, err
	}
	if err := f.waitUnlocked(ctx); !errors.Is(err, context.DeadlineExceeded) {
		return WasStopped, err
	}
	if err := errors.Join(sendSignal(record.GatewayPID, syscall.SIGKILL), sendSignal(record.EmulatorPID, syscall.SIGKILL)); err != nil {
		return WasDown, err
	}
	return WasKilled, f.waitUnlocked(ctx)
}

// sendSignal sends a signal to a process; one that has ended already is not an error.
func sendSignal(pid int, sig syscall.Signal) error {
	if err := syscall.Kill(pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("sending %s to process %d: %w", sig, pid, err)
	}
	return nil
}

// waitUnlocked returns when no process holds the folder.
func (f Folder) waitUnlocked(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, otherTimeout)
	defer cancel()
	for {
		lock, err := emulator.TryLock(f.lockFile())
		if err == nil {
			return emulator.Unlock(lock)
		}
		if !errors.Is(err, emulator.ErrLocked) {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for the local AWS emulator of %s to end: %w", f, ctx.Err())
		case <-time.After(otherPollInterval):
		}
	}
}
