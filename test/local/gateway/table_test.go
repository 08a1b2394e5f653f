package gateway

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestATableThatCannotBeReadIsNotTakenForEmpty(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "gateway", "peering-options.json")
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(`{"pcx-1":`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := New(Options{Folder: folder}); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("New says %v, want an error that names %s", err, path)
	}
}

func TestEveryGapSaysWhatAWSDoesAndWhereThatIsWritten(t *testing.T) {
	gaps, err := newGaps(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, gap := range gaps {
		if gap.Name == "" || names[gap.Name] {
			t.Errorf("a gap is called %q, want a name of its own", gap.Name)
		}
		names[gap.Name] = true
		if len(gap.AWS) < 40 || !strings.HasPrefix(gap.Source, "https://docs.aws.amazon.com/") {
			t.Errorf("gap %q says %q and cites %q", gap.Name, gap.AWS, gap.Source)
		}
	}
}
