package emulator

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func silent(string) func() { return func() {} }

// fakePython is a python3 whose venv module makes an environment with a pip that fails on request.
const fakePython = `if [ "$1" = -c ]; then echo 3.11.7; echo /usr; exit; fi
mkdir -p "$3/bin"
printf '#!/bin/sh\n[ ! -e "$0.broken" ] || { echo no matching distribution >&2; exit 1; }\necho installed >>"%s"\n' "$INSTALLS" >"$3/bin/python"
chmod +x "$3/bin/python"
[ -z "$BROKEN" ] || : >"$3/bin/python.broken"`

func TestAnInstallationIsMadeOnce(t *testing.T) {
	path := os.Getenv("PATH")
	interpreters(t, map[string]string{"python3": fakePython})
	t.Setenv("PATH", os.Getenv("PATH")+":"+path)
	cache, installs := t.TempDir(), filepath.Join(t.TempDir(), "installs")
	t.Setenv("INSTALLS", installs)
	count := func() int {
		content, err := os.ReadFile(installs)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		return strings.Count(string(content), "installed")
	}

	t.Setenv("BROKEN", "yes")
	if _, err := Install(t.Context(), cache, silent); err == nil || !strings.Contains(err.Error(), "no matching distribution") {
		t.Fatalf("a failing installation says %v, want pip's reason", err)
	}
	t.Setenv("BROKEN", "")
	installed, err := Install(t.Context(), cache, silent)
	if err != nil {
		t.Fatalf("after a failed installation: %v", err)
	}
	for _, file := range []string{installed.Python, installed.Launcher} {
		if _, err := os.Stat(file); err != nil {
			t.Errorf("the installation lacks a file: %v", err)
		}
	}
	if _, err := Install(t.Context(), cache, silent); err != nil || count() != 1 {
		t.Errorf("the second installation: %v, pip ran %d times; want once", err, count())
	}
	if err := os.Remove(filepath.Join(filepath.Dir(installed.Launcher), readyMarker)); err != nil {
		t.Fatal(err)
	}
	if _, err := Install(t.Context(), cache, silent); err != nil || count() != 2 {
		t.Errorf("without its marker: %v, pip ran %d times; want a new installation", err, count())
	}
}

func TestEveryRequirementIsPinnedWithAHash(t *testing.T) {
	pin := regexp.MustCompile(`^([a-z0-9._-]+)==([0-9a-z.]+)( ; [^\\]+)? \\\n`)
	hash := regexp.MustCompile(`^    --hash=sha256:[0-9a-f]{64}( \\)?\n`)
	versions, hashes := map[string]string{}, 0
	requirements, err := pinned.ReadFile("requirements.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(requirements)) {
		switch found := pin.FindStringSubmatch(line); {
		case strings.HasPrefix(line, "#"):
		case found != nil:
			if len(versions) > 0 && hashes == 0 {
				t.Errorf("the entry before %s has no hash", found[1])
			}
			versions[found[1]], hashes = found[2], 0
		case hash.MatchString(line):
			hashes++
		default:
			t.Errorf("neither a pin nor a hash: %q", line)
		}
	}
	if versions["ministack"] != Version || versions["cbor2"] == "" || hashes == 0 {
		t.Errorf("pinned are %v; want MiniStack %s, cbor2, and hashes", versions, Version)
	}
}

func TestAnInstallationsKeyFollowsItsInterpreter(t *testing.T) {
	key := func(python Python) string {
		key, err := installationKey(python)
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	base := key(Python{Path: "/a", Version: "3.11.7", Prefix: "/usr"})
	if key(Python{Path: "/b", Version: "3.11.7", Prefix: "/usr"}) != base {
		t.Error("the same interpreter under another name has another key")
	}
	for _, other := range []Python{{Version: "3.11.8", Prefix: "/usr"}, {Version: "3.11.7", Prefix: "/opt"}} {
		if key(other) == base {
			t.Errorf("%+v has the key of another interpreter", other)
		}
	}
}

func TestTheEmulatorSeesNothingOfTheUsersEnvironment(t *testing.T) {
	for _, name := range []string{"AWS_SECRET_ACCESS_KEY", "HTTP_PROXY", "PULUMI_CONFIG_PASSPHRASE", "PYTHONPATH"} {
		t.Setenv(name, "users-own")
	}
	env, err := environment(Options{
		Folder: "/state", Endpoint: "http://127.0.0.1:4566", CA: "/state/ca.pem", Faults: "/state/faults.json",
		NameServers: map[string]string{"us-east-1": "127.0.0.1:53"},
	}, 1234)
	if err != nil {
		t.Fatal(err)
	}
	for _, setting := range env {
		if strings.Contains(setting, "users-own") {
			t.Errorf("%s is passed on", setting)
		}
		if strings.HasPrefix(setting, "SSL_CERT_FILE=") {
			t.Errorf("%s would replace the authorities that functions know", setting)
		}
	}
	for _, want := range []string{"BIND_HOST=127.0.0.1", "GATEWAY_PORT=1234", "AWS_ENDPOINT_URL=http://127.0.0.1:4566", "PERSIST_STATE=1",
		"NODE_EXTRA_CA_CERTS=/state/ca.pem", "FAULTS=/state/faults.json",
		"HTTP_PROXY=http://127.0.0.1:4566", "NO_PROXY=127.0.0.1,localhost"} {
		if !slices.Contains(env, want) {
			t.Errorf("%s is missing in %q", want, env)
		}
	}
}
