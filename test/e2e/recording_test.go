//go:build e2e

package e2e

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// recordingsVariable names a folder that gets what the people of each platform, and its functions, asked for and were allowed:
// test/local/permissions/record makes the recording of it.
const recordingsVariable = "WARMSTANDBY_RECORDINGS"

// record has the emulator record calls, if that is asked for, and keeps the recording when the test ends.
func (p *platform) record(t testing.TB) {
	t.Helper()
	folder := os.Getenv(recordingsVariable)
	if folder == "" {
		return
	}
	recording := filepath.Join(p.state, "emulator", "recording.jsonl")
	err := errors.Join(os.MkdirAll(filepath.Dir(recording), 0o700), os.MkdirAll(folder, 0o755))
	if err == nil {
		err = os.WriteFile(recording, nil, 0o600)
	}
	if err != nil {
		t.Fatalf("recording the calls of %s: %v", p.name, err)
	}
	t.Cleanup(func() { // Before the state is removed.
		content, err := os.ReadFile(recording)
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, p.name+".jsonl"), content, 0o644)
		}
		if err != nil {
			t.Errorf("keeping the recording of %s: %v", p.name, err)
		}
	})
}
