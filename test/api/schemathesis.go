// Package api holds the deployed records API to its OpenAPI document, by Schemathesis: requests that are made from the document, valid
// ones and others, one after another and in chains along its links, whose answers pass all of Schemathesis's checks.
//
// A second run goes through a proxy that spoils answers, one fault for each check: a check that does not see its fault finds nothing in
// the API either.
package api

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// Schemathesis is the tool in a virtual environment.
type Schemathesis struct {
	// Root is the repository's folder, Environment that of the virtual environment, Folder one for the run's files.
	Root, Environment, Folder string
}

// Run is what a run is to do.
type Run struct {
	// Name names the run's files.
	Name string
	// URL is where the API is, without a slash at its end, Token one that it admits.
	URL, Token string
	// Seed makes all cases: the same seed makes the same.
	Seed uint32
	// Examples is how many cases are tried of each operation besides those that cover its document, and how many chains.
	Examples int
	// Phases are Schemathesis's; all when there are none.
	Phases []string
}

// The files of the repository.
const (
	document = "lambda/app/openapi.json"
	settings = "test/api/schemathesis.toml"
)

// The exit code of a run that has found something.
const foundSomething = 1

// tokenVariable is how the settings get the token: the environment is no line in a list of processes.
const tokenVariable = "RECORDS_API_TOKEN"

// Do runs it and reads what it reports. What it prints is in a file of the folder.
func (s Schemathesis) Do(ctx context.Context, r Run) (report Report, err error) {
	events := filepath.Join(s.Folder, r.Name+".ndjson")
	output, err := os.Create(filepath.Join(s.Folder, r.Name+".log"))
	if err != nil {
		return Report{}, fmt.Errorf("making the log of Schemathesis: %w", err)
	}
	defer func() { err = errors.Join(err, output.Close()) }()
	arguments := []string{
		"--no-color", "--config-file", filepath.Join(s.Root, filepath.FromSlash(settings)), "run",
		filepath.Join(s.Root, filepath.FromSlash(document)), "--url", r.URL, "--seed", strconv.FormatUint(uint64(r.Seed), 10),
		"--max-examples", strconv.Itoa(r.Examples), "--report", "ndjson", "--report-ndjson-path", events,
	}
	if len(r.Phases) > 0 {
		arguments = append(arguments, "--phases", strings.Join(r.Phases, ","))
	}
	command := exec.CommandContext(ctx, filepath.Join(s.Environment, "bin", "schemathesis"), arguments...)
	command.Dir, command.Stdout, command.Stderr = s.Folder, output, output
	command.Env = append(os.Environ(), tokenVariable+"="+r.Token, "NO_PROXY=*")
	ended := command.Run()
	if exited := new(exec.ExitError); errors.As(ended, &exited) && exited.ExitCode() == foundSomething {
		ended = nil
	}
	if ended != nil {
		return Report{}, fmt.Errorf("running Schemathesis: %w\n%s", ended, tail(output.Name()))
	}
	lines, err := os.Open(events)
	if err != nil {
		return Report{}, fmt.Errorf("reading what Schemathesis reports: %w\n%s", err, tail(output.Name()))
	}
	defer lines.Close()
	return Read(lines)
}

// tail is the end of a file, for a message.
func tail(file string) string {
	const most = 4_000
	text, err := os.ReadFile(file)
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-most):])
}
