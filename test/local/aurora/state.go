package aurora

import (
	"crypto/rand"
	"encoding/hex"
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

// member is the persisted state of one DB cluster. It is encoded in clusters.json: the names of its fields are keys there and
// must not change.
type member struct {
	Cluster            // without the password once the master user exists
	Writer    bool     // of its global cluster, or independent
	Instances []string // the server runs while there is at least one
	HasData   bool     // the data directory fits the member's role; otherwise it is created again
	// Volume numbers the data directories that the cluster has had: each has backups of its own. 0 is a directory that is older
	// than backups.
	Volume int `json:",omitempty"`
	// Lost is when a failover that allows data loss took the role of the writer from this member. Its old data has writes that the new
	// writer lacks, and is kept as a snapshot before it is replaced.
	Lost *time.Time `json:",omitempty"`
}

// state is what outlives a Manager, as clusters.json. The names of its fields are keys there and must not change.
type state struct {
	Password string             // of the administrator, the same on every server
	Members  map[string]*member // by ID.String()
}

func (mgr *Manager) stateFile() string { return filepath.Join(mgr.options.Folder, "clusters.json") }

// loadState reads clusters.json. If it does not exist, the state is empty, with a new administrator password.
func (mgr *Manager) loadState() error {
	content, err := os.ReadFile(mgr.stateFile())
	if errors.Is(err, fs.ErrNotExist) {
		var secret [24]byte
		rand.Read(secret[:])
		mgr.state = state{Password: hex.EncodeToString(secret[:]), Members: map[string]*member{}}
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading the DB clusters: %w", err)
	}
	if err := json.Unmarshal(content, &mgr.state); err != nil {
		return fmt.Errorf("reading %s: %w", mgr.stateFile(), err)
	}
	return nil
}

// updateState changes the state and returns when it is on disk. The caller holds changeMu; readers that do not hold it hold
// stateMu.
func (mgr *Manager) updateState(change func()) error {
	mgr.stateMu.Lock()
	change()
	content, err := json.Marshal(mgr.state)
	mgr.stateMu.Unlock()
	if err != nil {
		return fmt.Errorf("writing the DB clusters: %w", err)
	}
	if err := os.MkdirAll(mgr.options.Folder, 0o755); err != nil {
		return fmt.Errorf("making the folder of DB clusters: %w", err)
	}
	if err := os.WriteFile(mgr.stateFile()+".new", content, 0o600); err != nil {
		return fmt.Errorf("writing the DB clusters: %w", err)
	}
	if err := os.Rename(mgr.stateFile()+".new", mgr.stateFile()); err != nil {
		return fmt.Errorf("writing the DB clusters: %w", err)
	}
	return nil
}

// group is the members of one global cluster, or one independent cluster.
type group struct {
	writer   *member // nil while the global cluster has no writer
	standbys []*member
}

// members returns all members, the writer first.
func (g group) members() []*member {
	if g.writer == nil {
		return g.standbys
	}
	return append([]*member{g.writer}, g.standbys...)
}

// groupOf returns the group of a member. Its standbys are in the order of their names.
func (mgr *Manager) groupOf(m *member) group {
	if m.Global == "" {
		return group{writer: m}
	}
	return mgr.groupOfGlobal(m.Global)
}

func (mgr *Manager) groupOfGlobal(id string) group {
	var g group
	for _, m := range mgr.state.Members {
		switch {
		case m.Global != id || id == "":
		case m.Writer:
			g.writer = m
		default:
			g.standbys = append(g.standbys, m)
		}
	}
	slices.SortFunc(g.standbys, func(a, b *member) int { return strings.Compare(a.String(), b.String()) })
	return g
}
