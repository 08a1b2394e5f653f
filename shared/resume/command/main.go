// Command command mends a stack, in whose folder it runs. Called unblock it takes away what an engine that was killed has left in the
// way, without which Pulumi does not even select the stack; called mend, before an update, it adopts what that engine had begun to
// create. A stack that is in order it leaves alone, without a word.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"warmstandby/shared/resume"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	environment := flag.String("env", "", "the stack's name, which is the environment's")
	flag.Parse()
	if err := run(ctx, *environment, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "resuming what was cut off:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, environment string, what []string) error {
	if environment == "" {
		return fmt.Errorf("-env is missing")
	}
	switch strings.Join(what, " ") {
	case "unblock":
		return unblock(environment)
	case "mend":
		return mend(ctx, environment)
	}
	return fmt.Errorf("%q is nothing that it does: allowed unblock, mend", what)
}

// mend adopts what an engine that was killed had begun to create, and forgets what else it was about.
func mend(ctx context.Context, environment string) error {
	exported, err := pulumi(ctx, "stack", "export", "--stack", environment)
	if err != nil {
		return err
	}
	state, mended, err := resume.Mend(ctx, exported, &resume.AWS{Environment: environment})
	if err != nil || state == nil {
		return err
	}
	for _, urn := range mended.Adopted {
		fmt.Println("taking up what was being created:", urn)
	}
	for _, urn := range mended.Dropped {
		fmt.Println("forgetting what was being done:", urn)
	}
	file, err := os.CreateTemp("", "state-*.json")
	if err != nil {
		return fmt.Errorf("making a file for the state: %w", err)
	}
	defer os.Remove(file.Name())
	if _, err := file.Write(state); err != nil {
		return fmt.Errorf("writing the state: %w", err)
	}
	if err := file.Close(); err != nil {
		return fmt.Errorf("writing the state: %w", err)
	}
	if _, err := pulumi(ctx, "stack", "import", "--stack", environment, "--file", file.Name()); err != nil {
		return err
	}
	// What was taken up has an id and nothing else.
	_, err = pulumi(ctx, "refresh", "--yes", "--skip-preview", "--non-interactive", "--stack", environment)
	return err
}

// unblock removes the files that an engine which was killed has left in the way.
func unblock(environment string) error {
	folder, err := os.Getwd()
	if err != nil {
		return fmt.Errorf("finding the stack's folder: %w", err)
	}
	broken, err := resume.Backend{URL: os.Getenv("PULUMI_BACKEND_URL"), Project: filepath.Base(folder), Stack: environment}.Broken()
	if err != nil {
		return err
	}
	for _, file := range broken {
		fmt.Println("removing what an engine that was killed has left:", file)
		if err := os.Remove(file); err != nil {
			return fmt.Errorf("removing what is broken: %w", err)
		}
	}
	return nil
}

// pulumi returns what a command prints.
func pulumi(ctx context.Context, arguments ...string) ([]byte, error) {
	command := exec.CommandContext(ctx, "pulumi", arguments...)
	var output, faults bytes.Buffer
	command.Stdout, command.Stderr = &output, &faults
	if err := command.Run(); err != nil {
		return nil, fmt.Errorf("pulumi %s: %w\n%s%s", strings.Join(arguments, " "), err, output.Bytes(), faults.Bytes())
	}
	return output.Bytes(), nil
}
