package emulator

import (
	"errors"
	"path/filepath"
	"syscall"
	"testing"
)

func TestALockIsHeldUntilItsFileCloses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "folder", "lock")
	held, err := TryLock(path)
	if err != nil {
		t.Fatal(err)
	}
	if second, err := TryLock(path); !errors.Is(err, ErrLocked) {
		t.Errorf("a second lock: %v, %v; want ErrLocked", second, err)
	}
	if err := held.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := TryLock(path)
	if err != nil {
		t.Fatalf("after the first was closed: %v", err)
	}
	again.Close()
}

func TestAReleasedLockIsFreeAlthoughACopyOfItsFileIsOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	held, err := TryLock(path)
	if err != nil {
		t.Fatal(err)
	}
	// A process that was forked and has not executed its program yet has such a copy.
	inherited, err := syscall.Dup(int(held.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(inherited)
	if err := Unlock(held); err != nil {
		t.Fatal(err)
	}
	again, err := TryLock(path)
	if err != nil {
		t.Fatalf("after the release: %v", err)
	}
	if err := Unlock(again); err != nil {
		t.Error(err)
	}
}
