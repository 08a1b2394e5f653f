package aurora

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Kinds of snapshots. AWS: Amazon RDS API Reference, DBClusterSnapshot, SnapshotType.
const (
	ManualSnapshot    = "manual"
	AutomatedSnapshot = "automated"
	// BackupSnapshot is one of AWS Backup's, which only AWS Backup deletes. AWS: AWS Backup Developer Guide, "Working with Aurora".
	BackupSnapshot = "awsbackup"
	// BackupSnapshots begins the names of AWS Backup's snapshots.
	BackupSnapshots = "awsbackup:"
)

// Reasons for which a snapshot is refused. Nothing has changed.
var (
	ErrSnapshotExists    = errors.New("there is a snapshot of this name already")
	ErrNoSnapshot        = errors.New("there is no such snapshot")
	ErrNoCluster         = errors.New("there is no such cluster")
	ErrNoVolume          = errors.New("the cluster has no data yet: it never had an instance")
	ErrName              = errors.New("RDS does not allow this name")
	ErrAutomatedSnapshot = errors.New("an automated snapshot is deleted with its cluster, or when its retention ends")
)

const (
	// lostVolumePrefix begins the name of the snapshot of an old primary's volume; the cluster's name and the time follow. AWS:
	// Amazon Aurora User Guide, "Performing managed failovers for Aurora global databases". The form of the time is not documented.
	lostVolumePrefix = "rds:unplanned-global-failover-"
	lostVolumeTime   = "2006-01-02-15-04-05"
	// automatedPrefix begins the name of an automated snapshot. AWS: Amazon Aurora User Guide, "Creating a DB cluster snapshot".
	automatedPrefix = "rds:"
	automatedTime   = "2006-01-02-15-04"
	// keptLostVolumes bounds the snapshots of one cluster's old volumes, and so the disk that they take.
	keptLostVolumes = 5
)

const (
	snapshotFile     = "snapshot.json"
	unfinishedSuffix = ".new" // of a folder that is being written; Open removes what a kill has left
)

// Snapshot is a snapshot of a DB cluster. It is encoded in snapshot.json: the names of its fields are keys there and must not
// change.
type Snapshot struct {
	Region  string
	Name    string // the DBClusterSnapshotIdentifier
	Cluster string // the identifier of the cluster that it was taken of
	Type    string // ManualSnapshot, AutomatedSnapshot or BackupSnapshot
	Created time.Time
	Source  string `json:",omitempty"` // the ARN of the snapshot that it is a copy of
	// Attributes are what an API describes of the cluster at that time. This package keeps them and does not read them.
	Attributes map[string]string `json:",omitempty"`

	origin origin
}

// NewSnapshotName returns the region and the name of a snapshot that an identifier or an ARN in a call to a region names. AWS:
// an ARN is arn:PARTITION:rds:REGION:ACCOUNT:cluster-snapshot:NAME, and an automated snapshot's name has a colon.
func NewSnapshotName(region, identifier string) (ofRegion, name string) {
	if parts := strings.SplitN(
		identifier,
		":",
		7,
	); len(parts) == 7 && parts[0] == "arn" && parts[2] == "rds" &&
		parts[5] == "cluster-snapshot" {
		region, identifier = parts[3], parts[6]
	}
	return region, strings.ToLower(identifier)
}

// snapshotPattern is RDS's rule for the names of manual snapshots: 1 to 255 letters, digits and hyphens, a letter first, no
// hyphen last and no two in a row. AWS: Amazon RDS API Reference, CreateDBClusterSnapshot, and CopyDBClusterSnapshot's
// TargetDBClusterSnapshotIdentifier.
var snapshotPattern = regexp.MustCompile(`^[a-z](-?[a-z0-9])*$`)

const maxSnapshotName = 255

func checkSnapshotName(s Snapshot) error {
	name := s.Name
	if s.Type == BackupSnapshot {
		name = strings.TrimPrefix(name, BackupSnapshots)
	}
	if !regionPattern.MatchString(s.Region) || !snapshotPattern.MatchString(name) || len(name) > maxSnapshotName {
		return fmt.Errorf("naming the snapshot %q: %w: allowed are 1 to %d letters, digits and single hyphens, a letter first and no hyphen last",
			s.Name, ErrName, maxSnapshotName)
	}
	return nil
}

// snapshotDir is the folder of a snapshot. A colon, which only names that RDS gives have, is no character of every file system.
func (mgr *Manager) snapshotDir(region, name string) string {
	return filepath.Join(mgr.options.Folder, "snapshots", region, strings.ReplaceAll(name, ":", "_"))
}

