package aurora

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"
)

// heldCommits is the setting by which a writer's commits wait: for a synchronous standby of a name that none has. Waiting
// commits are on the writer's disk, invisible to others and not acknowledged, as long as their sessions wait. PostgreSQL:
// synchronous_standby_names.
const heldCommits = "synchronous_standby_names = 'rds_global_db_rpo'\n"

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
	all := map[ID]*server{}
	for id, running := range mgr.servers {
		all[id] = running
	}
	return all
}

// holdCommits has commits wait, or lets them go on with those that wait already.
func (s *server) holdCommits(ctx context.Context, hold bool) (changed bool, err error) {
	s.holding.Lock()
	defer s.holding.Unlock()
	if s.held == hold {
		return false, nil
	}
	var content string
	if hold {
		content = heldCommits
	}
	if err := s.user.writeFile(filepath.Join(s.dataDir(), holdFile), []byte(content)); err != nil {
		return false, err
	}
	if err := s.exec(ctx, "SELECT pg_reload_conf()"); err != nil {
		return false, err
	}
	s.held = hold
	return true, nil
}
