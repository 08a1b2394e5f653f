// Command mutants plants mistakes in the code of the failover controller, one at a time, and has the simulator find each. It
// prints a Markdown table of how many seeds that took, and fails when one is not found.
//
//	go run ./test/simulate/mutants [-seeds 20000] [-only EXPRESSION]
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// How long the simulations are, in virtual minutes.
const (
	minutes     = 25
	longMinutes = 45
)

// tables are the mutants by the length of the simulations that show them.
var tables = []struct {
	mutants []mutant
	minutes int
}{{mutants, minutes}, {longMutants, longMinutes}}

// folder is the folder of the table's files, relative to the repository.
const folder = "lambda/failover"

func main() {
	seeds := flag.Int("seeds", 20000, "how many seeds each mutant has")
	only := flag.String("only", "", "plant only mutants whose description matches this regular expression")
	flag.Parse()
	if err := run(context.Background(), *seeds, *only); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, seeds int, only string) error {
	chosen, err := regexp.Compile(only)
	if err != nil {
		return fmt.Errorf("-only: %w", err)
	}
	dir, err := os.MkdirTemp("", "mutants-")
	if err != nil {
		return fmt.Errorf("making a folder for the builds: %w", err)
	}
	defer os.RemoveAll(dir)
	found, err := simulate(ctx, dir, nil, seeds, minutes)
	if err != nil {
		return err
	}
	if found > 0 {
		return fmt.Errorf("without any mutant the simulator finds a mistake with seed %d: mend that first", found)
	}
	fmt.Printf("| mistake | file | found with seed |\n|---|---|---|\n")
	missed := 0
	for _, table := range tables {
		for _, m := range table.mutants {
			if !chosen.MatchString(m.description) {
				continue
			}
			found, err := m.find(ctx, dir, seeds, table.minutes)
			if err != nil {
				return fmt.Errorf("%s: %w", m.description, err)
			}
			with := strconv.Itoa(found)
			if found == 0 {
				missed++
				with = fmt.Sprintf("**not in %d**", seeds)
			}
			fmt.Printf("| %s | `%s` | %s |\n", m.description, m.file, with)
		}
	}
	if missed > 0 {
		return fmt.Errorf("%d mutants are not found in %d seeds", missed, seeds)
	}
	return nil
}

// find plants the mutant and returns the first seed that finds it, zero when none does.
func (m mutant) find(ctx context.Context, dir string, seeds, minutes int) (int, error) {
	overlay, err := m.plant(dir)
	if err != nil {
		return 0, err
	}
	return simulate(ctx, dir, []string{"-overlay", overlay}, seeds, minutes)
}

// plant writes the mutated file, and the overlay with which go builds it in place of the original.
func (m mutant) plant(dir string) (overlay string, err error) {
	original, err := filepath.Abs(filepath.Join(folder, m.file))
	if err != nil {
		return "", err
	}
	mutated, err := m.apply(original)
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, "mutant.go")
	overlay = filepath.Join(dir, "overlay.json")
	text, err := json.Marshal(map[string]map[string]string{"Replace": {original: file}})
	if err == nil {
		err = errors.Join(os.WriteFile(file, []byte(mutated), 0o600), os.WriteFile(overlay, text, 0o600))
	}
	if err != nil {
		return "", fmt.Errorf("planting %q: %w", m.description, err)
	}
	return overlay, nil
}

// apply returns the text of a file with the mistake.
func (m mutant) apply(file string) (string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("planting %q: %w", m.description, err)
	}
	if count := strings.Count(string(text), m.old); count != 1 {
		return "", fmt.Errorf("planting %q: %s has %q %d times, want once: the code has changed, and the table must follow",
			m.description, m.file, m.old, count)
	}
	return strings.Replace(string(text), m.old, m.new, 1), nil
}

// simulate builds the simulator and returns the first seed that it finds something with, zero when there is none.
func simulate(ctx context.Context, dir string, flags []string, seeds, minutes int) (int, error) {
	program := filepath.Join(dir, "simulate.test")
	arguments := append([]string{"test", "-c", "-ldflags", "-s -w", "-o", program}, flags...)
	build := exec.CommandContext(ctx, "go", append(arguments, "./test/simulate")...)
	if text, err := build.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("building the simulator: %w\n%s", err, text)
	}
	search := exec.CommandContext(ctx, program, "-test.run", "^TestSimulation$", "-search",
		"-seeds", strconv.Itoa(seeds), "-minutes", strconv.Itoa(minutes))
	search.Dir = filepath.Join("test", "simulate")
	text, err := search.Output()
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		return 0, fmt.Errorf("running the simulator: %w", err)
	}
	_, after, is := strings.Cut(string(text), "first wrong seed: ")
	if !is {
		if err != nil {
			return 0, fmt.Errorf("running the simulator: %w\n%s", err, text)
		}
		return 0, nil
	}
	number, _, _ := strings.Cut(after, "\n")
	found, err := strconv.Atoi(strings.TrimSpace(number))
	if err != nil {
		return 0, fmt.Errorf("reading the simulator's answer %q: %w", number, err)
	}
	return found, nil
}
