package emulator

import (
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"warmstandby/test/local/tools"
)

func TestStartAtATakenPort(t *testing.T) {
	cache, err := tools.CacheDir()
	if err != nil {
		t.Fatal(err)
	}
	installation, err := Install(t.Context(), cache, func(string) func() { return func() {} })
	if err != nil {
		t.Fatal(err)
	}
	// Another emulator, which answers as if it were the one that is started.
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer other.Close()
	taken := other.Listener.Addr().(*net.TCPAddr).Port
	folder := t.TempDir()
	log, err := os.Create(filepath.Join(folder, "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	found := 0
	process, err := startAt(t.Context(), Options{Installation: installation, Folder: folder, Log: log}, func() (int, error) {
		if found++; found == 1 {
			return taken, nil
		}
		return freePort()
	})
	if err != nil {
		content, _ := os.ReadFile(log.Name())
		t.Fatalf("%v\n%s", err, content)
	}
	if process.URL.Port() == strconv.Itoa(taken) || found != 2 {
		t.Errorf("the emulator is at %s after %d ports were tried, want another port than %d at the second", process.URL, found, taken)
	}
	if err := process.Stop(); err != nil {
		t.Error(err)
	}
}
