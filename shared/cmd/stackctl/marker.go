package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const (
	// markerFile lies in a state folder that make has claimed. Nothing is deleted in a folder without it.
	markerFile    = ".warmstandby"
	markerContent = "This folder holds the local state of warmstandby. `make clean` deletes in it what make has put there.\n"

	reportsFolder = "drills" // the drills' reports, which `make clean` keeps
)

// stateEntries are all that make puts into a state folder. What is not listed is somebody else's, and stays.
var stateEntries = []string{
	"aurora", "certificates", "emulator", "gateway", "issuer", "logs", "pulumi", "route53", "tmp", "make", "e2e", "function-tests",
	"instance.json", "instance.lock", "faults.json",
}

func pulumiFolder(state string) string { return filepath.Join(state, "pulumi") }

// claim marks a folder as the platform's. It refuses one that holds anything else, so that nothing of ours comes to lie in a
// folder that somebody uses for other things.
func claim(folder string) error {
	if marked(folder) {
		return nil
	}
	foreign, err := foreignEntries(folder)
	if err != nil {
		return fmt.Errorf("reading the folder STATE=%s: %w", folder, err)
	}
	if len(foreign) > 0 {
		return fmt.Errorf("STATE=%s holds what is not the platform's (%s): choose an empty or a new folder", folder, strings.Join(foreign, ", "))
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("making the folder STATE=%s: %w", folder, err)
	}
	if err := os.WriteFile(filepath.Join(folder, markerFile), []byte(markerContent), 0o644); err != nil {
		return fmt.Errorf("marking the folder STATE=%s: %w", folder, err)
	}
	return nil
}

// foreignEntries returns the names in a folder that make does not put there. A state folder may hold further ones, each with a
// marker of its own or, as an earlier version made them, with nothing foreign in it. A missing folder has none.
func foreignEntries(folder string) ([]string, error) {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var foreign []string
	for _, entry := range entries {
		name := entry.Name()
		if name == markerFile || name == reportsFolder || name == environmentsFolder || slices.Contains(stateEntries, name) {
			continue
		}
		if entry.IsDir() {
			further := filepath.Join(folder, name)
			inner, err := os.ReadDir(further)
			if err != nil {
				return nil, err
			}
			if found, err := foreignEntries(further); err == nil && (marked(further) || len(inner) > 0 && len(found) == 0) {
				continue
			}
		}
		foreign = append(foreign, name)
	}
	return foreign, nil
}

// marked says whether make has claimed a folder.
func marked(folder string) bool {
	content, err := os.ReadFile(filepath.Join(folder, markerFile))
	return err == nil && string(content) == markerContent
}

// keptStack is a stack whose state lies in a state folder.
type keptStack struct{ project, name, file string }

// read reads the stack's state.
func (k keptStack) read() (stackState, error) {
	content, err := os.ReadFile(k.file)
	if err != nil {
		return stackState{}, fmt.Errorf("reading the state of %s: %w", k.project, err)
	}
	state, err := parseState(content)
	if err != nil {
		return stackState{}, fmt.Errorf("%s: %w", k.file, err)
	}
	return state, nil
}

// stacksIn returns the stacks whose state lies in the folder's own backend.
func stacksIn(state string) []keptStack {
	files, err := filepath.Glob(filepath.Join(escapeGlob(pulumiFolder(state)), ".pulumi", "stacks", "*", "*.json"))
	if err != nil {
		return nil // Only a malformed pattern is an error, and this one is not.
	}
	var stacks []keptStack
	for _, file := range files {
		stacks = append(stacks, keptStack{
			project: filepath.Base(filepath.Dir(file)), name: strings.TrimSuffix(filepath.Base(file), ".json"), file: file,
		})
	}
	return stacks
}

// stacksOnAWS returns those of stacksIn that are on AWS.
func stacksOnAWS(state string) []keptStack {
	return slices.DeleteFunc(stacksIn(state), func(k keptStack) bool { return (settings{environment: k.name}).emulated() })
}

// escapeGlob keeps filepath.Glob from reading a pattern in a folder's name.
func escapeGlob(path string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
}
