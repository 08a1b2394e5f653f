package tools

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"warmstandby/test/local/progress"
)

// lockPoll is how often a waiting run looks whether the lock is free: flock cannot wait and be cancelled at once.
const lockPoll = 200 * time.Millisecond

// lock takes an exclusive lock on the file and waits for it if another run has it. The system frees it when its holder
// ends, however it ends, so no lock is ever stale. The file stays: to remove it would let two runs lock two files.
func lock(ctx context.Context, file string, log io.Writer) (unlock func(), err error) {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("opening the tools' lock: %w", err)
	}
	if err := flock(ctx, f, log); err != nil {
		return nil, errors.Join(fmt.Errorf("locking %s: %w", file, err), f.Close())
	}
	// The holder's process id is there for whoever waits to print; the lock does not depend on it.
	if err := errors.Join(f.Truncate(0), writeAt(f, strconv.Itoa(os.Getpid()))); err != nil {
		return nil, errors.Join(fmt.Errorf("writing the tools' lock: %w", err), f.Close())
	}
	return func() { f.Close() }, nil
}

func flock(ctx context.Context, f *os.File, log io.Writer) error {
	try := func() error { return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) }
	err := try()
	if !errors.Is(err, syscall.EWOULDBLOCK) {
		return err
	}
	defer progress.Start(log, "waiting for another build ("+holder(f)+")")()
	ticker := time.NewTicker(lockPoll)
	defer ticker.Stop()
	for errors.Is(err, syscall.EWOULDBLOCK) {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
			err = try()
		}
	}
	return err
}

// holder names the process that has the lock, as it wrote itself down.
func holder(f *os.File) string {
	content := make([]byte, 20)
	n, err := f.ReadAt(content, 0)
	if _, notNumber := strconv.Atoi(strings.TrimSpace(string(content[:n]))); notNumber != nil || err != nil && err != io.EOF {
		return "its process id is not known"
	}
	return "pid " + string(content[:n])
}

func writeAt(f *os.File, text string) error {
	_, err := f.WriteAt([]byte(text), 0)
	return err
}
