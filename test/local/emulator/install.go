package emulator

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// readyMarker is written last: an environment without it was interrupted, and is built again.
const readyMarker = "ready"

// Progress reports the start of something slow and returns the function that reports its end.
type Progress func(label string) (stop func())

// Installation is a complete virtual environment with the pinned MiniStack.
type Installation struct {
	Python   string // the environment's interpreter
	Launcher string // launch.py
}

// Install returns the installation in the per-user cache folder and creates it if it does not exist; concurrent calls create
// it once. A virtual environment cannot be moved, so it is created in its final folder, under a lock, and is complete only
// with readyMarker.
func Install(ctx context.Context, cache string, progress Progress) (Installation, error) {
	python, err := FindPython(ctx)
	if err != nil {
		return Installation{}, err
	}
	key, err := installationKey(python)
	if err != nil {
		return Installation{}, err
	}
	folder := filepath.Join(cache, "emulator", key)
	installed := Installation{
		Python:   filepath.Join(folder, "venv", "bin", "python"),
		Launcher: filepath.Join(folder, "launch.py"),
	}
	if isReady(folder) {
		return installed, nil
	}
	defer progress("installing the emulator, MiniStack " + Version)()
	held, err := Lock(folder + ".lock")
	if err != nil {
		return Installation{}, err
	}
	defer held.Close()
	if isReady(folder) {
		return installed, nil
	}
	if err := build(ctx, python, folder); err != nil {
		return Installation{}, fmt.Errorf("installing MiniStack %s in %s: %w", Version, folder, err)
	}
	return installed, nil
}

func isReady(folder string) bool {
	_, err := os.Stat(filepath.Join(folder, readyMarker))
	return err == nil
}

// installationKey is a hash of everything that determines an environment's content. Python's prefix is part of it because the
// environment links to the interpreter there.
func installationKey(python Python) (string, error) {
	sum := sha256.New()
	add := func(part string) {
		fmt.Fprintf(sum, "%d\n%s", len(part), part)
	}
	err := fs.WalkDir(pinned, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := pinned.ReadFile(name)
		add(name)
		add(string(content))
		return err
	})
	if err != nil {
		return "", fmt.Errorf("reading what is pinned: %w", err)
	}
	add(python.Version)
	add(python.Prefix)
	return hex.EncodeToString(sum.Sum(nil))[:16], nil
}

func build(ctx context.Context, python Python, folder string) error {
	if err := os.RemoveAll(folder); err != nil {
		return fmt.Errorf("removing an interrupted installation: %w", err)
	}
	if err := os.CopyFS(folder, pinned); err != nil {
		return fmt.Errorf("writing what is pinned: %w", err)
	}
	venv := filepath.Join(folder, "venv")
	if err := run(ctx, python.Path, "-m", "venv", venv); err != nil {
		return fmt.Errorf("making a virtual environment (on Debian and Ubuntu: apt install python3-venv): %w", err)
	}
	// Wheels only: building a package would run its code and need a compiler. The list is complete, so nothing is resolved.
	if err := run(ctx, filepath.Join(venv, "bin", "python"), "-m", "pip", "install", "--quiet", "--no-input",
		"--disable-pip-version-check", "--require-hashes", "--only-binary", ":all:", "--no-deps",
		"-r", filepath.Join(folder, "requirements.txt")); err != nil {
		return fmt.Errorf("installing the pinned packages: %w", err)
	}
	if err := os.WriteFile(filepath.Join(folder, readyMarker), nil, 0o644); err != nil {
		return fmt.Errorf("marking the installation complete: %w", err)
	}
	return nil
}

// run runs a command quietly; when it fails, the error carries the last lines that it printed.
func run(ctx context.Context, name string, args ...string) error {
	var output bytes.Buffer
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%w: %s", err, lastLines(output.String(), 3))
	}
	return nil
}

// lastLines returns the last n lines that are not empty, joined on one line.
func lastLines(text string, n int) string {
	var kept []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept[max(0, len(kept)-n):], "; ")
}
