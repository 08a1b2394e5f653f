package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// atOnce is how many stacks are worked on side by side: the two regions of one layer. More engines would compete for the
// processors that the first two have.
const atOnce = 2

// schedule runs work on each stack once all those that it waits for are done. After a failure no further stack is started, and
// what is under way comes to its end. The error joins what failed, by stack.
func schedule(
	ctx context.Context,
	stacks []string,
	waitsFor func(stack string) []string,
	work func(ctx context.Context, stack string) error,
) error {
	type result struct {
		stack string
		err   error
	}
	results := make(chan result)
	done := map[string]bool{}
	waiting := slices.Clone(stacks)
	var failed []error
	running := 0
	ready := func(stack string) bool {
		return !slices.ContainsFunc(waitsFor(stack), func(other string) bool { return slices.Contains(stacks, other) && !done[other] })
	}
	for {
		for running < atOnce && len(failed) == 0 && ctx.Err() == nil {
			next := slices.IndexFunc(waiting, ready)
			if next < 0 {
				break
			}
			stack := waiting[next]
			waiting = slices.Delete(waiting, next, next+1)
			running++
			go func() { results <- result{stack, work(ctx, stack)} }()
		}
		if running == 0 {
			break
		}
		r := <-results
		running--
		if r.err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", r.stack, r.err))
			continue
		}
		done[r.stack] = true
	}
	if len(failed) == 0 && len(waiting) > 0 {
		failed = append(failed, fmt.Errorf("interrupted before %v", waiting))
	}
	return errors.Join(failed...)
}
