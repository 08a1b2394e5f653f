package gateway

import (
	"encoding/json"
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

// Every handler says what AWS does and where that is written.
func TestHandlerSources(t *testing.T) {
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

// A release opens the state folders of those before it: whoever renames a field renames a key of a table.
func TestTheKeysOfTheTablesStay(t *testing.T) {
	for row, want := range map[any]string{
		&databaseFields{}:    `{"Exports":null,"Values":null}`,
		&flowLogFields{}:     `{"Role":"","Group":"","Format":"","Interval":0}`,
		&peeringOptions{}:    `{"Requester":false,"Accepter":false}`,
		&prefixListRule{}:    `{"List":"","Description":""}`,
		&vpcEndpointFields{}: `{"PrivateDNS":false,"Groups":null,"Policy":""}`,
	} {
		if got, err := json.Marshal(row); err != nil || string(got) != want {
			t.Errorf("%T is kept as %s, %v; want %s", row, got, err, want)
		}
	}
}

func TestTheFilesOfTheTablesStay(t *testing.T) {
	for _, name := range []string{"databases", "event-bus-policies", "flow-logs", "peering-options", "prefix-list-rules", "vpc-endpoints"} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			if err := os.WriteFile(filepath.Join(folder, name+".json"), []byte("no JSON"), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := newHandlers(folder); err == nil || !strings.Contains(err.Error(), name+".json") {
				t.Errorf("a broken %s.json is answered %v: no handler reads it", name, err)
			}
		})
	}
}
