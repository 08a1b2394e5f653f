package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

const (
	// linterFolder is the virtual environment of Python's linters, linterPins the file with their versions and hashes.
	linterFolder = ".state/make/pytools"
	linterPins   = "test/tools/requirements.txt"
	// auditorFolder has a virtual environment for each set of auditors' tools, auditorPins a folder of its name with their versions.
	auditorFolder = ".state/make/auditors"
	auditorPins   = "test/audit"
	// motoFolder is the virtual environment of moto, motoPins the file with its version and hashes, and its dependencies'.
	motoFolder = ".state/make/moto"
	motoPins   = "test/secondopinion/requirements.txt"
	// schemathesisFolder and schemathesisPins are those of Schemathesis, which tries the records API.
	schemathesisFolder = ".state/make/schemathesis"
	schemathesisPins   = "test/api/requirements.txt"
)

// installSet returns what installs one file of pins into a virtual environment of its own.
func installSet(folder, pins string) func(context.Context, *controller, artifact) error {
	return func(ctx context.Context, c *controller, a artifact) error {
		if err := c.labeled(ctx, a.label, "python3", "-m", "venv", "--clear", folder); err != nil {
			return err
		}
		if err := c.installPinned(ctx, a.label, folder, pins); err != nil {
			return err
		}
		return c.noteReady(a)
	}
}

// auditorSets are the sets of auditors' tools, which agree on no versions with one another, each with its files of pins in the order of
// their installation.
var auditorSets = []struct {
	name string
	pins []string
}{
	{"checkov", []string{"checkov/requirements.txt"}},
	{"policies", []string{"policies/requirements.txt"}},
	// What has no wheel is built with what is installed before, and with nothing else.
	{"prowler", []string{"prowler/build.txt", "prowler/requirements.txt"}},
}

func auditorSources() []string {
	var files []string
	for _, set := range auditorSets {
		for _, pins := range set.pins {
			files = append(files, auditorPins+"/"+pins)
		}
	}
	return files
}

// installAuditors installs each set of auditors' tools into a virtual environment of its own.
func installAuditors(ctx context.Context, c *controller, a artifact) error {
	for _, set := range auditorSets {
		folder := auditorFolder + "/" + set.name
		if err := c.labeled(ctx, a.label, "python3", "-m", "venv", "--clear", folder); err != nil {
			return err
		}
		for _, pins := range set.pins {
			if err := c.installPinned(ctx, a.label, folder, auditorPins+"/"+pins, "--no-build-isolation"); err != nil {
				return err
			}
		}
	}
	return c.noteReady(a)
}

// installPinned installs a file of pins into a virtual environment, each version by its hash and without what it would draw in.
func (c *controller) installPinned(ctx context.Context, label, folder, pins string, flags ...string) error {
	call := []string{
		folder + "/bin/python", "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check",
		"--require-hashes", "--only-binary", ":all:", "--no-deps",
	}
	return c.labeled(ctx, label, append(append(call, flags...), "-r", pins)...)
}

// noteReady writes the artifact's file: pip leaves none that says that it has come to its end.
func (c *controller) noteReady(a artifact) error {
	if err := os.WriteFile(filepath.Join(c.root, a.file), nil, 0o644); err != nil {
		return fmt.Errorf("noting that %s is done: %w", a.name, err)
	}
	return nil
}
