package run

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// lockFile is locked by the running drill, in the folder of the platform's drills. The kernel releases the lock when the
// process ends, however that is.
const lockFile = ".lock"

// acquireLock makes this the only drill of a platform until release is called. Of two concurrent drills each would measure the
// other's fault.
func acquireLock(drills string) (release func(), err error) {
	if err := os.MkdirAll(drills, 0o755); err != nil {
		return nil, fmt.Errorf("making the folder of drills: %w", err)
	}
	file, err := os.OpenFile(filepath.Join(drills, lockFile), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("opening the lock of drills: %w", err)
	}
	switch err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); {
	case errors.Is(err, syscall.EWOULDBLOCK):
		return nil, errors.Join(fmt.Errorf("a drill of this platform runs, by %s: wait for its end", file.Name()), file.Close())
	case err != nil:
		return nil, errors.Join(fmt.Errorf("locking %s: %w", file.Name(), err), file.Close())
	}
	return func() { file.Close() }, nil // releases the lock; nothing was written that a failed Close could lose
}
