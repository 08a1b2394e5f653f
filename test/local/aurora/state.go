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
)

// member is what is kept of a DB cluster.
type member struct {
	Cluster            // without the password once the master user is made
	Writer    bool     // of its global cluster, or alone
	Instances []string // its server runs while there is one
	HasData   bool     // its data folder is what its role needs; else it is made anew
}

// state is what a Set keeps over its end.
type state struct {
	Password string             // the administrator's, the same on every server
	Members  map[string]*member // by ID.String()
}

func (s *Set) file() string { return filepath.Join(s.options.Folder, "clusters.json") }

// read reads the state; a missing one is empty, with a new password.
func (s *Set) read() error {
	content, err := os.ReadFile(s.file())
	if errors.Is(err, fs.ErrNotExist) {
		var secret [24]byte
		rand.Read(secret[:])
		s.state = state{Password: hex.EncodeToString(secret[:]), Members: map[string]*member{}}
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading the DB clusters: %w", err)
	}
	if err := json.Unmarshal(content, &s.state); err != nil {
		return fmt.Errorf("reading %s: %w", s.file(), err)
	}
	return nil
}

// update changes the state and has it on disk when it returns. Only who holds s.changing may call it; readers elsewhere
// hold s.looking.
func (s *Set) update(change func()) error {
	s.looking.Lock()
	change()
	content, err := json.Marshal(s.state)
	s.looking.Unlock()
	if err != nil {
		return fmt.Errorf("writing the DB clusters: %w", err)
	}
	if err := os.MkdirAll(s.options.Folder, 0o755); err != nil {
		return fmt.Errorf("making the folder of DB clusters: %w", err)
	}
	if err := os.WriteFile(s.file()+".new", content, 0o600); err != nil {
		return fmt.Errorf("writing the DB clusters: %w", err)
	}
	if err := os.Rename(s.file()+".new", s.file()); err != nil {
		return fmt.Errorf("writing the DB clusters: %w", err)
	}
	return nil
}

// group is the members of one global cluster, or one cluster that stands alone.
type group struct {
	writer   *member // nil when a global cluster's writer is not made yet
	standbys []*member
}

// members returns both, the writer first.
func (g group) members() []*member {
	if g.writer == nil {
		return g.standbys
	}
	return append([]*member{g.writer}, g.standbys...)
}

// groupOf returns the group that a member belongs to, its standbys in the order of their names.
func (s *Set) groupOf(m *member) group {
	if m.Global == "" {
		return group{writer: m}
	}
	return s.global(m.Global)
}

func (s *Set) global(id string) group {
	var g group
	for _, m := range s.state.Members {
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
