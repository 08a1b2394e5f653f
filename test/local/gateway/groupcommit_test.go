package gateway

import (
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// saves counts saves, which take a second, a tenth of it for the copy.
type saves struct {
	started, taken, done atomic.Int32
	fails                atomic.Int32 // how many of the next do
}

var errFull = errors.New("no space left")

func (s *saves) save(taken func()) error {
	s.started.Add(1)
	time.Sleep(time.Second / 10)
	s.taken.Add(1)
	taken()
	time.Sleep(time.Second * 9 / 10)
	if s.fails.Add(-1) >= 0 {
		return errFull
	}
	s.done.Add(1)
	return nil
}

func TestOneChangeIsSavedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s saves
		c := newGroupCommit(s.save)
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
		c := newGroupCommit(s.save)
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
		if s.started.Load() != 0 {
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

func TestNoChangeBeginsWhileACopyIsTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s saves
		c := newGroupCommit(s.save)
		first := c.begin()
		go func() {
			if err := first(true); err != nil {
				t.Error(err)
			}
		}()
		synctest.Wait() // The first one's save has begun.
		second := c.begin()
		if s.taken.Load() != 1 {
			t.Error("a change went to the emulator while its copy was taken: a kill could keep it without an acknowledgement")
		}
		if s.done.Load() != 0 {
			t.Error("a change waited for a copy to be written that it is not in")
		}
		if err := second(true); err != nil || s.done.Load() != 2 {
			t.Errorf("the second one ended with %v after %d saves, want a save of its own", err, s.done.Load())
		}
	})
}

func TestChangesThatEndWhileACopyIsWrittenShareTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s saves
		c := newGroupCommit(s.save)
		var ended atomic.Int32
		change := func() {
			if err := c.begin()(true); err != nil {
				t.Error(err)
			}
			ended.Add(1)
		}
		go change()
		time.Sleep(time.Second / 2) // its copy is being written
		for range 20 {
			go change()
		}
		synctest.Wait()
		if s.started.Load() != 1 {
			t.Errorf("%d saves have begun, want one at a time", s.started.Load())
		}
		time.Sleep(time.Second)
		if ended.Load() != 1 {
			t.Errorf("the first save ended %d changes, want its own only", ended.Load())
		}
		time.Sleep(time.Second)
		if ended.Load() != 21 || s.done.Load() != 2 {
			t.Errorf("%d saves ended %d changes, want two all 21", s.done.Load(), ended.Load())
		}
	})
}

func TestACopyThatFailsIsTakenAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s saves
		s.fails.Store(saveAttempts - 1)
		if err := newGroupCommit(s.save).begin()(true); err != nil || s.started.Load() != saveAttempts {
			t.Errorf("the change ended with %v after %d attempts, want %d", err, s.started.Load(), saveAttempts)
		}
	})
}

func TestAllOfAGroupLearnThatItsSaveFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s saves
		s.fails.Store(saveAttempts)
		c := newGroupCommit(s.save)
		ends := []func(bool) error{c.begin(), c.begin()}
		for _, end := range ends {
			go func() {
				if err := end(true); !errors.Is(err, errFull) {
					t.Errorf("a change that was not saved ended with %v", err)
				}
			}()
		}
		time.Sleep(saveAttempts * time.Second)
		synctest.Wait()
		if err := c.begin()(true); err != nil {
			t.Errorf("the next change ended with %v", err)
		}
	})
}
