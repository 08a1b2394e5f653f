package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
)

func buildLocal(ctx context.Context, c *controller, a artifact) error {
	fmt.Fprintln(c.stdout, a.label)
	return c.plainly(ctx, []string{"go", "build", "-C", "test/local", "-o", filepath.Join(c.root, a.file), "./cmd/local"})
}

// getTools gets the tools. What the local command prints of them is for who asks for the tools alone.
func getTools(ctx context.Context, c *controller, _ artifact) error {
	return c.tools(ctx, io.Discard)
}

// toolsCommand gets the tools and prints where they are.
func toolsCommand(ctx context.Context, c *controller, _ []string) error {
	return c.tools(ctx, c.stdout)
}

// tools gets the tools. The local command writes to stdout where they are, in one piece at its end.
func (c *controller) tools(ctx context.Context, stdout io.Writer) error {
	return c.process(ctx, process{
		directory: c.root, arguments: []string{c.built("local"), "tools", "--root", ".", "--env", c.settings.environment},
		environment: c.environ(), stdout: stdout, stderr: c.stderr,
	})
}

func startAWS(ctx context.Context, c *controller, _ artifact) error {
	if !c.emulated() {
		return nil
	}
	stderr := c.stderr
	if c.screen != nil {
		// What it prints beside its progress is for whoever looks: that the run before did not end well.
		stderr = io.MultiWriter(stderr, &lineWriter{to: noticeWriter{c.screen}})
	}
	return c.plainlyTo(ctx, c.stdout, stderr, []string{c.built("local"), "up", "--state", c.state, "--port", c.port})
}

// elapsedLine is a line of progress of the local command: what is being done, and for how long.
var elapsedLine = regexp.MustCompile(`, (\d+ min )?\d+ s(, .*)?\n$`)

// noticeWriter prints each whole line on the screen that is no progress.
type noticeWriter struct{ screen *screen }

func (w noticeWriter) Write(line []byte) (int, error) {
	if elapsedLine.Match(line) {
		return len(line), nil
	}
	return noteWriter(w).Write(line)
}

// controllerFolder is where the failover controller is built for the machine that it runs on: Lambda's, or, on the local AWS emulator,
// this one. The architecture is spelled as Lambda spells it.
func (s settings) controllerFolder() string {
	system, architecture := s.controllerPlatform()
	return ".state/make/failover/" + system + "-" + architecture
}

func (s settings) controllerPlatform() (system, architecture string) {
	system, architecture = "linux", "arm64"
	if s.emulated() {
		system, architecture = runtime.GOOS, strings.ReplaceAll(runtime.GOARCH, "amd64", "x86_64")
	}
	return system, s.value("ARCHITECTURE", architecture)
}

// buildController compiles the controller for the machine that it runs on and packs it as Lambda wants it, a zip file with the
// executable bootstrap.
func buildController(ctx context.Context, c *controller, a artifact) error {
	system, architecture := c.controllerPlatform()
	binary := c.controllerFolder() + "/bootstrap"
	err := c.labeled(ctx, a.label, failoverBuild(system, strings.ReplaceAll(architecture, "x86_64", "amd64"), binary)...)
	if err != nil {
		return err
	}
	var printed strings.Builder
	err = c.process(ctx, process{
		directory:   c.root,
		arguments:   []string{"go", "run", "github.com/aws/aws-lambda-go/cmd/build-lambda-zip", "-o", a.file, binary},
		environment: c.environ(), stdout: &printed, stderr: &printed,
	})
	if err != nil {
		return fmt.Errorf("packing the failover controller: %w\n%s", err, printed.String())
	}
	return nil
}

// failoverBuild is the call that compiles the program of the failover controller and of the operator's command line, which are one. The
// flags leave out what differs from one machine to the next, so that everybody who compiles the same sources by the same Go gets the same
// bytes: paths, the state of the version control, and build ids. C's libraries would be the machine's.
func failoverBuild(system, architecture, file string) []string {
	return []string{
		"env", "CGO_ENABLED=0", "GOOS=" + system, "GOARCH=" + architecture,
		"go", "build", "-trimpath", "-buildvcs=false", "-tags", "lambda.norpc", "-ldflags", "-s -w -buildid=", "-o", file, "./lambda/failover",
	}
}
