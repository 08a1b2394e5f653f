//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gruntwork-io/terratest/modules/logger"
	"github.com/gruntwork-io/terratest/modules/random"
	teststructure "github.com/gruntwork-io/terratest/modules/test-structure"
)

// The stages of a test. The environment variable SKIP_ with the name of a stage leaves the stage out.
const (
	deploying = "deploy"
	verifying = "verify"
	removing  = "destroy"
)

func TestMain(m *testing.M) {
	logger.Default = logger.Discard // It would log every attempt of every wait.
	// Each platform is an environment of its own, which make refuses in a shell that is set up for another.
	if err := os.Unsetenv("WARMSTANDBY_ENV"); err != nil {
		panic(err)
	}
	code := m.Run()
	code = max(code, figuresCode())
	os.Exit(code)
}

// stage runs a stage unless it is skipped. A failed stage ends the test.
func stage(t *testing.T, name string, run func()) {
	t.Helper()
	teststructure.RunTestStage(t, name, run)
}

// skipped reports whether a stage is left out.
func skipped(stage string) bool { return os.Getenv(teststructure.SkipStageEnvVarPrefix+stage) != "" }

// savedPath is the file with the platform that a test has kept.
func savedPath(t testing.TB) string {
	return filepath.Join(root, ".state", "e2e", strings.ReplaceAll(t.Name(), "/", "-")+".json")
}

// newPlatform prepares an environment, which is removed when the test ends. With SKIP_deploy it is the one that the test has
// kept, and with SKIP_destroy it is kept.
func newPlatform(t testing.TB) *platform {
	t.Helper()
	p := &platform{}
	if skipped(deploying) {
		p.load(t)
	} else {
		state, err := os.MkdirTemp("", "e2e-") // Not the test's own folder, which goes with it.
		if err != nil {
			t.Fatalf("making a folder for the state: %v", err)
		}
		// Seven characters: a suffix whose last word has six is refused.
		p.name, p.state, p.port = target.prefix+"e"+strings.ToLower(random.UniqueID()), state, freePort(t)
		if p.tempDir, err = os.MkdirTemp("", "e2e-shared-"); err != nil {
			t.Fatalf("making a folder for temporary files: %v", err)
		}
		p.admit(t)
	}
	t.Cleanup(func() {
		if skipped(removing) {
			p.save(t)
			return
		}
		p.remove(t)
	})
	return p
}

// deployed is a new platform with all stacks deployed.
func deployed(t testing.TB) *platform {
	t.Helper()
	p := withPeople(t, newPlatform(t))
	p.make(t, "up")
	return p
}

// newSibling returns a second environment on the same AWS and with the same backend. It is removed when the test ends.
func (p *platform) newSibling(t testing.TB) *platform {
	t.Helper()
	second := *p
	second.name += "-b"
	second.admit(t)
	t.Cleanup(func() { second.destroy(t) })
	return &second
}

// savedPlatform is the content of the file of a kept platform.
type savedPlatform struct {
	Name, State, Shared string
	Port                int
}

func (p *platform) save(t testing.TB) {
	t.Helper()
	content, err := json.Marshal(savedPlatform{p.name, p.state, p.tempDir, p.port})
	if err == nil {
		err = errors.Join(os.MkdirAll(filepath.Dir(savedPath(t)), 0o755), os.WriteFile(savedPath(t), content, 0o644))
	}
	if err != nil {
		t.Errorf("keeping %s: %v", p.name, err)
	}
	t.Logf("%s is kept: SKIP_deploy=1 uses it again, and removes it unless SKIP_destroy is set, too", p.name)
}

func (p *platform) load(t testing.TB) {
	t.Helper()
	var found savedPlatform
	content, err := os.ReadFile(savedPath(t))
	if err == nil {
		err = json.Unmarshal(content, &found)
	}
	if err != nil {
		t.Fatalf("SKIP_deploy is set, and %s has kept no platform (a run with SKIP_destroy does): %v", t.Name(), err)
	}
	p.name, p.state, p.tempDir, p.port = found.Name, found.State, found.Shared, found.Port
}

// destroy destroys an environment and removes its Pulumi settings.
func (p *platform) destroy(t testing.TB) {
	t.Helper()
	p.cleanUp(t, "destroy")
	p.removeSettings(t)
}

// cleanUp runs make after the test's own context has ended.
func (p *platform) cleanUp(t testing.TB, goal ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), target.cleanupLimit)
	defer cancel()
	if output, err := p.tryMake(ctx, t, goal...); err != nil {
		t.Errorf("make %s of %s: %v\n%s", strings.Join(goal, " "), p.name, err, output)
	}
}

// remove removes an environment, its emulator and its folder. The folder stays if the test has failed.
func (p *platform) remove(t testing.TB) {
	t.Helper()
	p.destroy(t)
	if target.emulator {
		p.asAdministrator().cleanUp(t, "local-down") // An emulator that a destroy has stopped renews no session.
	}
	p.checkShared(t)
	if t.Failed() {
		t.Logf("%s, with the logs of the emulator, stays", p.state)
		return
	}
	if err := errors.Join(os.RemoveAll(p.state), os.RemoveAll(p.tempDir), os.RemoveAll(savedPath(t))); err != nil {
		t.Errorf("removing the state of %s: %v", p.name, err)
	}
}

// checkShared checks that the platform has left nothing in the shared folder of temporary files.
func (p *platform) checkShared(t testing.TB) {
	t.Helper()
	entries, err := os.ReadDir(p.tempDir)
	if err != nil {
		t.Errorf("looking for temporary files: %v", err)
	}
	for _, entry := range entries {
		t.Errorf("%s is left among the temporary files of all users", entry.Name())
	}
}
