package emulator

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// ErrLocked says that another process holds a lock.
var ErrLocked = errors.New("locked by another process")

// TryLock takes the exclusive lock on path, making the file and its folder when needed, and returns the open file that
// holds it: the lock ends when the last copy of that file closes, a child's inherited copy included, so it outlives no
// process and needs no clean-up after a crash. It returns ErrLocked when another process has it.
func TryLock(path string) (*os.File, error) {
	return lock(path, syscall.LOCK_EX|syscall.LOCK_NB)
}

// Lock is TryLock that waits for its turn.
func Lock(path string) (*os.File, error) {
	return lock(path, syscall.LOCK_EX)
}

// Unlock ends a lock that no other process is to have, and closes its file. Closing alone would leave the lock to a process that was
// forked meanwhile, which has a copy of each open file until it executes its program (flock(2), fork(2)).
func Unlock(file *os.File) error {
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_UN); err != nil {
		return errors.Join(fmt.Errorf("releasing lock %s: %w", file.Name(), err), file.Close())
	}
	return file.Close()
}

func lock(path string, how int) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("making the folder of lock %s: %w", path, err)
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening lock %s: %w", path, err)
	}
	for {
		err = syscall.Flock(int(file.Fd()), how)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	switch {
	case err == nil:
		return file, nil
	case errors.Is(err, syscall.EWOULDBLOCK):
		err = ErrLocked
	default:
		err = fmt.Errorf("locking %s: %w", path, err)
	}
	return nil, errors.Join(err, file.Close())
}
