package aurora

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"time"
)

// heldCommits is the setting by which a writer's commits wait: for a synchronous standby of a name that none has. Waiting
// commits are on the writer's disk, invisible to others and not acknowledged, as long as their sessions wait. PostgreSQL:
// synchronous_standby_names.
const (
	heldCommits    = "synchronous_standby_names = '" + missingStandby + "'\n"
	missingStandby = "rds_global_db_rpo"
)

// reloadTimeout bounds the reading of a server's settings, which takes some hundredths of a second.
const reloadTimeout = 10 * time.Second

// holdFile is included in a server's configuration, and empty while commits do not wait.
const holdFile = "hold.conf"

// EnforceRPO holds the commits of each writer while every secondary of its global cluster lags by more than the RPO of the
// writer's cluster, and releases them once one of them does not, or there is none. rpo has a row for each cluster whose
// parameter group sets one. A secondary without a running server is not counted. AWS: Amazon Aurora User Guide, "Managing RPOs
// for Aurora PostgreSQL-based global databases".
func (mgr *Manager) EnforceRPO(ctx context.Context, rpo map[ID]time.Duration) error {
	least := map[ID]time.Duration{} // the least lag of a secondary, by writer
	if len(rpo) > 0 {
		for _, lag := range mgr.Lags(ctx) {
			if known, ok := least[lag.Writer]; !ok || lag.Behind < known {
				least[lag.Writer] = lag.Behind
			}
		}
	}
	var failures []error
	for id, running := range mgr.runningServers() {
		bound, bounded := rpo[id]
		lag, follows := least[id]
		hold := bounded && follows && lag > bound
		changed, err := running.holdCommits(ctx, hold)
		switch {
		case err != nil && running.runs():
			failures = append(failures, fmt.Errorf("holding the commits of %s (%t): %w", id, hold, err))
		case changed && hold:
			mgr.options.Log.Printf("aurora: commits of %s wait: every secondary lags by %s or more, and its RPO is %s", id, lag, bound)
		case changed:
			mgr.options.Log.Printf("aurora: commits of %s wait no more", id)
		}
	}
	return errors.Join(failures...)
}

// runningServers returns the servers by cluster.
func (mgr *Manager) runningServers() map[ID]*server {
	mgr.stateMu.Lock()
	defer mgr.stateMu.Unlock()
	return maps.Clone(mgr.servers)
}

// holdCommits has commits wait, or lets them go on with those that wait already. It returns when that is so for all sessions.
func (s *server) holdCommits(ctx context.Context, hold bool) (changed bool, err error) {
	s.holding.Lock()
	defer s.holding.Unlock()
	if s.held == hold {
		return false, nil
	}
	var content, standby string
	if hold {
		content, standby = heldCommits, missingStandby
	}
	if err := s.user.writeFile(filepath.Join(s.dataDir(), holdFile), []byte(content)); err != nil {
		return false, err
	}
	if err := s.exec(ctx, "SELECT pg_reload_conf()"); err != nil {
		return false, err
	}
	if err := s.waitForStandbyNames(ctx, standby); err != nil {
		return false, err
	}
	s.held = hold
	return true, nil
}

// waitForStandbyNames returns when every commit follows synchronous_standby_names. A new session has the settings of the
// postmaster; sessions that are open do as the checkpointer says, which reads its settings before each checkpoint. PostgreSQL:
// SyncRepUpdateSyncStandbysDefined in syncrep.c.
func (s *server) waitForStandbyNames(ctx context.Context, want string) error {
	ctx, cancel := context.WithTimeout(ctx, reloadTimeout)
	defer cancel()
	for {
		var names string
		connection, err := s.connect(ctx)
		if err == nil {
			err = connection.QueryRow(ctx, "SHOW synchronous_standby_names").Scan(&names)
			err = errors.Join(err, connection.Close(context.WithoutCancel(ctx)))
		}
		if err != nil {
			return fmt.Errorf("waiting until synchronous_standby_names is %q: %w", want, err)
		}
		if names == want {
			return s.exec(ctx, "CHECKPOINT")
		}
		time.Sleep(pollInterval)
	}
}
