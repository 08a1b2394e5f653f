package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"
)

// makeOperator makes the operator's command line: from the per-user cache, or, on AWS, from the release that has the same sources, or by
// compiling it. Whoever is called at night from a fresh clone has it in seconds.
func makeOperator(ctx context.Context, c *controller, a artifact) error {
	list, err := c.operatorSources()
	if err != nil {
		return err
	}
	file, key := filepath.Join(c.root, a.file), checksumOf(list)
	cached, err := c.cachedOperator(key)
	if err != nil {
		fmt.Fprintf(c.stderr, "nothing is kept for other clones: %v\n", err)
		return c.compileOperator(ctx, a)
	}
	if _, err := os.Stat(cached); err == nil {
		return copyProgram(cached, file)
	}
	if !c.emulated() { // The local AWS emulator's own command is compiled in any case, and nothing of it needs a network.
		switch err := c.download(ctx, key, cached); {
		case err == nil:
			return copyProgram(cached, file)
		case !errors.Is(err, errNotDownloaded):
			return err
		default:
			fmt.Fprintf(c.stderr, "%v\n%s, which takes minutes where nothing of it was compiled before\n", err, a.label)
		}
	}
	if err := c.compileOperator(ctx, a); err != nil {
		return err
	}
	if err := errors.Join(copyProgram(file, cached), prune(filepath.Dir(filepath.Dir(cached)))); err != nil {
		fmt.Fprintf(c.stderr, "nothing is kept for other clones: %v\n", err) // What was asked for can be done.
	}
	return nil
}

func (c *controller) compileOperator(ctx context.Context, a artifact) error {
	return c.labeled(ctx, a.label, failoverBuild(runtime.GOOS, runtime.GOARCH, a.file)...)
}

// cachedOperator is the file of a program in the user's cache, by the checksum of its sources.
func (c *controller) cachedOperator(key string) (string, error) {
	folder := c.cache
	if folder == "" {
		found, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("finding the folder of caches: %w", err)
		}
		folder = filepath.Join(found, "warmstandby")
	}
	return filepath.Join(folder, "operator", key, binaryName(runtime.GOOS, runtime.GOARCH)), nil
}

// binaryName is a release's file for a platform.
func binaryName(system, architecture string) string {
	name := "warmstandby-" + system + "-" + architecture
	if system == "windows" {
		name += ".exe"
	}
	return name
}

// copyProgram copies a program to where it is run from, or kept. It is there whole or not at all: it replaces what was there by one rename.
func copyProgram(from, to string) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return fmt.Errorf("copying a program: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return fmt.Errorf("copying a program: %w", err)
	}
	part, err := os.CreateTemp(filepath.Dir(to), ".part-*")
	if err != nil {
		return fmt.Errorf("copying a program: %w", err)
	}
	defer os.Remove(part.Name())
	_, err = part.Write(content)
	if err := errors.Join(err, part.Chmod(0o755), part.Close()); err != nil {
		return fmt.Errorf("copying a program to %s: %w", to, err)
	}
	if err := os.Rename(part.Name(), to); err != nil {
		return fmt.Errorf("copying a program: %w", err)
	}
	return nil
}

// keptPrograms is how many programs the cache keeps, the newest: each has about 20 MB, and who works on it makes several a day.
const keptPrograms = 5

// prune removes the oldest programs from the cache.
func prune(folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return fmt.Errorf("looking for old programs in the cache: %w", err)
	}
	type kept struct {
		path string
		at   time.Time
	}
	var all []kept
	for _, entry := range entries {
		if information, err := entry.Info(); err == nil { // Another make may have removed it.
			all = append(all, kept{filepath.Join(folder, entry.Name()), information.ModTime()})
		}
	}
	slices.SortFunc(all, func(a, b kept) int { return cmp.Compare(b.at.UnixNano(), a.at.UnixNano()) })
	for _, old := range all[min(keptPrograms, len(all)):] {
		if err := os.RemoveAll(old.path); err != nil {
			return fmt.Errorf("removing an old program from the cache: %w", err)
		}
	}
	return nil
}
