package aurora

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// ErrOutsideWindow says that a DB cluster cannot be restored to a time. Nothing has begun.
var ErrOutsideWindow = errors.New("the time is outside the window of restorable times")

const (
	// recoveryTimeout bounds the recovery of a restored cluster; 512 MB of log take seconds.
	recoveryTimeout = 10 * time.Minute
	// logTail is how much of a server's log an error repeats, in bytes.
	logTail = 1500
	// restoringPrefix begins the name of the folder of a cluster that is being restored.
	restoringPrefix = "restoring-"
	// restoreDir is the folder of the log that a recovery reads, next to the data directory.
	restoreDir = "restore"
)

// recoveryEndedEarly is what a server writes when it has recovered the whole log and met no commit after the time that it was to
// recover to. PostgreSQL: FinishWalRecovery in xlogrecovery.c.
const recoveryEndedEarly = "recovery ended before configured recovery target was reached"

// RestoreToTime creates a DB cluster with the data that another one had at a time, the latest possible one when until is zero,
// and returns the port of its endpoint. It is independent and has no instance. AWS: Amazon RDS API Reference,
// RestoreDBClusterToPointInTime.
func (mgr *Manager) RestoreToTime(ctx context.Context, source ID, until time.Time, c Cluster) (port int, err error) {
	earliest, latest, ok, err := mgr.RestorableWindow(source)
	switch {
	case err != nil:
		return 0, err
	case !ok && !mgr.exists(source):
		return 0, fmt.Errorf("DB cluster %s: %w", source, ErrNoCluster)
	case !ok:
		return 0, fmt.Errorf("DB cluster %s has no backup yet: %w", source, ErrOutsideWindow)
	case !until.IsZero() && (until.Before(earliest) || until.After(latest)):
		return 0, fmt.Errorf("restoring DB cluster %s to %s: %w, which is from %s to %s", source, until.Format(time.RFC3339Nano),
			ErrOutsideWindow, earliest.Format(time.RFC3339), latest.Format(time.RFC3339))
	}
	return mgr.restore(ctx, c, func() (origin, error) {
		config, known := mgr.configOf(source)
		if !known {
			return origin{}, fmt.Errorf("DB cluster %s: %w", source, ErrNoCluster)
		}
		return config.originAt(until)
	})
}

// RestoreSnapshot creates a DB cluster with the data of a snapshot and returns the port of its endpoint. It is independent and
// has no instance. AWS: Amazon RDS API Reference, RestoreDBClusterFromSnapshot.
func (mgr *Manager) RestoreSnapshot(ctx context.Context, region, name string, c Cluster) (port int, err error) {
	known, err := mgr.Snapshot(region, name)
	if err != nil {
		return 0, err
	}
	return mgr.restore(ctx, c, func() (origin, error) { return known.origin, nil })
}

func (mgr *Manager) exists(id ID) bool {
	mgr.stateMu.Lock()
	defer mgr.stateMu.Unlock()
	return mgr.state.Members[id.String()] != nil
}

func (mgr *Manager) configOf(id ID) (serverConfig, bool) {
	mgr.stateMu.Lock()
	defer mgr.stateMu.Unlock()
	m := mgr.state.Members[id.String()]
	if m == nil {
		return serverConfig{}, false
	}
	return mgr.serverConfig(m), true
}

// restore creates a DB cluster from an origin. The cluster's name is taken from the beginning, and the cluster exists when its
// data is recovered. Other changes go on meanwhile, a failover above all.
func (mgr *Manager) restore(ctx context.Context, c Cluster, choose func() (origin, error)) (port int, err error) {
	if err := c.check(); err != nil {
		return 0, err
	}
	restored := &member{Cluster: c, Writer: true, HasData: true, Volume: 1}
	restored.Global, restored.User, restored.Password, restored.Database = "", "", "", ""
	config, err := mgr.reserve(restored)
	if err != nil {
		return 0, err
	}
	defer func() {
		mgr.changeMu.Lock()
		defer mgr.changeMu.Unlock()
		delete(mgr.restoring, c.String())
		if err != nil {
			err = errors.Join(err, os.RemoveAll(config.dir), os.RemoveAll(mgr.serverConfig(restored).dir))
		}
	}()
	from, err := mgr.copyOrigin(ctx, config, choose)
	if err != nil {
		return 0, fmt.Errorf("restoring DB cluster %s: %w", c.ID, err)
	}
	if err := config.recover(ctx, from); err != nil {
		return 0, fmt.Errorf("recovering DB cluster %s: %w", c.ID, err)
	}
	mgr.changeMu.Lock()
	defer mgr.changeMu.Unlock()
	if mgr.ctx.Err() != nil {
		return 0, fmt.Errorf("restoring DB cluster %s: the emulator is stopping", c.ID)
	}
	final := mgr.serverConfig(restored).dir
	if err := errors.Join(os.RemoveAll(filepath.Join(config.dir, restoreDir)), os.RemoveAll(final), os.Rename(config.dir, final)); err != nil {
		return 0, fmt.Errorf("restoring DB cluster %s: %w", c.ID, err)
	}
	return restored.Port, mgr.updateState(func() { mgr.state.Members[c.String()] = restored })
}

