package aurora

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// origin is where a restored cluster's data comes from: a copy of a data directory, and the log to recover it with.
type origin struct {
	data      string
	logs      []string // folders of archived log
	live      string   // the log of a data directory in use, whose files may still be written to; "" for none
	from      string   // the first file of the log that is needed; "" for all
	immediate bool     // recover no further than to a consistent state
	until     time.Time
}

// originOf returns a base backup as an origin. The log of the volume in use is completed from its data directory.
func (c serverConfig) originOf(one baseBackup) (origin, error) {
	from := origin{
		data: filepath.Join(one.dir, baseDir), logs: []string{filepath.Join(one.volume, walDir)}, from: one.FirstSegment,
	}
	if one.volume == c.volumeDir() {
		from.live = filepath.Join(c.dataDir(), "pg_wal")
	}
	return from, nil
}

// collectLog brings the origin's log into a folder.
func (o origin) collectLog(c serverConfig, to string) error {
	// The live log first: a file that is archived meanwhile is in both, and one that is archived and removed is in the archive.
	if o.live != "" {
		if err := c.linkLog(o.live, to, true); err != nil {
			return err
		}
	}
	for _, log := range o.logs {
		if err := c.linkLog(log, to, false); err != nil {
			return err
		}
	}
	if o.from == "" {
		return nil
	}
	return removeLogBefore(to, o.from)
}

// RestorableWindow returns between which times a DB cluster can be restored; ok is false for one without data. AWS: Amazon
// Aurora User Guide, "Restoring a DB cluster to a specified time": EarliestRestorableTime and LatestRestorableTime.
func (mgr *Manager) RestorableWindow(id ID) (earliest, latest time.Time, ok bool, err error) {
	mgr.stateMu.Lock()
	m := mgr.state.Members[id.String()]
	if m == nil || !m.HasData {
		mgr.stateMu.Unlock()
		return time.Time{}, time.Time{}, false, nil
	}
	config := mgr.serverConfig(m)
	latest = time.Now().UTC()
	if caughtUp, known := mgr.caughtUpAt[id]; known && !m.Writer {
		latest = caughtUp.UTC() // what a secondary has not received cannot be restored from it
	}
	mgr.stateMu.Unlock()
	known, err := config.baseBackups()
	if err != nil || len(known) == 0 {
		return time.Time{}, time.Time{}, false, err
	}
	return known[0].Taken, latest, !latest.Before(known[0].Taken), nil
}

// originAt chooses the last base backup that was complete at a time.
func (c serverConfig) originAt(until time.Time) (origin, error) {
	known, err := c.baseBackups()
	if err != nil {
		return origin{}, err
	}
	if !until.IsZero() {
		known = slices.DeleteFunc(known, func(one baseBackup) bool { return one.Taken.After(until) })
	}
	if len(known) == 0 {
		return origin{}, ErrOutsideWindow
	}
	last := known[len(known)-1]
	end, ended, err := volumeEnd(last.volume)
	if err != nil {
		return origin{}, err
	}
	if ended && until.After(end) {
		return origin{}, fmt.Errorf("%w: the cluster's volume was rebuilt from %s on", ErrOutsideWindow, end.Format(time.RFC3339))
	}
	from, err := c.originOf(last)
	from.until = until
	return from, err
}

// copyOrigin copies an origin's data and log into the folder of a cluster that is being restored.
func (mgr *Manager) copyOrigin(ctx context.Context, config serverConfig, choose func() (origin, error)) (origin, error) {
	mgr.backupMu.Lock()
	defer mgr.backupMu.Unlock()
	from, err := choose()
	if err != nil {
		return origin{}, err
	}
	log := filepath.Join(config.dir, restoreDir)
	if err := errors.Join(config.user.replaceDir(config.dataDir()), config.user.replaceDir(log)); err != nil {
		return origin{}, err
	}
	if err := from.collectLog(config, log); err != nil {
		return origin{}, err
	}
	if err := config.copyTreeTo(ctx, from.data, config.dataDir()); err != nil {
		return origin{}, fmt.Errorf("copying the backup: %w", err)
	}
	if err := config.copyLabel(from, log); err != nil {
		return origin{}, fmt.Errorf("copying the backup: %w", err)
	}
	return from, nil
}

// copyLabel copies the label of a copy that was taken of a running server. The data of a server that was stopped or killed has
// none: its recovery begins as after a crash, which reads the server's own folder of the log and not an archive. PostgreSQL:
// InitWalRecovery in xlogrecovery.c.
func (c serverConfig) copyLabel(from origin, log string) error {
	const label = "backup_label"
	if _, err := os.Stat(filepath.Join(from.data, label)); errors.Is(err, fs.ErrNotExist) {
		return c.linkLog(log, filepath.Join(c.dataDir(), "pg_wal"), true)
	}
	return c.copyFile(filepath.Join(from.data, label), filepath.Join(c.dataDir(), label))
}
