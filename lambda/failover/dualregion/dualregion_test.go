package dualregion

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"
)

// hangFor returns a call that takes so long and ignores its context.
func hangFor(d time.Duration) func(context.Context) error {
	return func(context.Context) error { time.Sleep(d); return nil }
}

func fails(context.Context) error { return errors.New("refused") }

func TestBoth(t *testing.T) {
	tests := []struct {
		name             string
		standby, primary func(context.Context) error
		takes            time.Duration
		fails            bool
	}{
		{"both are quick", hangFor(10 * time.Millisecond), hangFor(20 * time.Millisecond), 20 * time.Millisecond, false},
		{"the primary hangs and ignores its context", hangFor(10 * time.Millisecond), hangFor(time.Hour), PrimaryTimeout, false},
		{"the primary refuses", hangFor(10 * time.Millisecond), fails, 10 * time.Millisecond, false},
		{"the standby is slow and is waited for", hangFor(5 * time.Second), fails, 5 * time.Second, false},
		{"the standby refuses", fails, hangFor(20 * time.Millisecond), 20 * time.Millisecond, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begun := time.Now()
				err := Both(t.Context(), slog.New(slog.DiscardHandler), "trying", test.standby, test.primary)
				if took := time.Since(begun); took != test.takes || (err != nil) != test.fails {
					t.Errorf("it took %s and ended with %v, want %s and failed: %t", took, err, test.takes, test.fails)
				}
				time.Sleep(time.Hour) // until the hanging call has returned
			})
		})
	}
}

func TestTryPrimary(t *testing.T) {
	t.Run("a refusal of the primary region is returned", func(t *testing.T) {
		if err := TryPrimary(t.Context(), slog.New(slog.DiscardHandler), "trying", fails); err == nil {
			t.Error("a refusal goes unsaid")
		}
	})
}
