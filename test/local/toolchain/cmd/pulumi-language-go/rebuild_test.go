package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// programs lists the built programs in PULUMI_HOME.
func programs(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(os.Getenv("PULUMI_HOME"), "programs", "*"))
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(files, func(file string) bool { return strings.HasSuffix(file, ".lock") })
}

// built returns the only one of them.
func built(t *testing.T) (string, os.FileInfo) {
	t.Helper()
	files := programs(t)
	if len(files) != 1 {
		t.Fatalf("PULUMI_HOME has the programs %v, want one", files)
	}
	info, err := os.Stat(files[0])
	if err != nil {
		t.Fatal(err)
	}
	return files[0], info
}

// The Go command renews the time of a binary that it finds unchanged, but leaves the file; a linked one is a new file.
func TestAnUnchangedProgramIsNotLinkedAgain(t *testing.T) {
	host := newHost(t)
	dir := newProgram(t, probe)
	reported(t, host, request(dir))
	binary, first := built(t)
	// A second name for the file, so that its number is not given to a new one.
	if err := os.Link(binary, filepath.Join(t.TempDir(), "kept")); err != nil {
		t.Fatal(err)
	}
	reported(t, host, request(dir))
	if _, again := built(t); !os.SameFile(first, again) {
		t.Error("the second run linked the program again")
	}
	write(t, filepath.Join(dir, "main.go"), strings.Replace(probe, `"first"`, `"second"`, 1))
	if got := reported(t, host, request(dir))["edition"]; got != "second" {
		t.Errorf("after a change the %s edition ran, want the second", got)
	}
	if _, changed := built(t); os.SameFile(first, changed) {
		t.Error("the changed program is in the file of the old one, which may still run")
	}
}

func TestOneProgramRunsTwiceAtOnce(t *testing.T) {
	host := newHost(t)
	dir := newProgram(t, probe)
	results := make(chan string, 2)
	var both sync.WaitGroup
	for _, code := range []string{"32", "0"} {
		both.Go(func() {
			response, err := host.Run(t.Context(), request(dir, "exit", code))
			switch {
			case err != nil:
				results <- err.Error()
			case response.GetError() != "" || response.GetBail() != (code == "32"):
				results <- code + ": " + response.String()
			}
		})
	}
	both.Wait()
	close(results)
	for fault := range results {
		t.Error(fault)
	}
	built(t)
}

func TestProgramsInFoldersOfTheSameNameAreKeptApart(t *testing.T) {
	host := newHost(t)
	folders := []string{newProgram(t, probe), newProgram(t, strings.Replace(probe, `"first"`, `"second"`, 1))}
	for i, want := range []string{"first", "second"} {
		if got := reported(t, host, request(folders[i]))["edition"]; got != want {
			t.Errorf("in %s the %s edition ran, want the %s", folders[i], got, want)
		}
	}
	if files := programs(t); len(files) != len(folders) {
		t.Errorf("PULUMI_HOME has the programs %v, want one a folder: else each run links anew", files)
	}
}
