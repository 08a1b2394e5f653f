package main

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// recordsAPI runs the tests that hold the deployed records API to its document and to its tokens, and prints what was tried and what was
// found: what a test that passes prints is not shown.
func recordsAPI(ctx context.Context, r *runner) error {
	listed := r.built("api", "findings.txt")
	if err := os.RemoveAll(listed); err != nil {
		return fmt.Errorf("forgetting the findings of the last run: %w", err)
	}
	ended := suite([]run{apiTests})(ctx, r)
	content, err := os.ReadFile(listed)
	if err != nil {
		return errors.Join(ended, fmt.Errorf("no findings were listed: %w", err))
	}
	fmt.Fprintf(os.Stdout, "\n%s", content)
	return ended
}
