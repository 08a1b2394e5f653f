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

// The stages of a platform's life. SKIP_ and the stage's name, set in the environment, leaves it out.
const (
	deploying = "deploy"
	verifying = "verify"
	removing  = "destroy"
)

func TestMain(m *testing.M) {
	logger.Default = logger.Discard // Which otherwise tells of every wait, once a try.
	// Each platform is an environment of its own. A shell that was set up for another would have make refuse it.
	if err := os.Unsetenv("WARMSTANDBY_ENV"); err != nil {
		panic(err)
	}
	code := m.Run()
	code = max(code, figuresCode())
	os.Exit(code)
}

// stage runs one, unless it is to be left out. A stage that fails ends the test.
func stage(t *testing.T, name string, run func()) {
	t.Helper()
	teststructure.RunTestStage(t, name, run)
}

// skipped says whether a run is to leave a stage out.
func skipped(stage string) bool { return os.Getenv(teststructure.SkipStageEnvVarPrefix+stage) != "" }

// savedPath is the file in which a test keeps the platform that a run left standing.
func savedPath(t testing.TB) string {
	return filepath.Join(root, ".state", "e2e", strings.ReplaceAll(t.Name(), "/", "-")+".json")
}

// newPlatform prepares an environment whose remains are removed when the test ends, however it ends. With SKIP_deploy it is the
// one that the test's last run kept, and with SKIP_destroy it is kept.
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
		p.name, p.state, p.port = target.prefix+strings.ToLower(random.UniqueID()), state, freePort(t)
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

// deployed is a new platform of which all stacks are up.
func deployed(t testing.TB) *platform {
	t.Helper()
	p := newPlatform(t)
	p.make(t, "up")
	return p
}

// newSibling returns a second environment on the same AWS, with the same backend, which is removed when the test ends, too.
func (p *platform) newSibling(t testing.TB) *platform {
	t.Helper()
	second := *p
	second.name += "-b"
	second.admit(t)
	t.Cleanup(func() { second.destroy(t) })
	return &second
}

// savedPlatform is a platform in its file.
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
	t.Logf("%s stands: SKIP_deploy=1 takes it up again; without SKIP_destroy it is removed then", p.name)
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

// destroy removes an environment, and the files in which Pulumi keeps what it set for it.
func (p *platform) destroy(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), target.cleanupLimit)
	defer cancel()
	if output, err := p.tryMake(ctx, t, "destroy"); err != nil {
		t.Errorf("destroying %s: %v\n%s", p.name, err, output)
	}
	p.removeSettings(t)
}

// remove removes an environment, its emulator and its folder, which stays when something is left in it.
func (p *platform) remove(t testing.TB) {
	t.Helper()
	p.destroy(t)
	if target.emulator {
		ctx, cancel := context.WithTimeout(context.Background(), target.cleanupLimit)
		defer cancel()
		if output, err := p.tryMake(ctx, t, "local-down"); err != nil {
			t.Errorf("stopping the emulator of %s: %v\n%s", p.name, err, output)
		}
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

// checkShared looks for what the platform has left in the folder of temporary files that all users have in common.
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
