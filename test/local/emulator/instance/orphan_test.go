package instance

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
)

// TestEmulatorWhoseStateWasDeletedIsFound plays an emulator that still answers on its port.
func TestEmulatorWhoseStateWasDeletedIsFound(t *testing.T) {
	for _, test := range []struct {
		name     string
		mine     bool   // it answers with the folder that asks
		recorded int    // the gateway's process in the folder's record; 0 without a record
		orphan   string // in what is found; empty for nothing
		up       string // in the error of listening on its port
	}{
		{"its folder was deleted", true, 0, "end it with kill 4711", "end it with kill 4711"},
		{"its folder was deleted, and used again", true, 12, "end it with kill 4711", "end it with kill 4711"},
		{"its folder has its record", true, 4711, "", "(process 4711): stop it with make local-down STATE="},
		{"another folder was deleted", false, 0, "", "end it with kill 4711"},
		{"another folder has its record", false, 4711, "", "(process 4711): stop it with make local-down STATE="},
	} {
		t.Run(test.name, func(t *testing.T) {
			folder, err := NewFolder(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			of := folder
			if !test.mine {
				of = Folder(t.TempDir())
			}
			if test.recorded != 0 {
				if err := os.MkdirAll(string(of), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := of.writeRecord(Record{StateDir: string(of), GatewayPID: test.recorded}); err != nil {
					t.Fatal(err)
				}
			}
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if err := json.NewEncoder(w).Encode(Record{StateDir: string(of), GatewayPID: 4711}); err != nil {
					t.Error(err)
				}
			}))
			defer server.Close()
			address, err := url.Parse(server.URL)
			if err != nil {
				t.Fatal(err)
			}
			port, err := strconv.Atoi(address.Port())
			if err != nil {
				t.Fatal(err)
			}
			err = folder.CheckOrphan(t.Context(), port)
			if (err == nil) != (test.orphan == "") || err != nil && !strings.Contains(err.Error(), test.orphan) {
				t.Errorf("got %v, want an error with %q", err, test.orphan)
			}
			if listener, err := folder.listen(t.Context(), port); err == nil || !strings.Contains(err.Error(), test.up) {
				t.Errorf("listening gives %v, %v; want an error with %q", listener, err, test.up)
			}
		})
	}
}
