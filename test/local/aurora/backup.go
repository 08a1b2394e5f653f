package aurora

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// keptBaseBackups is how many base backups of a DB cluster are kept; with the bound on the log after each of them it bounds
	// what backups take of the disk.
	keptBaseBackups = 2
	// maxLogSinceBase is the size of the archived log, in bytes, after which a new base backup is taken: recovery replays no more
	// than that. AWS keeps a whole retention period; a laptop's disk does not.
	maxLogSinceBase = 512 << 20
	// maxBaseAge is the age after which a new base backup is taken, as AWS takes an automated snapshot each day. AWS: Amazon
	// Aurora User Guide, "Overview of backing up and restoring an Aurora DB cluster".
	maxBaseAge = 24 * time.Hour
	// walSegmentSize is the size of a file of the log, in bytes. PostgreSQL: wal_segment_size.
	walSegmentSize = 16 << 20
)

// The names of files and folders of a DB cluster's backups.
const (
	backupFile    = "backup.json" // what is known of a base backup; written last, so that a base backup without it is incomplete
	baseDir       = "base"        // the copy of a data directory
	walDir        = "wal"         // archived files of the log
	volumeEndFile = "ended"       // when the volume was given up
)

// baseBackup describes one base backup. It is encoded in backup.json: the names of its fields are keys there and must not
// change.
type baseBackup struct {
	// Taken is when the copy was complete, by the server's clock: it can be recovered to any later time.
	Taken time.Time
	// FirstSegment is the first file of the log that its recovery reads.
	FirstSegment string

	dir    string // of the base backup, with the copy in it
	volume string // the folder of the volume's backups
}

// backupsDir is the folder of a DB cluster's backups: one folder for each volume that the cluster has had. A cluster gets a new
// volume when its data is created anew, because the files of two volumes' logs have equal names.
func (c serverConfig) backupsDir() string { return filepath.Join(c.dir, "backups") }

// volumeDir is the folder of the backups of the present volume. The server archives into it by a path relative to its data
// directory, so that the path needs no quoting for a shell.
func (c serverConfig) volumeDir() string {
	return filepath.Join(c.backupsDir(), strconv.Itoa(c.volume))
}

// archiveSettings have the server archive each file of its log once it is complete, a standby too. An archived file is a hard
// link: it costs no copy and no space until the server removes its own name of it. For that the server must not reuse files,
// and a new one need not be filled with zeros. PostgreSQL: "Continuous Archiving and Point-in-Time Recovery".
func (c serverConfig) archiveSettings() [][2]string {
	return [][2]string{
		{"archive_mode", "always"},
		{"archive_command", fmt.Sprintf("ln -f %%p ../backups/%d/%s/%%f", c.volume, walDir)},
		{"wal_recycle", "off"},
		{"wal_init_zero", "off"},
	}
}

// prepareVolume creates the folder that the server archives into.
func (c serverConfig) prepareVolume() error {
	for _, dir := range []string{c.backupsDir(), c.volumeDir(), filepath.Join(c.volumeDir(), walDir)} {
		if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("making the folder of backups: %w", err)
		}
		if err := c.user.chown(dir); err != nil {
			return err
		}
	}
	return nil
}

// ensureBaseBackup takes a base backup of a running server if its volume has none. AWS backs up a volume from its creation on.
func (mgr *Manager) ensureBaseBackup(ctx context.Context, running *server) error {
	mgr.backupMu.Lock()
	defer mgr.backupMu.Unlock()
	known, err := running.baseBackupsOf(running.volumeDir())
	if err != nil || len(known) > 0 {
		return err
	}
	return mgr.takeBaseBackup(ctx, running)
}

// MaintainBackups takes a new base backup of each cluster whose last one is old or has much log after it, and removes those that
// are older than the cluster's retention. A cluster that retention does not name keeps what the bounds of this package allow.
func (mgr *Manager) MaintainBackups(ctx context.Context, retention map[ID]time.Duration) error {
	var failures []error
	for id, running := range mgr.runningServers() {
		err := mgr.maintainBackups(ctx, running, retention[id])
		if err = errors.Join(err, mgr.pruneLostVolumes(id, retention[id])); err != nil && running.runs() {
			failures = append(failures, fmt.Errorf("backing up DB cluster %s: %w", id, err))
		}
	}
	return errors.Join(failures...)
}

func (mgr *Manager) maintainBackups(ctx context.Context, running *server, retention time.Duration) error {
	mgr.backupMu.Lock()
	defer mgr.backupMu.Unlock()
	known, err := running.baseBackupsOf(running.volumeDir())
	if err != nil {
		return err
	}
	due := len(known) == 0
	if !due {
		last := known[len(known)-1]
		size, err := archivedSince(filepath.Join(last.volume, walDir), last.FirstSegment)
		if err != nil {
			return err
		}
		due = size > mgr.maxLogSinceBase() || time.Since(last.Taken) > maxBaseAge
	}
	if due {
		if err := mgr.takeBaseBackup(ctx, running); err != nil {
			return err
		}
	}
	return running.pruneBackups(retention)
}

