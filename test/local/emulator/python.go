package emulator

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
)

// minimumMinor is the oldest Python 3 minor version that MiniStack runs on (its package metadata: Requires-Python >=3.10).
const minimumMinor = 10

// pythonNames are tried in turn: the user's default first, then newer releases that stand beside an old default.
var pythonNames = []string{"python3", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10"}

// Python is an interpreter that can run the emulator.
type Python struct {
	Path    string // as found on PATH
	Version string // "3.11.7"
	Prefix  string // where it is installed; an environment made from it breaks when this goes away
}

// describePython prints version and installation prefix, one a line.
const describePython = `import sys
print("%d.%d.%d" % sys.version_info[:3])
print(sys.base_prefix)`

// FindPython returns the first interpreter on PATH that is new enough.
func FindPython(ctx context.Context) (Python, error) {
	var tooOld []string
	for _, name := range pythonNames {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		// A version manager's shim may be on PATH for a version that it does not have: it fails, and the next name is tried.
		out, err := exec.CommandContext(ctx, path, "-c", describePython).Output()
		if err != nil {
			continue
		}
		version, prefix, ok := parsePython(string(out))
		if !ok {
			tooOld = append(tooOld, fmt.Sprintf("%s is %s", name, version))
			continue
		}
		return Python{Path: path, Version: version, Prefix: prefix}, nil
	}
	if len(tooOld) > 0 {
		return Python{}, fmt.Errorf(
			"Python 3.%d or later is needed for the emulator, but %s: install a newer one",
			minimumMinor,
			strings.Join(tooOld, ", "),
		)
	}
	return Python{}, fmt.Errorf("Python 3.%d or later is needed for the emulator, and python3 is not on PATH: install it", minimumMinor)
}

// parsePython reads describePython's output; ok says that the version is known and new enough.
func parsePython(out string) (version, prefix string, ok bool) {
	version, prefix, _ = strings.Cut(strings.TrimSpace(out), "\n")
	major, minor, err := majorMinor(version)
	return version, prefix, err == nil && prefix != "" && (major > 3 || major == 3 && minor >= minimumMinor)
}

var errVersion = errors.New("not a version")

func majorMinor(version string) (major, minor int, err error) {
	parts := strings.Split(version, ".")
	if len(parts) < 2 {
		return 0, 0, fmt.Errorf("reading %q: %w", version, errVersion)
	}
	if major, err = strconv.Atoi(parts[0]); err != nil {
		return 0, 0, fmt.Errorf("reading %q: %w", version, errVersion)
	}
	if minor, err = strconv.Atoi(parts[1]); err != nil {
		return 0, 0, fmt.Errorf("reading %q: %w", version, errVersion)
	}
	return major, minor, nil
}
