package emulator

import (
	"errors"
	"path/filepath"
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
