//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// clone is this repository at HEAD as somebody gets it who clones it, with the environment that the commands of the README have by
// default. The machine's caches are shared: Go's, npm's, and the tools that make has built.
type clone struct {
	folder string // with a space in its path
	port   int    // which is not the default one, because somebody may use that on this machine
	// platform asks the emulator of this clone.
	platform *platform
	// environment is that of somebody's shell: none of make's variables is set, and the locale is C.
	environment []string
	toAsk       string
	destroyed   bool // with its emulator, and nothing is left
}

// newClone clones the repository. What was deployed from it, and its folder, is removed when the test ends; the folder of a test that has
// failed stays.
func newClone(t *testing.T) *clone {
	t.Helper()
	parent, err := os.MkdirTemp("", "e2e-")
	if err != nil {
		t.Fatalf("making a folder for a clone: %v", err)
	}
	c := &clone{folder: filepath.Join(parent, "first use"), port: freePort(t)}
	c.platform = &platform{name: "local", state: filepath.Join(c.folder, ".state"), port: c.port}
	if changes, err := git(t, "status", "--porcelain"); err != nil || changes != "" {
		t.Logf("what is in no commit is not tested (%v):\n%s", err, changes)
	}
	if _, err := git(t, "clone", "--quiet", ".", c.folder); err != nil {
		t.Fatalf("cloning the repository: %v", err)
	}
	if c.environment, err = userEnvironment(filepath.Join(c.folder, "Makefile")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.remove(t, parent) })
	return c
}

// exported is a variable that the Makefile exports, to every command that it runs.
var exported = regexp.MustCompile(`(?m)^export (\w+)`)

// userEnvironment is this process's environment without what the make that runs the tests has added to it.
func userEnvironment(makefile string) ([]string, error) {
	content, err := os.ReadFile(makefile)
	if err != nil {
		return nil, fmt.Errorf("finding make's variables: %w", err)
	}
	added := []string{"MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES", "LANG", "LC_ALL"}
	for _, found := range exported.FindAllStringSubmatch(string(content), -1) {
		added = append(added, found[1])
	}
	environment := slices.DeleteFunc(os.Environ(), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return slices.Contains(added, name)
	})
	return append(environment, "LANG=C", "LC_ALL=C", "COLUMNS=80"), nil
}

// command is a command that somebody types in the clone.
func (c *clone) command(ctx context.Context, name string, arguments ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, name, arguments...)
	command.Dir, command.Env = c.folder, c.environment
	// What a command has started may hold its output, as an emulator does.
	command.WaitDelay = 5 * time.Second
	return command
}

// run runs a command in the clone and returns what it prints. It fails the test if the command fails.
func (c *clone) run(t *testing.T, name string, arguments ...string) string {
	t.Helper()
	output, err := c.command(t.Context(), name, arguments...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(arguments, " "), err, output)
	}
	return string(output)
}

// report is the page of the only report whose folder has a name of the pattern.
func (c *clone) report(t *testing.T, pattern string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(c.folder, ".state", "drills", pattern, "index.html"))
	if err != nil || len(files) != 1 {
		t.Fatalf("the reports %s are %q, %v; want one", pattern, files, err)
	}
	return files[0]
}

// remove removes what was deployed, whatever state it is in, and the clone.
func (c *clone) remove(t *testing.T, parent string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), target.cleanupLimit)
	defer cancel()
	goals := []string{"heal", "destroy", "local-down"} // A region that is lost cannot be destroyed.
	if c.destroyed {
		goals = nil
	}
	for _, goal := range goals {
		if output, err := c.command(ctx, "make", goal, fmt.Sprintf("PORT=%d", c.port)).CombinedOutput(); err != nil {
			t.Errorf("make %s in %s: %v\n%s", goal, c.folder, err, output)
		}
	}
	if t.Failed() {
		t.Logf("%s stays, with the emulator's logs and what the browser has shown", c.folder)
		return
	}
	if err := os.RemoveAll(parent); err != nil {
		t.Errorf("removing the clone: %v", err)
	}
}
