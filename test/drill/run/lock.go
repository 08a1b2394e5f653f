package run

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// lockFile is what the drill that runs holds, in the folder of all drills, of which a platform has one. The kernel lets go of it when
// the process ends, however that ends.
const lockFile = ".lock"

// alone makes this the only drill of a platform until release is called: of two at once each would see the other's fault.
func acquireLock(drills string) (release func(), err error) {
	if err := os.MkdirAll(drills, 0o755); err != nil {
		return nil, fmt.Errorf("making the folder of drills: %w", err)
	}
	file, err := os.OpenFile(filepath.Join(drills, lockFile), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("looking whether a drill runs: %w", err)
	}
	switch err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); {
	case errors.Is(err, syscall.EWOULDBLOCK):
		return nil, errors.Join(fmt.Errorf("a drill of this platform runs, by %s: wait for its end", file.Name()), file.Close())
	case err != nil:
		return nil, errors.Join(fmt.Errorf("looking whether a drill runs: locking %s: %w", file.Name(), err), file.Close())
	}
	return func() { file.Close() }, nil // which ends the lock, and has written nothing that could be lost
}
