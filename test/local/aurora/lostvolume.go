package aurora

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// keepLostVolume makes the old data of a member that lost the role of the writer a snapshot, by moving it: it would be removed
// otherwise. AWS: Amazon Aurora User Guide, "Performing managed failovers for Aurora global databases": before Aurora creates
// a new storage volume for the old primary region it takes a snapshot of the old one.
func (mgr *Manager) keepLostVolume(m *member, config serverConfig) error {
	s := Snapshot{
		Region: m.Region, Cluster: m.ID.Cluster, Type: AutomatedSnapshot,
		Name: lostVolumePrefix + m.ID.Cluster + "-" + m.Lost.Format(lostVolumeTime),
	}
	_, err := mgr.writeSnapshot(s, func(target string) (time.Time, error) {
		if err := config.linkLog(filepath.Join(config.dataDir(), "pg_wal"), filepath.Join(target, walDir), false); err != nil {
			return time.Time{}, err
		}
		return *m.Lost, os.Rename(config.dataDir(), filepath.Join(target, baseDir))
	})
	if errors.Is(err, ErrSnapshotExists) {
		return nil // taken before an interruption
	}
	if err == nil {
		mgr.options.Log.Printf("aurora: the old volume of %s is kept as snapshot %s", m.ID, s.Name)
		err = mgr.pruneLostVolumes(m.ID, 0)
	}
	return err
}

// pruneLostVolumes removes snapshots of a cluster's old volumes that are too many or older than its retention; 0 is no bound.
// AWS: Amazon Aurora User Guide, "Performing managed failovers for Aurora global databases": they are subject to the backup
// retention period of the old primary.
func (mgr *Manager) pruneLostVolumes(id ID, retention time.Duration) error {
	kept, err := mgr.lostVolumes(id)
	if err != nil {
		return err
	}
	for i, one := range kept {
		if len(kept)-i > keptLostVolumes || retention > 0 && time.Since(one.Created) > retention {
			if err := mgr.removeSnapshot(one); err != nil {
				return err
			}
		}
	}
	return nil
}

// lostVolumes returns the snapshots of a cluster's old volumes, the oldest first.
func (mgr *Manager) lostVolumes(id ID) ([]Snapshot, error) {
	all, err := mgr.Snapshots(id.Region)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(s Snapshot) bool { return s.Cluster != id.Cluster || !strings.HasPrefix(s.Name, lostVolumePrefix) })
	slices.SortFunc(all, func(a, b Snapshot) int { return a.Created.Compare(b.Created) })
	return all, nil
}
