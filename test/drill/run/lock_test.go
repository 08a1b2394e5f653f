package run

import (
	"bytes"
	"io"
	"path/filepath"
	"strings"
	"testing"
)

func TestLock(t *testing.T) {
	t.Run("a platform has one drill at a time", func(t *testing.T) {
		drills := filepath.Join(t.TempDir(), "drills")
		release, err := acquireLock(drills)
		if err != nil {
			t.Fatal(err)
		}
		var stderr bytes.Buffer
		code := Main(t.Context(), Options{}, drills, []string{"flap"}, io.Discard, &stderr)
		if code != Usage || !strings.Contains(stderr.String(), "a drill of this platform runs") {
			t.Errorf("beside another drill the exit code is %d with %q", code, stderr.String())
		}
		other, err := acquireLock(filepath.Join(t.TempDir(), "drills"))
		if err != nil {
			t.Fatalf("a drill of another platform: %v", err)
		}
		other()
		release()
		if release, err = acquireLock(drills); err != nil {
			t.Fatalf("after the other drill: %v", err)
		}
		release()
	})
}
