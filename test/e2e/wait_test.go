//go:build e2e

package e2e

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/gruntwork-io/terratest/modules/retry"
)

const (
	// waitLimit bounds a wait for what AWS, the controller or a process does by itself. A wait ends when its condition holds: in
	// seconds on the emulator, in minutes where AWS moves the writer of a global database. The limit is far more than either needs,
	// so that a busy machine does not reach it, and less than a CI job has, so that the report of a failure is kept.
	waitLimit = 20 * time.Minute
	// pollInterval is the pause between two calls of AWS's API, commandInterval that between two runs of make.
	pollInterval    = 250 * time.Millisecond
	commandInterval = 5 * time.Second
)

// await calls check until it returns nil, and fails the test with its last error at waitLimit.
func await(t testing.TB, what string, check func() error) {
	t.Helper()
	awaitEvery(t, pollInterval, what, check)
}

// awaitEvery is await with another pause between two calls. A retry.FatalError ends it at once.
func awaitEvery(t testing.TB, interval time.Duration, what string, check func() error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), waitLimit)
	defer cancel()
	var last error
	if _, err := retry.DoWithRetryContextE(t, ctx, what, math.MaxInt, interval, func() (string, error) {
		last = check()
		return "", last
	}); err != nil {
		t.Fatalf("%s: %v; the last attempt: %v", what, err, last)
	}
}
