// Package dualregion does in both regions what must be done in the standby region and may be done in the primary: a primary region
// that is lost delays nothing by more than PrimaryTime, and fails nothing.
package dualregion

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

// PrimaryTimeout is the budget of whatever is tried in the primary region: many times what a region that is well needs.
const PrimaryTimeout = time.Second

// TryPrimary does something in the primary region within PrimaryTime, whether or not it heeds its context. The error says why it
// was not done; the log has it too.
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

// Both does something in both regions at the same time. The error is the standby region's.
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
