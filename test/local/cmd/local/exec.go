package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"warmstandby/test/local/progress"
)

const (
	// outputGrace is how long the output of a command that has ended is still read, when something it left running holds it.
	outputGrace = 2 * time.Second
	// signalBase is what a shell adds to the number of the signal that ended a command, to make its exit code.
	signalBase = 128
)

// exitStatus is the exit code of a command that was run and has printed itself what was wrong.
type exitStatus int

func (s exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// runExec runs a command, passes on its output, signals and exit code, and shows the elapsed time while it is silent. The
// command's output is read through a pipe: it sees no terminal.
func runExec(_ context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("exec", flag.ContinueOnError)
	flags.SetOutput(stderr)
	label := flags.String("label", "", "what is being done (default the command's name)")
	if err := flags.Parse(args); err != nil {
		return errUsage
	}
	if flags.NArg() == 0 {
		fmt.Fprintln(stderr, "usage: local exec [--label text] -- command [arguments]")
		return errUsage
	}
	if *label == "" {
		*label = flags.Arg(0)
	}
	return supervise(exec.Command(flags.Arg(0), flags.Args()[1:]...), *label, stdout, stderr)
}

// supervise runs the command to its own end: signals are passed on to it, and it is not killed.
func supervise(command *exec.Cmd, label string, stdout, stderr io.Writer) error {
	line := progress.New(stderr, label, nil)
	defer line.Stop()
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, line.Writer(stdout), line.Writer(stderr)
	command.WaitDelay = outputGrace
	signals := make(chan os.Signal, 8) // more than a person sends while the command starts
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)
	if err := command.Start(); err != nil {
		return fmt.Errorf("starting the command: %w", err)
	}
	ended := make(chan struct{})
	defer close(ended)
	go forward(signals, command.Process, ended)
	err := command.Wait()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
			return exitStatus(signalBase + int(status.Signal()))
		}
		return exitStatus(exit.ExitCode())
	case errors.Is(err, exec.ErrWaitDelay):
		return nil
	case err != nil:
		return fmt.Errorf("passing on the command's output: %w", err)
	}
	return nil
}

// forward passes signals on to the process. Ctrl-C is left out on a terminal, which sends it to the command as well: twice
// means "at once" to Pulumi, which then leaves its work half done. A process that has ended meanwhile cannot be signalled,
// and need not be.
func forward(signals <-chan os.Signal, process *os.Process, ended <-chan struct{}) {
	for {
		select {
		case <-ended:
			return
		case s := <-signals:
			if s != os.Interrupt || !progress.Foreground() {
				_ = process.Signal(s)
			}
		}
	}
}
