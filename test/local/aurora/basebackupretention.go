package aurora

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// baseBackupsOf returns the complete base backups of a volume, the oldest first.
func (c serverConfig) baseBackupsOf(volume string) ([]baseBackup, error) {
	files, err := filepath.Glob(filepath.Join(escapePattern(volume), "*", backupFile))
	if err != nil {
		return nil, fmt.Errorf("listing backups: %w", err)
	}
	var known []baseBackup
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("reading a backup: %w", err)
		}
		one := baseBackup{dir: filepath.Dir(file), volume: volume}
		if err := json.Unmarshal(content, &one); err != nil {
			return nil, fmt.Errorf("reading %s: %w", file, err)
		}
		known = append(known, one)
	}
	slices.SortFunc(known, func(a, b baseBackup) int { return a.Taken.Compare(b.Taken) })
	return known, nil
}

// escapePattern escapes what has a meaning in a pattern of [filepath.Glob].
func escapePattern(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

// baseBackups returns the complete base backups of all volumes of a cluster, the oldest first.
func (c serverConfig) baseBackups() ([]baseBackup, error) {
	volumes, err := os.ReadDir(c.backupsDir())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("listing backups: %w", err)
	}
	var all []baseBackup
	for _, volume := range volumes {
		known, err := c.baseBackupsOf(filepath.Join(c.backupsDir(), volume.Name()))
		if err != nil {
			return nil, err
		}
		all = append(all, known...)
	}
	slices.SortFunc(all, func(a, b baseBackup) int { return a.Taken.Compare(b.Taken) })
	return all, nil
}

// pruneBackups removes base backups that are too many or, unless they are the last, older than the retention; 0 is no bound. It
// then removes the log that no base backup needs, and volumes that have no base backup. The caller holds backupMu.
func (c serverConfig) pruneBackups(retention time.Duration) error {
	all, err := c.baseBackups()
	if err != nil {
		return err
	}
	// A base backup is needed for all times until the next one: it goes when the next one is itself outside the retention.
	for len(all) > keptBaseBackups || retention > 0 && len(all) > 1 && time.Since(all[1].Taken) > retention {
		if err := os.RemoveAll(all[0].dir); err != nil {
			return fmt.Errorf("removing a base backup: %w", err)
		}
		all = all[1:]
	}
	oldest := map[string]string{} // the first file that is needed, by volume
	for _, one := range slices.Backward(all) {
		oldest[one.volume] = one.FirstSegment
	}
	volumes, err := os.ReadDir(c.backupsDir())
	if err != nil {
		return fmt.Errorf("listing backups: %w", err)
	}
	for _, entry := range volumes {
		volume := filepath.Join(c.backupsDir(), entry.Name())
		first, needed := oldest[volume]
		switch {
		case needed:
			err = removeLogBefore(filepath.Join(volume, walDir), first)
		case volume != c.volumeDir():
			err = os.RemoveAll(volume)
		}
		if err != nil {
			return fmt.Errorf("removing what no backup needs: %w", err)
		}
	}
	return nil
}