// reserve takes a restored cluster's name and port, and returns the configuration with which it is recovered, in a folder of its
// own.
func (mgr *Manager) reserve(restored *member) (serverConfig, error) {
	mgr.changeMu.Lock()
	defer mgr.changeMu.Unlock()
	name := restored.String()
	if mgr.state.Members[name] != nil || mgr.restoring[name] {
		return serverConfig{}, fmt.Errorf("DB cluster %s: %w", restored.ID, ErrExists)
	}
	if restored.Port == 0 {
		port, err := mgr.newPort()
		if err != nil {
			return serverConfig{}, err
		}
		restored.Port = port
	}
	config, err := mgr.prepareServer(restored)
	if err != nil {
		return serverConfig{}, err
	}
	config.dir = filepath.Join(mgr.options.Folder, restoringPrefix+restored.dirName())
	if err := errors.Join(os.RemoveAll(config.dir), os.Mkdir(config.dir, 0o755)); err != nil {
		return serverConfig{}, fmt.Errorf("making the folder of %s: %w", restored.ID, err)
	}
	mgr.restoring[name] = true
	return config, nil
}

// recover brings a copied data directory to the state that was asked for and leaves the server stopped. A log that has no commit
// after the time in question is recovered whole: all that it has was committed by then.
func (c serverConfig) recover(ctx context.Context, from origin) error {
	target := [][2]string{}
	switch {
	case from.immediate:
		target = append(target, [2]string{"recovery_target", "immediate"})
	case !from.until.IsZero():
		target = append(target, [2]string{"recovery_target_time", from.until.UTC().Format("2006-01-02 15:04:05.999999+00")})
	}
	err := c.recoverTo(ctx, target)
	if err == nil {
		return nil
	}
	log, readErr := os.ReadFile(c.logFile())
	if !from.until.IsZero() && strings.Contains(string(log), recoveryEndedEarly) {
		return c.recoverTo(ctx, nil)
	}
	// The log goes with the folder of the failed restore.
	return errors.Join(err, readErr, fmt.Errorf("the end of the server's log: %s", log[max(0, len(log)-logTail):]))
}

// recoverTo runs a server until its recovery has ended.
func (c serverConfig) recoverTo(ctx context.Context, target [][2]string) error {
	if err := c.user.writeFile(filepath.Join(c.dataDir(), "recovery.signal"), nil); err != nil {
		return err
	}
	settings := append([][2]string{
		{"archive_mode", "off"}, // the cluster's own backups begin with its first instance
		{"restore_command", "cp ../" + restoreDir + "/%f %p"},
		{"recovery_target_action", "promote"},
	}, target...)
	s, err := c.startWith(ctx, c.render(settings), recoveryTimeout)
	if err != nil {
		return err
	}
	err = s.waitRecovered(ctx)
	return errors.Join(err, s.stop(syscall.SIGINT))
}

// waitRecovered returns when the server's recovery has ended.
func (s *server) waitRecovered(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, recoveryTimeout)
	defer cancel()
	for {
		var recovering bool
		connection, err := s.connect(ctx)
		if err == nil {
			err = connection.QueryRow(ctx, "SELECT pg_is_in_recovery()").Scan(&recovering)
			connection.Close(context.WithoutCancel(ctx))
		}
		if err == nil && !recovering {
			return nil
		}
		select {
		case <-s.ended:
			return fmt.Errorf("the server ended during its recovery: %w (log: %s)", errors.Join(s.err, err), s.logFile())
		case <-ctx.Done():
			return fmt.Errorf("the recovery does not end: %w (log: %s)", errors.Join(ctx.Err(), err), s.logFile())
		case <-time.After(pollInterval):
		}
	}
}
