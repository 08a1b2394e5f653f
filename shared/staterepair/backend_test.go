package staterepair

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// kept makes a backend's files, by their paths, and returns its address.
func kept(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for path, content := range files {
		file := filepath.Join(root, ".pulumi", path)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return "file://" + root
}

// gone is the id of a process that has ended.
func gone(t *testing.T) int {
	t.Helper()
	short := exec.Command("true")
	if err := short.Run(); err != nil {
		t.Fatal(err)
	}
	return short.Process.Pid
}

func TestOnlyWhatAKilledEngineLeavesIsBroken(t *testing.T) {
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	lock := func(pid int, host string) string {
		return fmt.Sprintf(`{"pid": %d, "username": "u", "hostname": %q}`, pid, host)
	}
	const locks = "locks/organization/data-global/dev/"
	address := kept(t, map[string]string{
		locks + "dead.json":                       lock(gone(t), host),
		locks + "dead.json.attrs":                 "{}",
		locks + "alive.json":                      lock(os.Getpid(), host),
		locks + "elsewhere.json":                  lock(gone(t), host+"-2"),
		locks + "nobody.json":                     lock(0, host),
		"locks/organization/other/dev/d.json":     lock(gone(t), host),
		"locks/organization/data-global/b/d.json": lock(gone(t), host),
		"stacks/data-global/dev.json":             "{}",
		"stacks/data-global/dev.json.attrs":       "",
		"stacks/data-global/b.json.attrs":         "",
		"stacks/data-global/dev.json.bak.attrs":   "",
		"history/data-global/dev/1.attrs":         "",
		"history/data-global/dev/2.attrs":         "{}",
		"history/data-global/dev/1":               "",
	})
	broken, err := Backend{address, "data-global", "dev"}.Broken()
	if err != nil {
		t.Fatal(err)
	}
	root := strings.TrimPrefix(address, "file://") + "/.pulumi/"
	for i := range broken {
		broken[i] = strings.TrimPrefix(broken[i], root)
	}
	slices.Sort(broken)
	if want := []string{
		"history/data-global/dev/1.attrs",
		locks + "dead.json",
		"stacks/data-global/dev.json.attrs",
	}; !slices.Equal(
		broken,
		want,
	) {
		t.Errorf("broken are %q, want %q", broken, want)
	}
}

func TestNothingIsTakenFromABackendOfOtherMachines(t *testing.T) {
	for _, address := range []string{"s3://states?region=us-west-2", "https://api.pulumi.com", ""} {
		if broken, err := (Backend{address, "data-global", "dev"}).Broken(); err != nil || len(broken) > 0 {
			t.Errorf("%q: %q, %v, want nothing", address, broken, err)
		}
	}
}

func TestALockThatCannotBeReadStays(t *testing.T) {
	address := kept(t, map[string]string{"locks/organization/data-global/dev/half.json": `{"pid":`})
	if broken, err := (Backend{address, "data-global", "dev"}).Broken(); err == nil || !strings.Contains(err.Error(), "half.json") {
		t.Errorf("%q, %v, want an error that names the lock", broken, err)
	}
}
