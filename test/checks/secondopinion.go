package main

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// secondOpinion runs the test that asks another emulator of AWS, and prints the differences that it has found, each with its excuse:
// what a test that passes prints is not shown.
func secondOpinion(ctx context.Context, r *runner) error {
	listed := r.built("second-opinion", "differences.txt")
	if err := os.RemoveAll(listed); err != nil {
		return fmt.Errorf("forgetting the differences of the last run: %w", err)
	}
	ended := suite([]run{opinionTests})(ctx, r)
	content, err := os.ReadFile(listed)
	if err != nil {
		return errors.Join(ended, fmt.Errorf("no differences were listed: %w", err))
	}
	fmt.Fprintf(os.Stdout, "\n%s", content)
	return ended
}
