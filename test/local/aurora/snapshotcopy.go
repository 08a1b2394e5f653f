package aurora

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// CreateSnapshot takes a snapshot of a DB cluster, a manual one unless s says otherwise, with the attributes that s has, and returns it.
// AWS: Amazon RDS API Reference, CreateDBClusterSnapshot.
func (mgr *Manager) CreateSnapshot(ctx context.Context, s Snapshot) (Snapshot, error) {
	if err := checkSnapshotName(s); err != nil {
		return s, err
	}
	mgr.stateMu.Lock()
	id := ID{Region: s.Region, Cluster: s.Cluster}
	m := mgr.state.Members[id.String()]
	if m == nil {
		mgr.stateMu.Unlock()
		return s, fmt.Errorf("DB cluster %s: %w", id, ErrNoCluster)
	}
	config, running, hasData := mgr.serverConfig(m), mgr.servers[id], m.HasData
	mgr.stateMu.Unlock()
	if !hasData {
		return s, fmt.Errorf("DB cluster %s: %w", id, ErrNoVolume)
	}
	s.Type = cmp.Or(s.Type, ManualSnapshot)
	return mgr.writeSnapshot(s, func(target string) (time.Time, error) {
		if running != nil && running.runs() {
			return running.snapshotRunning(ctx, target)
		}
		return config.snapshotStopped(ctx, target)
	})
}

// writeSnapshot creates a snapshot's folder, which write fills. It is there whole or not at all.
func (mgr *Manager) writeSnapshot(s Snapshot, write func(target string) (taken time.Time, err error)) (Snapshot, error) {
	mgr.backupMu.Lock()
	defer mgr.backupMu.Unlock()
	final := mgr.snapshotDir(s.Region, s.Name)
	if _, err := os.Stat(final); err == nil {
		return s, fmt.Errorf("snapshot %s in %s: %w", s.Name, s.Region, ErrSnapshotExists)
	}
	if err := os.MkdirAll(filepath.Dir(final), 0o755); err != nil {
		return s, fmt.Errorf("making the folder of snapshots: %w", err)
	}
	target := final + unfinishedSuffix
	if err := errors.Join(mgr.serverUser.replaceDir(target), mgr.serverUser.replaceDir(filepath.Join(target, walDir))); err != nil {
		return s, err
	}
	var err error
	if s.Created, err = write(target); err != nil {
		return s, errors.Join(fmt.Errorf("taking snapshot %s: %w", s.Name, err), os.RemoveAll(target))
	}
	content, err := json.Marshal(s)
	if err == nil {
		err = mgr.serverUser.writeFile(filepath.Join(target, snapshotFile), content)
	}
	if err == nil {
		err = os.Rename(target, final)
	}
	if err != nil {
		return s, errors.Join(fmt.Errorf("writing snapshot %s: %w", s.Name, err), os.RemoveAll(target))
	}
	return s, nil
}

// snapshotRunning copies a running server's data with the log that makes the copy consistent.
func (c serverConfig) snapshotRunning(ctx context.Context, target string) (time.Time, error) {
	if err := c.copyRunning(ctx, filepath.Join(target, "copy")); err != nil {
		return time.Time{}, err
	}
	known, err := c.baseBackupsOf(target)
	if err != nil || len(known) != 1 {
		return time.Time{}, errors.Join(errors.New("the copy has no description"), err)
	}
	if err := c.linkLog(filepath.Join(c.dataDir(), "pg_wal"), filepath.Join(target, walDir), true); err != nil {
		return time.Time{}, err
	}
	archive := filepath.Join(c.volumeDir(), walDir)
	if err := c.linkLog(archive, filepath.Join(target, walDir), false); err != nil {
		return time.Time{}, err
	}
	if err := removeLogBefore(filepath.Join(target, walDir), known[0].FirstSegment); err != nil {
		return time.Time{}, err
	}
	return known[0].Taken, errors.Join(
		os.Rename(filepath.Join(target, "copy", baseDir), filepath.Join(target, baseDir)), os.RemoveAll(filepath.Join(target, "copy")),
	)
}

// snapshotStopped copies the data of a server that does not run. Its log has all that its files lack.
func (c serverConfig) snapshotStopped(ctx context.Context, target string) (time.Time, error) {
	if err := c.user.replaceDir(filepath.Join(target, baseDir)); err != nil {
		return time.Time{}, err
	}
	if err := c.copyTreeTo(ctx, c.dataDir(), filepath.Join(target, baseDir)); err != nil {
		return time.Time{}, err
	}
	return time.Now().UTC(), c.linkLog(filepath.Join(c.dataDir(), "pg_wal"), filepath.Join(target, walDir), true)
}

// CopySnapshot makes a snapshot, a manual one unless it says otherwise, of another one, which may be automated and of another region.
// AWS: Amazon RDS API Reference, CopyDBClusterSnapshot.
func (mgr *Manager) CopySnapshot(ctx context.Context, from, to Snapshot) (Snapshot, error) {
	if err := checkSnapshotName(to); err != nil {
		return to, err
	}
	known, err := mgr.Snapshot(from.Region, from.Name)
	if err != nil {
		return to, err
	}
	to.Cluster, to.Type = known.Cluster, cmp.Or(to.Type, ManualSnapshot)
	if to.Attributes == nil {
		to.Attributes = known.Attributes
	}
	return mgr.writeSnapshot(to, func(target string) (time.Time, error) {
		config := serverConfig{user: mgr.serverUser}
		if err := config.linkTree(ctx, known.origin.data, filepath.Join(target, baseDir)); err != nil {
			return time.Time{}, err
		}
		return time.Now().UTC(), known.origin.collectLog(config, filepath.Join(target, walDir))
	})
}

// linkTree makes a second tree of the same files: nothing writes to the files of a snapshot or a base backup.
func (c serverConfig) linkTree(ctx context.Context, from, to string) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
		relative, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, relative)
		if entry.IsDir() {
			return c.user.replaceDir(target)
		}
		return os.Link(path, target)
	})
}
