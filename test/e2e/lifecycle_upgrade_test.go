//go:build e2e

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gruntwork-io/terratest/modules/logger"
	"github.com/gruntwork-io/terratest/modules/shell"

	"warmstandby/test/e2e/stateful"
)

// reviewed are the replacements and deletions in this change that its reviewers permit. Entries are removed with the next
// change.
var reviewed = []stateful.Exception{}

// TestLifecycleUpgrade deploys the previous commit and upgrades to this one.
func TestLifecycleUpgrade(t *testing.T) {
	t.Parallel()
	older := checkOutCommit(t, previousCommit(t))
	p := newPlatform(t)
	p.make(t, "-C", older, "up")
	for _, stack := range stacks {
		if !t.Run("up of "+stack+" from the commit before keeps what holds something", func(t *testing.T) {
			preview := p.make(t, "preview", "STACK="+stack, "PULUMI_FLAGS=--json")
			losses, err := stateful.Find([]byte(preview), reviewed)
			if err != nil {
				t.Fatalf("%v\n%s", err, preview)
			}
			for _, loss := range losses {
				t.Errorf("%s; a review may allow it in this test's table", loss)
			}
			if !t.Failed() {
				p.make(t, "up", "STACK="+stack)
			}
		}) {
			return // The next stacks read this one's outputs.
		}
	}
	t.Run("the platform that was brought up to date serves", func(t *testing.T) {
		for _, s := range p.services(t) {
			s.await(t, 200, "GET", "/healthz")
		}
	})
}

// previousCommit returns the newest commit before HEAD that changed what is deployed. It needs a clone with that commit:
// neither a clone of depth 1 nor a copy without git has it.
func previousCommit(t *testing.T) string {
	t.Helper()
	commit, err := git(t, "rev-list", "-1", "HEAD~1", "--", "stacks", "shared", "lambda", "go.mod")
	if err != nil || commit == "" {
		t.Fatalf("finding the commit before HEAD that changed what is deployed: %v (in a shallow clone: git fetch --unshallow)", err)
	}
	return commit
}

// checkOutCommit returns a folder with the repository at a commit, but with today's emulator and tools, which are built.
func checkOutCommit(t *testing.T, commit string) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "repository")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatalf("making a folder for commit %s: %v", commit, err)
	}
	copied, err := shell.RunCommandContextAndGetOutputE(t, t.Context(), &shell.Command{
		Command: "bash", WorkingDir: root, Logger: logger.Discard, Args: []string{"-eu", "-o", "pipefail", "-c",
			`git archive "$1" | tar -x -C "$2"; rm -rf "$2/test/local"; cp -Rp test/local "$2/test/local"
			 mkdir -p "$2/.state/make"; cp -p .state/make/local "$2/.state/make/local"`, "bash", commit, folder},
	})
	if err != nil {
		t.Fatalf("checking out commit %s: %v\n%s", commit, err, copied)
	}
	return folder
}

// git returns the output of a git command without its line end.
func git(t *testing.T, arguments ...string) (string, error) {
	t.Helper()
	output, err := shell.RunCommandContextAndGetStdOutE(t, t.Context(), &shell.Command{
		Command: "git", Args: arguments, WorkingDir: root, Logger: logger.Discard,
	})
	return strings.TrimSpace(output), err
}