// Snapshots returns the snapshots of a region in the order of their names, the automated ones of its clusters included.
func (mgr *Manager) Snapshots(region string) ([]Snapshot, error) {
	files, err := filepath.Glob(filepath.Join(escapePattern(filepath.Join(mgr.options.Folder, "snapshots", region)), "*", snapshotFile))
	if err != nil {
		return nil, fmt.Errorf("listing snapshots: %w", err)
	}
	var all []Snapshot
	for _, file := range files {
		if strings.HasSuffix(filepath.Dir(file), unfinishedSuffix) {
			continue
		}
		content, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue // deleted meanwhile
		}
		var one Snapshot
		if err == nil {
			err = json.Unmarshal(content, &one)
		}
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", file, err)
		}
		one.origin = origin{data: filepath.Join(filepath.Dir(file), baseDir), logs: []string{filepath.Join(filepath.Dir(file), walDir)}}
		all = append(all, one)
	}
	automated, err := mgr.automatedSnapshots(region)
	if err != nil {
		return nil, err
	}
	all = append(all, automated...)
	slices.SortFunc(all, func(a, b Snapshot) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

// automatedSnapshots are the base backups of a region's clusters, as AWS shows its daily backups.
func (mgr *Manager) automatedSnapshots(region string) ([]Snapshot, error) {
	var all []Snapshot
	for _, config := range mgr.configsIn(region) {
		known, err := config.config.baseBackups()
		if err != nil {
			return nil, err
		}
		named := map[string]bool{} // of two in one minute the later is shown
		for _, one := range slices.Backward(known) {
			name := automatedPrefix + config.id.Cluster + "-" + one.Taken.Format(automatedTime)
			if named[name] {
				continue
			}
			named[name] = true
			from, err := config.config.originOf(one)
			if err != nil {
				return nil, err
			}
			from.immediate = true
			all = append(all, Snapshot{
				Region: region, Name: name, Cluster: config.id.Cluster, Type: AutomatedSnapshot, Created: one.Taken, origin: from,
			})
		}
	}
	return all, nil
}

// memberConfig is the configuration of one cluster's server, as of a moment.
type memberConfig struct {
	id     ID
	config serverConfig
}

func (mgr *Manager) configsIn(region string) []memberConfig {
	mgr.stateMu.Lock()
	defer mgr.stateMu.Unlock()
	var configs []memberConfig
	for _, m := range mgr.state.Members {
		if m.Region == region {
			configs = append(configs, memberConfig{m.ID, mgr.serverConfig(m)})
		}
	}
	return configs
}

// Snapshot returns a snapshot by its name.
func (mgr *Manager) Snapshot(region, name string) (Snapshot, error) {
	all, err := mgr.Snapshots(region)
	if err != nil {
		return Snapshot{}, err
	}
	at := slices.IndexFunc(all, func(s Snapshot) bool { return s.Name == name })
	if at < 0 {
		return Snapshot{}, fmt.Errorf("snapshot %s in %s: %w", name, region, ErrNoSnapshot)
	}
	return all[at], nil
}

func (mgr *Manager) removeSnapshot(s Snapshot) error {
	mgr.backupMu.Lock()
	defer mgr.backupMu.Unlock()
	dir := mgr.snapshotDir(s.Region, s.Name)
	// Renamed first: a snapshot that is half removed is not listed.
	if err := errors.Join(os.Rename(dir, dir+unfinishedSuffix), os.RemoveAll(dir+unfinishedSuffix)); err != nil {
		return fmt.Errorf("removing snapshot %s: %w", s.Name, err)
	}
	return nil
}

// DeleteSnapshot removes a manual snapshot, or one of AWS Backup's. AWS: Amazon RDS API Reference, DeleteDBClusterSnapshot.
func (mgr *Manager) DeleteSnapshot(region, name string) (Snapshot, error) {
	known, err := mgr.Snapshot(region, name)
	if err != nil {
		return Snapshot{}, err
	}
	if known.Type == AutomatedSnapshot {
		return known, fmt.Errorf("snapshot %s in %s: %w", name, region, ErrAutomatedSnapshot)
	}
	return known, mgr.removeSnapshot(known)
}

// removeVolume removes a cluster's folder, and the snapshots that RDS took of it by itself.
func (mgr *Manager) removeVolume(id ID, dir string) error {
	lost, err := mgr.lostVolumes(id)
	if err != nil {
		return err
	}
	for _, one := range lost {
		if err := mgr.removeSnapshot(one); err != nil {
			return err
		}
	}
	mgr.backupMu.Lock()
	defer mgr.backupMu.Unlock()
	return os.RemoveAll(dir)
}

// removeUnfinished removes what a kill has left of snapshots and restores.
func (mgr *Manager) removeUnfinished() error {
	for _, pattern := range []string{filepath.Join("snapshots", "*", "*"+unfinishedSuffix), restoringPrefix + "*"} {
		found, err := filepath.Glob(filepath.Join(escapePattern(mgr.options.Folder), pattern))
		if err != nil {
			return fmt.Errorf("looking for unfinished snapshots: %w", err)
		}
		for _, path := range found {
			if err := os.RemoveAll(path); err != nil {
				return fmt.Errorf("removing an unfinished snapshot or restore: %w", err)
			}
		}
	}
	return nil
}
