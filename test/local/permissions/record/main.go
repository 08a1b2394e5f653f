// Command record makes the recording of people's and functions' calls anew, of what the end-to-end tests have recorded on the local AWS
// emulator:
//
//	go run ./permissions/record <file>.jsonl…
//
// Each file has the name of its environment. What differs from one run to the next is replaced: the account by one that AWS reserves for
// documentation, the environment by dev, and ids by made-up ones. Calls that look at something are about everything, as in the policies.
// It adds to the recording, which has calls of circumstances that tests do not bring about, and with -anew begins it anew. It fails for
// what it does not know, by name.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// recording is the file that the tests of test/local/permissions read, from that module's root.
const recording = "permissions/testdata/recorded.json"

func main() {
	anew := flag.Bool("anew", false, "forget what the recording has of earlier runs")
	flag.Parse()
	if flag.NArg() == 0 {
		fmt.Fprintln(os.Stderr, "usage: record [-anew] <file>.jsonl…, named after their environments, as make e2e leaves them")
		os.Exit(2)
	}
	if err := run(flag.Args(), recording, *anew); err != nil {
		fmt.Fprintln(os.Stderr, "record:", err)
		os.Exit(1)
	}
}

func run(files []string, to string, anew bool) error {
	var all groups
	var faults []error
	people, err := readOwners(policies)
	if err != nil {
		return err
	}
	kept, err := os.ReadFile(to)
	if err == nil && !anew {
		err = json.Unmarshal(kept, &all.all)
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("reading the recording: %w", err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return fmt.Errorf("reading a recording: %w", err)
		}
		environment := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
		for line := range bytes.Lines(content) {
			var call recorded
			if err := json.Unmarshal(line, &call); err != nil {
				return fmt.Errorf("reading a line of %s: %w", file, err)
			}
			calls, err := call.of(environment).known(people)
			if err != nil {
				faults = append(faults, fmt.Errorf("%s: %w", filepath.Base(file), err))
			}
			for _, one := range calls {
				all.add(one)
			}
		}
	}
	if err := errors.Join(faults...); err != nil {
		return err
	}
	text, err := all.text()
	if err != nil {
		return err
	}
	if err := os.WriteFile(to, text, 0o644); err != nil {
		return fmt.Errorf("writing the recording: %w", err)
	}
	return nil
}
