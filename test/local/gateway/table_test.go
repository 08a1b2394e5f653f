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

func TestEveryHandlerSaysWhatAWSDoesAndWhereThatIsWritten(t *testing.T) {
	handlers, err := newHandlers(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, handler := range handlers {
		if handler.Name == "" || names[handler.Name] {
			t.Errorf("a handler is called %q, want a name of its own", handler.Name)
		}
		names[handler.Name] = true
		if len(handler.AWS) < 40 || !strings.HasPrefix(handler.Source, "https://docs.aws.amazon.com/") {
			t.Errorf("handler %q says %q and cites %q", handler.Name, handler.AWS, handler.Source)
		}
	}
}
