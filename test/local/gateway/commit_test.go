package gateway

import (
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// saves counts saves that take a second.
type saves struct{ begun, done atomic.Int32 }

func (s *saves) save() error {
	s.begun.Add(1)
	time.Sleep(time.Second)
	s.done.Add(1)
	return nil
}

func TestOneChangeIsSavedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s saves
		c := newCommits(s.save)
		end := c.begin()
		start := time.Now()
		if err := end(true); err != nil || s.done.Load() != 1 {
			t.Errorf("ended with %v after %d saves, want one", err, s.done.Load())
		}
		if waited := time.Since(start); waited != time.Second {
			t.Errorf("waited %s, want the save's time only", waited)
		}
		if err := end(false); err != nil || s.done.Load() != 1 {
			t.Errorf("ending twice: %v, %d saves", err, s.done.Load())
		}
	})
}

func TestChangesThatAreWorkedOnTogetherShareASave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s saves
		c := newCommits(s.save)
		var ended atomic.Int32
		first, second, refused := c.begin(), c.begin(), c.begin()
		for _, end := range []func(bool) error{first, second} {
			go func() {
				if err := end(true); err != nil {
					t.Error(err)
				}
				ended.Add(1)
			}()
		}
		synctest.Wait()
		if s.begun.Load() != 0 {
			t.Error("a save began while the emulator worked on a change")
		}
		if err := refused(false); err != nil {
			t.Error(err)
		}
		time.Sleep(2 * time.Second)
		if ended.Load() != 2 || s.done.Load() != 1 {
			t.Errorf("%d changes ended after %d saves, want 2 after 1", ended.Load(), s.done.Load())
		}
	})
}

func TestNoChangeBeginsDuringASave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s saves
		c := newCommits(s.save)
		first := c.begin()
		go func() {
			if err := first(true); err != nil {
				t.Error(err)
			}
		}()
		synctest.Wait() // The first one's save has begun.
		second := c.begin()
		if s.done.Load() != 1 {
			t.Error("a change went to the emulator while it saved: a kill could leave it there with nobody told")
		}
		if err := second(true); err != nil || s.done.Load() != 2 {
			t.Errorf("the second one ended with %v after %d saves, want a save of its own", err, s.done.Load())
		}
	})
}

func TestAllOfAGroupLearnThatItsSaveFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		full := errors.New("no space left")
		c := newCommits(func() error { return full })
		ends := []func(bool) error{c.begin(), c.begin()}
		for _, end := range ends {
			go func() {
				if err := end(true); !errors.Is(err, full) {
					t.Errorf("a change that was not saved ended with %v", err)
				}
			}()
		}
		synctest.Wait()
	})
}
