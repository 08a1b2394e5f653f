package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

const (
	// releaseFolder has what a release consists of.
	releaseFolder = ".state/make/release"
	// bomEnding ends the name of the list of a program's modules, which the program itself has in it: CycloneDX, in JSON.
	bomEnding = ".cdx.json"
	// notesName is the name of the release's text, which is no file of it.
	notesName = "NOTES.md"
	// bomTool is the module that pins what lists the program's modules.
	bomTool = "test/tools/sbom/go.mod"
)

// platforms are those that a release has a program for.
var platforms = []struct{ system, architecture string }{
	{"linux", "amd64"}, {"linux", "arm64"}, {"darwin", "amd64"}, {"darwin", "arm64"}, {"windows", "amd64"}, {"windows", "arm64"},
}

// binaries makes all that a release consists of: the operator's command line for each platform, the lists of its sources and of its
// modules, and the checksums. The release's workflow runs it, and whoever runs it with the same sources gets the same programs. TAG,
// where it is set, is to be the changelog's newest release, so that no tag is published with another's notes.
func binaries(ctx context.Context, c *controller, _ []string) error {
	version, notes, err := c.newestRelease()
	if err != nil {
		return err
	}
	if tag := c.value("TAG", ""); tag != "" && tag != version {
		return fmt.Errorf("TAG is %s, and the newest release of %s is %s: name it there first", tag, changelog, version)
	}
	toolchain, err := c.pinnedGo()
	if err != nil {
		return err
	}
	folder := filepath.Join(c.root, releaseFolder)
	if err := os.RemoveAll(folder); err != nil {
		return fmt.Errorf("emptying %s: %w", releaseFolder, err)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("making %s: %w", releaseFolder, err)
	}
	list, err := c.operatorSources()
	if err != nil {
		return err
	}
	for name, content := range map[string][]byte{sourcesName: list, notesName: []byte(notes)} {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o644); err != nil {
			return fmt.Errorf("writing %s: %w", name, err)
		}
	}
	// What a processor has beyond the least of its architecture, and another Go, would give other programs.
	pinned := []string{"GOTOOLCHAIN=" + toolchain, "GOAMD64=v1", "GOARM64=v8.0"}
	for _, p := range platforms {
		name := binaryName(p.system, p.architecture)
		call := slices.Insert(failoverBuild(p.system, p.architecture, releaseFolder+"/"+name), 1, pinned...)
		if err := c.labeled(ctx, "compiling "+name, call...); err != nil {
			return err
		}
		err := c.labeled(ctx, "listing the modules of "+name, "go", "tool", "-modfile="+bomTool, "cyclonedx-gomod", "bin", "-json", "-std",
			"-noserial", "-notimestamp", "-version", version, "-output", releaseFolder+"/"+name+bomEnding, releaseFolder+"/"+name)
		if err != nil {
			return err
		}
	}
	return c.writeSums(folder, version)
}

// writeSums writes the checksums of all files of a release, by their names.
func (c *controller) writeSums(folder, version string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return fmt.Errorf("listing %s: %w", releaseFolder, err)
	}
	var sums strings.Builder
	for _, entry := range entries {
		if entry.Name() == notesName {
			continue
		}
		sum, err := checksum(filepath.Join(folder, entry.Name()))
		if err != nil {
			return fmt.Errorf("summing %s: %w", entry.Name(), err)
		}
		fmt.Fprintf(&sums, "%s  %s\n", sum, entry.Name())
	}
	if err := os.WriteFile(filepath.Join(folder, sumsName), []byte(sums.String()), 0o644); err != nil {
		return fmt.Errorf("writing %s: %w", sumsName, err)
	}
	fmt.Fprintf(c.stdout, "%s, in %s:\n%s", version, releaseFolder, sums.String())
	return nil
}

// goVersion is the line of .tool-versions with Go's version.
var goVersion = regexp.MustCompile(`(?m)^golang (\d+\.\d+\.\d+)$`)

// pinnedGo is the Go that releases are compiled by, in the words of GOTOOLCHAIN.
func (c *controller) pinnedGo() (string, error) {
	content, err := os.ReadFile(filepath.Join(c.root, ".tool-versions"))
	if err != nil {
		return "", fmt.Errorf("reading by which Go releases are compiled: %w", err)
	}
	found := goVersion.FindSubmatch(content)
	if found == nil {
		return "", errors.New("reading by which Go releases are compiled: .tool-versions has no line golang")
	}
	return "go" + string(found[1]), nil
}
