package tools

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"testing"
)

// Prerequisites name everything that is missing at once.
func TestPrerequisites(t *testing.T) {
	good := map[string]string{
		"go version": "go version go1.26.3 linux/amd64", "node --version": "v20.0.0", "python3 --version": "Python 3.10.0",
		"python3 -c import venv, ensurepip": "",
	}
	for _, c := range []struct {
		name, system string
		change       map[string]string // an answer; "absent" for no such command, "fails" for one that fails
		want         []string          // one line each
	}{
		{"a machine with the least versions has all", "linux", nil, nil},
		{
			"a machine with newer ones has all", "linux",
			map[string]string{
				"go version": "go version go1.27.0 darwin/arm64", "node --version": "v24.1.0", "python3 --version": "Python 3.14.0rc1",
			},
			nil,
		},
		{"nothing is there", "linux", map[string]string{
			"go version": "absent", "node --version": "absent", "python3 --version": "absent",
		}, []string{
			"Go is missing: 1.26.3 or newer is needed as go on PATH: https://go.dev/dl/",
			"Node.js is missing: 20 or newer is needed as node on PATH: https://nodejs.org/en/download",
			"Python is missing: 3.10 or newer is needed as python3 on PATH: apt install python3 python3-venv, or https://www.python.org/downloads/"}},
		{"two are too old", "darwin", map[string]string{"node --version": "v18.20.1", "python3 --version": "Python 3.9.18"}, []string{
			"Node.js is too old: it is 18.20.1, 20 or newer is needed: brew install node, or https://nodejs.org/en/download",
			"Python is too old: it is 3.9.18, 3.10 or newer is needed: brew install python3, or https://www.python.org/downloads/"}},
		{"Go is one patch too old", "linux", map[string]string{
			"go version": "go version go1.26.2 linux/arm64"}, []string{
			"Go is too old: it is 1.26.2, 1.26.3 or newer is needed: https://go.dev/dl/"}},
		{"Debian's Python without its venv package", "linux", map[string]string{"python3 -c import venv, ensurepip": "fails"}, []string{
			"the venv module of Python is missing: venv and ensurepip are needed: apt install python3-venv"}},
		{"a shim that has no version chosen", "linux", map[string]string{"node --version": "fails"}, []string{
			"Node.js does not run (node --version: exit status 1): 20 or newer is needed: https://nodejs.org/en/download"}},
		{"a program that says something else", "linux", map[string]string{"node --version": "hello"}, []string{
			`Node.js does not say its version (no version in "hello"): 20 or newer is needed: https://nodejs.org/en/download`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := checkPrerequisites(t.Context(), c.system, func(_ context.Context, name string, arguments ...string) (string, error) {
				call := name + " " + strings.Join(arguments, " ")
				answer, known := c.change[call]
				if !known {
					answer, known = good[call]
				}
				switch {
				case !known:
					return "", fmt.Errorf("nobody expects %q", call)
				case answer == "absent":
					return "", fmt.Errorf("looking for %s: %w", name, exec.ErrNotFound)
				case answer == "fails":
					return "", errors.New("exit status 1")
				}
				return answer, nil
			})
			var got string
			if err != nil {
				got = err.Error()
			}
			if want := strings.Join(c.want, "\n"); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// This machine has the prerequisites that its tests need.
func TestPrerequisitesOfThisMachine(t *testing.T) {
	if err := Prerequisites(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestVersionsAreFoundInWhatProgramsPrint(t *testing.T) {
	for _, c := range []struct {
		output string
		want   version
		fails  bool
	}{
		{output: "go version go1.26.8 linux/amd64\n", want: version{1, 26, 8}},
		{output: "go version devel go1.27-3aa2ee9 Mon Jan 5 2026 linux/amd64", want: version{1, 27}},
		{output: "go version go1.26rc1 linux/amd64", want: version{1, 26}},
		{output: "v20.20.2", want: version{20, 20, 2}},
		{output: "Python 3.11.7", want: version{3, 11, 7}},
		{output: "Python 3.13.0a1+", want: version{3, 13, 0}},
		{output: "20", want: version{20}},
		{output: "", fails: true},
		{output: "command not found", fails: true},
		{output: "v12345678901234567890", fails: true},
	} {
		got, err := parseVersion(c.output)
		if got != c.want || (err != nil) != c.fails {
			t.Errorf("parseVersion(%q) = %v, %v, want %v, an error: %v", c.output, got, err, c.want, c.fails)
		}
	}
}

func FuzzParseVersion(f *testing.F) {
	for _, seed := range []string{"go version go1.26.8 linux/amd64", "v20.20.2", "Python 3.11.7", "20", "v1.", "go1.2.3.4"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, output string) {
		v, err := parseVersion(output)
		if err != nil {
			return
		}
		again, err := parseVersion("v" + v.String())
		if err != nil || again != v {
			t.Errorf("parseVersion(%q) = %v, which reads back as %v, %v", output, v, again, err)
		}
		if v.before(v) || v.before(version{}) {
			t.Errorf("%v is before itself or before 0", v)
		}
	})
}

func FuzzFindChecksum(f *testing.F) {
	f.Add("00ff  ./a.tar.gz\n", "a.tar.gz")
	f.Add("00FF *a.tar.gz\n1234  b", "b")
	f.Add(" a\n\n00ff", "")
	f.Fuzz(func(t *testing.T, list, name string) {
		digest, err := findChecksum(strings.NewReader(list), name, 2)
		if err != nil {
			return
		}
		if len(digest) != 4 || strings.Trim(digest, "0123456789abcdef") != "" || !strings.Contains(strings.ToLower(list), digest) {
			t.Errorf("findChecksum(%q, %q) = %q, want two bytes of the list in lower case", list, name, digest)
		}
	})
}

func TestToolchainsAreReadFromTheirNames(t *testing.T) {
	for text, want := range map[string]Toolchain{"": Auto, "auto": Auto, "official": Official, "source": Source} {
		if got, err := ParseToolchain(text); got != want || err != nil {
			t.Errorf("ParseToolchain(%q) = %q, %v, want %q", text, got, err, want)
		}
	}
	if _, err := ParseToolchain("offical"); err == nil || !strings.Contains(err.Error(), "auto, official or source") {
		t.Errorf("a misspelt toolchain gives %v, want what is allowed", err)
	}
}
