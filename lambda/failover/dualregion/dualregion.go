// Package dualregion does something in both regions when the standby region must succeed and the primary may fail. A lost
// primary region delays the caller by at most PrimaryTimeout and never fails it.
package dualregion

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

// PrimaryTimeout bounds every attempt in the primary region: many times what a healthy region needs.
const PrimaryTimeout = time.Second

// TryPrimary does something in the primary region within PrimaryTimeout, even if the function ignores its context. A failure is
// logged and returned.
func TryPrimary(ctx context.Context, log *slog.Logger, what string, primary func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, PrimaryTimeout)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- primary(ctx) }()
	var err error
	select {
	case err = <-done:
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		err = fmt.Errorf("%s in the primary region: %w", what, err)
		log.Warn("left out in the primary region", "error", err)
	}
	return err
}

// Both does something in both regions concurrently. The error is the standby region's.
func Both(ctx context.Context, log *slog.Logger, what string, standby, primary func(context.Context) error) error {
	tried := make(chan struct{})
	go func() {
		defer close(tried)
		TryPrimary(ctx, log, what, primary) // its error is in the log, where it belongs
	}()
	err := standby(ctx)
	<-tried
	if err != nil {
		return fmt.Errorf("%s in the standby region: %w", what, err)
	}
	return nil
}
