package emulator

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// interpreters puts scripts that answer like interpreters on PATH, alone.
func interpreters(t *testing.T, answers map[string]string) {
	t.Helper()
	folder := t.TempDir()
	for name, answer := range answers {
		if err := os.WriteFile(filepath.Join(folder, name), []byte("#!/bin/sh\n"+answer+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", folder)
}

func TestTheFirstPythonThatIsNewEnoughIsUsed(t *testing.T) {
	for name, test := range map[string]struct {
		answers map[string]string
		want    string // version
		fault   string
	}{
		"the default is new enough": {
			map[string]string{"python3": "echo 3.11.7; echo /usr", "python3.12": "echo 3.12.1; echo /opt"}, "3.11.7", "",
		},
		"the default is too old, another not": {
			map[string]string{"python3": "echo 3.9.2; echo /usr", "python3.12": "echo 3.12.1; echo /opt"}, "3.12.1", "",
		},
		"a shim without its version": {map[string]string{"python3": "exit 127", "python3.10": "echo 3.10.0; echo /opt"}, "3.10.0", ""},
		"all too old":                {map[string]string{"python3": "echo 3.9.2; echo /usr"}, "", "python3 is 3.9.2"},
		"none":                       {nil, "", "python3 is not on PATH"},
	} {
		t.Run(name, func(t *testing.T) {
			interpreters(t, test.answers)
			python, err := FindPython(context.Background())
			if python.Version != test.want {
				t.Errorf("found %+v, %v; want version %q", python, err, test.want)
			}
			if (err != nil) != (test.fault != "") || err != nil && !strings.Contains(err.Error(), test.fault) {
				t.Errorf("says %v, want %q", err, test.fault)
			}
		})
	}
}

// FuzzParsePython holds that only a version of 3.10 or later with a prefix is accepted.
func FuzzParsePython(f *testing.F) {
	for _, seed := range []string{"3.11.7\n/usr\n", "3.9.18\n/usr", "2.7\n", "", "3.\n/", "4.0\n/usr"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, out string) {
		version, prefix, ok := parsePython(out)
		if !ok {
			return
		}
		major, minor, err := majorMinor(version)
		if err != nil || prefix == "" || major < 3 || major == 3 && minor < minimumMinor {
			t.Errorf("%q is accepted as version %q in %q", out, version, prefix)
		}
	})
}
