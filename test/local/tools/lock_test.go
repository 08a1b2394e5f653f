package tools

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

func TestALockIsWaitedForAndItsHolderIsNamed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "tools.lock")
	unlock, err := lock(t.Context(), file, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got, want := holder(f), "pid "+strconv.Itoa(os.Getpid()); got != want {
		t.Errorf("the holder is %q, want %q", got, want)
	}
	given, give := context.WithCancel(t.Context())
	give()
	if _, err := lock(given, file, io.Discard); !errors.Is(err, context.Canceled) {
		t.Errorf("a wait that was ended gives %v, want %v", err, context.Canceled)
	}
	second := make(chan error)
	go func() {
		free, err := lock(t.Context(), file, io.Discard)
		if err == nil {
			free()
		}
		second <- err
	}()
	unlock()
	if err := <-second; err != nil {
		t.Errorf("after the lock is free: %v", err)
	}
}

func TestALockFileOfSomethingElseHasNoHolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "tools.lock")
	write(t, file, "not a process id")
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got := holder(f); got != "its process id is not known" {
		t.Errorf("the holder is %q", got)
	}
}
