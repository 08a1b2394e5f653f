package main

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// defaultSeeds is how many simulations every change passes: about three milliseconds of processor time each.
const defaultSeeds = "100000"

// simulate runs the failover controller against simulated worlds, SEEDS of them, and prints what they met.
func simulate(_ context.Context, r *runner) error {
	seeds := os.Getenv("SEEDS")
	if seeds == "" {
		seeds = defaultSeeds
	}
	return r.labeled("simulating "+seeds+" failovers", ".",
		"go", "test", "-count", "1", "-v", "-timeout", "24h", "-run", "^TestSimulation$", "./test/simulate", "-seeds", seeds)
}

// bench measures. Each run says what it measured; those of the platform end with a table of the figures and of what each may be
// at most.
func bench(ctx context.Context, r *runner) error {
	const label = "compiling the benchmarks"
	for _, call := range [][]string{
		{"go", "test", "-tags", "e2e", "-run", "^$", "-c", "-o", r.built("e2e.test"), "./test/e2e"},
		{"go", "test", "-C", "test/local", "-run", "^$", "-c", "-o", r.built("aurora.test"), "./aurora"},
	} {
		if err := r.labeled(label, ".", call...); err != nil {
			return err
		}
	}
	if err := r.labeled(label, ".", r.goTool(developerTools, "vegeta", "-version")...); err != nil {
		return err
	}
	fmt.Fprintln(os.Stdout, "A row that is written in one region is read in the other: p99-ms is to be 1000 at most.")
	for _, b := range []struct{ folder, program, benchmarks, times string }{
		{"test/local/aurora", "aurora.test", "Replication", "1000x"},
		{"test/local/aurora", "aurora.test", "Restore", "1x"},
		{"test/e2e", "e2e.test", "Platform", "3x"},
		{"test/e2e", "e2e.test", "Growth", "1x"},
		{"test/e2e", "e2e.test", "Service", "1x"},
		{"test/e2e", "e2e.test", "Reconciliation", "1x"},
	} {
		if ctx.Err() != nil {
			return errors.New("interrupted")
		}
		err := r.process(b.folder, r.built(b.program),
			"-test.run", "^$", "-test.bench", b.benchmarks, "-test.benchtime", b.times, "-test.timeout", "60m")
		if err != nil {
			return fmt.Errorf("the benchmarks %s of %s: %w", b.benchmarks, b.folder, err)
		}
	}
	return nil
}
