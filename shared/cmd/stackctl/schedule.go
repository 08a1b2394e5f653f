package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// atOnce is how many stacks or artifacts are worked on at once: the two regions of one layer. More engines would compete for the
// processors that the first two have.
const atOnce = 2

// schedule runs work on each name, which is that of a stack or of an artifact, once all those that it waits for are done. After a
// failure no further work is started, and what is under way comes to its end. The error joins what failed, by name.
func schedule(
	ctx context.Context,
	names []string,
	waitsFor func(name string) []string,
	work func(ctx context.Context, name string) error,
) error {
	type result struct {
		name string
		err  error
	}
	results := make(chan result)
	done := map[string]bool{}
	waiting := slices.Clone(names)
	var failed []error
	running := 0
	ready := func(name string) bool {
		return !slices.ContainsFunc(waitsFor(name), func(other string) bool { return slices.Contains(names, other) && !done[other] })
	}
	for {
		for running < atOnce && len(failed) == 0 && ctx.Err() == nil {
			next := slices.IndexFunc(waiting, ready)
			if next < 0 {
				break
			}
			name := waiting[next]
			waiting = slices.Delete(waiting, next, next+1)
			running++
			go func() { results <- result{name, work(ctx, name)} }()
		}
		if running == 0 {
			break
		}
		r := <-results
		running--
		if r.err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", r.name, r.err))
			continue
		}
		done[r.name] = true
	}
	if len(failed) == 0 && len(waiting) > 0 {
		failed = append(failed, fmt.Errorf("interrupted before %v", waiting))
	}
	return errors.Join(failed...)
}