// maxLogSinceBase returns the bound of the archived log after a base backup; tests set a lower one.
func (mgr *Manager) maxLogSinceBase() int64 {
	if mgr.options.MaxLogSinceBackup > 0 {
		return mgr.options.MaxLogSinceBackup
	}
	return maxLogSinceBase
}

// takeBaseBackup copies the data of a running server into a new base backup of its volume, and removes those that are too many.
// The caller holds backupMu.
func (mgr *Manager) takeBaseBackup(ctx context.Context, running *server) error {
	target := filepath.Join(running.volumeDir(), fmt.Sprintf("%020d", time.Now().UnixNano()))
	if err := running.copyRunning(ctx, target); err != nil {
		return errors.Join(fmt.Errorf("taking a base backup: %w", err), os.RemoveAll(target))
	}
	return running.pruneBackups(0)
}

// copyRunning copies the data directory of a running server into target/base and describes the copy in target/backup.json. It
// works on a standby as well. PostgreSQL: "Making a Base Backup Using the Low Level API".
func (c serverConfig) copyRunning(ctx context.Context, target string) error {
	if err := c.user.replaceDir(target); err != nil {
		return err
	}
	if err := c.user.replaceDir(filepath.Join(target, baseDir)); err != nil {
		return err
	}
	connection, err := c.connect(ctx)
	if err != nil {
		return err
	}
	defer connection.Close(context.WithoutCancel(ctx))
	label, taken, err := c.copyBetweenMarks(ctx, connection, filepath.Join(target, baseDir))
	if err != nil {
		return err
	}
	first, err := firstSegment(label)
	if err != nil {
		return err
	}
	if err := c.user.writeFile(filepath.Join(target, baseDir, "backup_label"), []byte(label)); err != nil {
		return err
	}
	return c.writeDescription(target, baseBackup{Taken: taken, FirstSegment: first})
}

// copyBetweenMarks copies the data directory of the connection's server between pg_backup_start and pg_backup_stop. It returns
// the copy's label, and the time at which it was complete, by the server's clock.
func (c serverConfig) copyBetweenMarks(
	ctx context.Context,
	connection *pgx.Conn,
	target string,
) (label string, taken time.Time, err error) {
	if _, err := connection.Exec(ctx, "SELECT pg_backup_start('backup', true)"); err != nil {
		return "", time.Time{}, fmt.Errorf("beginning the copy: %w", err)
	}
	copied := serverConfig{dir: filepath.Dir(target), user: c.user}
	if err := copied.copyTreeTo(ctx, c.dataDir(), target); err != nil {
		return "", time.Time{}, fmt.Errorf("copying the data: %w", err)
	}
	// It does not wait for the archive: what is not archived yet is read from the server's own log.
	if err := connection.QueryRow(ctx, "SELECT labelfile FROM pg_backup_stop(false)").Scan(&label); err != nil {
		return "", time.Time{}, fmt.Errorf("ending the copy: %w", err)
	}
	if err := connection.QueryRow(ctx, "SELECT clock_timestamp()").Scan(&taken); err != nil {
		return "", time.Time{}, fmt.Errorf("reading the time of the copy: %w", err)
	}
	return label, taken.UTC(), nil
}

func (c serverConfig) writeDescription(target string, described baseBackup) error {
	content, err := json.Marshal(described)
	if err != nil {
		return fmt.Errorf("describing a backup: %w", err)
	}
	return c.user.writeFile(filepath.Join(target, backupFile), content)
}

// labelSegment is the line of a backup's label that names the first file of the log. PostgreSQL: build_backup_content in
// xlogbackup.c.
var labelSegment = regexp.MustCompile(`(?m)^START WAL LOCATION: \S+ \(file ([0-9A-F]{24})\)$`)

func firstSegment(label string) (string, error) {
	found := labelSegment.FindStringSubmatch(label)
	if found == nil {
		return "", fmt.Errorf("reading the label of a backup: it names no file of the log: %q", label)
	}
	return found[1], nil
}

// endVolume closes the backups of the volume of a server that has stopped and whose data is about to be given up: the part of
// the log that was not archived joins the archive, and the time of the end is noted.
func (c serverConfig) endVolume() error {
	if _, err := os.Stat(c.volumeDir()); errors.Is(err, fs.ErrNotExist) {
		return nil // the data is older than backups
	}
	if err := c.linkLog(filepath.Join(c.dataDir(), "pg_wal"), filepath.Join(c.volumeDir(), walDir), false); err != nil {
		return err
	}
	return c.user.writeFile(filepath.Join(c.volumeDir(), volumeEndFile), []byte(time.Now().UTC().Format(time.RFC3339Nano)))
}

// volumeEnd returns when a volume was given up; ok is false for the one in use.
func volumeEnd(volume string) (end time.Time, ok bool, err error) {
	content, err := os.ReadFile(filepath.Join(volume, volumeEndFile))
	if errors.Is(err, fs.ErrNotExist) {
		return time.Time{}, false, nil
	}
	if err == nil {
		end, err = time.Parse(time.RFC3339Nano, string(content))
	}
	if err != nil {
		return time.Time{}, false, fmt.Errorf("reading when a volume ended: %w", err)
	}
	return end, true, nil
}
