package tools

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// manifestName is the file that marks a tools folder as complete. It is written last, before the rename.
const manifestName = "manifest.json"

// manifest holds the size in bytes of every binary, by its path in the folder. Sizes are checked on each call, in
// microseconds; they tell of a deleted or truncated file, not of one that somebody changed on purpose.
type manifest map[string]int64

// seal writes the manifest of a folder that has every binary of the groups.
func seal(dir string, of []group) error {
	m := manifest{}
	for _, b := range binariesOf(of) {
		info, err := os.Lstat(filepath.Join(dir, b.path()))
		if err != nil {
			return err
		}
		m[b.path()] = info.Size()
	}
	content, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, manifestName), content, 0o644)
}

// complete returns nil when the folder has a manifest and every binary of the groups is as the manifest says.
func complete(dir string, of []group) error {
	content, err := os.ReadFile(filepath.Join(dir, manifestName))
	if err != nil {
		return err
	}
	var m manifest
	if err := json.Unmarshal(content, &m); err != nil {
		return fmt.Errorf("reading %s: %w", manifestName, err)
	}
	for _, b := range binariesOf(of) {
		info, err := os.Lstat(filepath.Join(dir, b.path()))
		if err != nil {
			return err
		}
		size, known := m[b.path()]
		if !known || !info.Mode().IsRegular() || info.Size() != size || info.Mode()&0o111 == 0 {
			return fmt.Errorf("%s is not as it was installed", b.path())
		}
	}
	return nil
}

// verify runs the CLI, if it is among the groups: it must start on this machine and be of the pinned version, or the
// Automation API refuses it. home is a folder for what it writes.
func verify(ctx context.Context, dir string, of []group, home string) error {
	if !slices.Contains(of, cli) {
		return nil
	}
	command := exec.CommandContext(ctx, filepath.Join(dir, "bin", "pulumi"), "version")
	command.Env = append(os.Environ(), "PULUMI_SKIP_UPDATE_CHECK=true", "PULUMI_HOME="+home)
	output, err := command.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return fmt.Errorf("running pulumi version: %w: %s", err, strings.TrimSpace(string(exit.Stderr)))
		}
		return fmt.Errorf("running pulumi version: %w", err)
	}
	if got := strings.TrimSpace(string(output)); got != PulumiVersion {
		return fmt.Errorf("pulumi version answers %q, not %q", got, PulumiVersion)
	}
	return nil
}
