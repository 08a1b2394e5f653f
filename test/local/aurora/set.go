package aurora

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"
)

// Set is the servers of one state folder. Its methods may be called by several goroutines; changes are made one at a time.
type Set struct {
	options Options
	owner   owner
	host    func() (string, error) // of the writers' doors
	cuts    *cuts
	ctx     context.Context // ends with Close
	cancel  context.CancelFunc

	changing   sync.Mutex     // held for as long as a change takes, rebuilding included
	binaries   Binaries       // once they are needed
	authority  *authority     // once it is needed
	background sync.WaitGroup // rebuilding, and watching servers

	looking sync.Mutex // held for moments, by readers and for each step of a change
	state   state
	servers map[ID]*server
	doors   doors
	current map[ID]time.Time // when a standby was last seen to have everything
}

// Open returns the Set of a folder with its servers running again, or an error and nothing running. A folder without
// clusters costs nothing.
func Open(ctx context.Context, options Options) (*Set, error) {
	o, err := findOwner()
	if err != nil {
		return nil, err
	}
	s := &Set{
		options: options, owner: o, host: sync.OnceValues(writerHost),
		cuts: &cuts{}, servers: map[ID]*server{}, doors: newDoors(), current: map[ID]time.Time{},
	}
	s.cuts.set(options.Cuts)
	s.ctx, s.cancel = context.WithCancel(context.WithoutCancel(ctx))
	if err := s.read(); err != nil {
		return nil, err
	}
	if err := s.resume(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Set) resume(ctx context.Context) error {
	s.changing.Lock()
	defer s.changing.Unlock()
	for _, m := range s.state.Members {
		if err := s.converge(ctx, s.groupOf(m)); err != nil {
			return fmt.Errorf("starting DB cluster %s again: %w", m.ID, err)
		}
	}
	return nil
}

// Close stops every server and keeps the data. Nothing can be done with the Set afterwards.
func (s *Set) Close() error {
	s.cancel()
	err := s.stopAll()
	s.background.Wait()
	return err
}

func (s *Set) stopAll() error {
	s.changing.Lock()
	defer s.changing.Unlock()
	s.closeDoors(func(d *door, kind doorKind) bool { return kind != link || s.cuts.of(d.target) != Connected })
	// The writers first: each waits for its standbys to have received everything, by the links that are left.
	defer s.closeDoors(func(*door, doorKind) bool { return true })
	var faults []error
	for _, writer := range []bool{true, false} {
		for _, m := range s.state.Members {
			if m.Writer == writer {
				faults = append(faults, s.stop(m, syscall.SIGINT))
			}
		}
	}
	return errors.Join(faults...)
}

// ErrExists says that a DB cluster is known already.
var ErrExists = errors.New("it has a server already")

// Create makes a DB cluster known and returns the port of its server, which starts with the first instance. The first
// member of a global cluster is its writer.
func (s *Set) Create(c Cluster) (port int, err error) {
	if err := c.check(); err != nil {
		return 0, err
	}
	s.changing.Lock()
	defer s.changing.Unlock()
	if known := s.state.Members[c.String()]; known != nil {
		return 0, fmt.Errorf("DB cluster %s: %w", c.ID, ErrExists)
	}
	writer := c.Global == "" || s.global(c.Global).writer == nil
	if writer && (c.User == "" || c.Password == "") {
		return 0, fmt.Errorf("DB cluster %s needs a master user and password: it follows no other cluster", c.ID)
	}
	if c.Port == 0 {
		if c.Port, err = s.newPort(); err != nil {
			return 0, err
		}
	}
	return c.Port, s.update(func() { s.state.Members[c.String()] = &member{Cluster: c, Writer: writer} })
}

// Delete stops a DB cluster's server and removes its data. A cluster that is not known has neither.
func (s *Set) Delete(ctx context.Context, id ID) error {
	s.changing.Lock()
	defer s.changing.Unlock()
	m := s.state.Members[id.String()]
	if m == nil {
		return nil
	}
	if err := s.stop(m, syscall.SIGQUIT); err != nil {
		return err
	}
	s.closeDoor(front, id.String())
	s.closeDoor(link, id.String())
	if err := os.RemoveAll(s.place(m).folder); err != nil {
		return fmt.Errorf("removing the data of DB cluster %s: %w", id, err)
	}
	if err := s.update(func() { delete(s.state.Members, id.String()) }); err != nil {
		return err
	}
	return s.afterLeaving(ctx, m.Global)
}

// AddInstance starts the server of a DB cluster unless it runs, and returns when it answers; added is false for an
// instance that was there, or of a cluster that is not known, which is none of Aurora PostgreSQL's. After an error the
// instance is not there.
func (s *Set) AddInstance(ctx context.Context, id ID, instance string) (added bool, err error) {
	s.changing.Lock()
	defer s.changing.Unlock()
	m := s.state.Members[id.String()]
	if m == nil || slices.Contains(m.Instances, instance) {
		return false, nil
	}
	if err := s.update(func() { m.Instances = append(m.Instances, instance) }); err != nil {
		return false, err
	}
	if err := s.converge(ctx, s.groupOf(m)); err != nil {
		return false, errors.Join(err, s.update(func() { m.Instances = without(m.Instances, instance) }))
	}
	return true, nil
}

func without(names []string, name string) []string {
	return slices.DeleteFunc(names, func(n string) bool { return n == name })
}

// RemoveInstance stops the server of a DB cluster when its last instance goes; the data stays, as a cluster's volume does.
// An instance that is not known has no server.
func (s *Set) RemoveInstance(ctx context.Context, region, instance string) error {
	s.changing.Lock()
	defer s.changing.Unlock()
	for _, m := range s.state.Members {
		if m.Region != region || !slices.Contains(m.Instances, instance) {
			continue
		}
		err := s.update(func() { m.Instances = without(m.Instances, instance) })
		return errors.Join(err, s.converge(ctx, s.groupOf(m)))
	}
	return nil
}

// Detach takes a DB cluster out of its global cluster: a standby becomes a cluster of its own, with what it has.
// AWS: Amazon Aurora User Guide, "Removing a cluster from an Amazon Aurora Global Database".
func (s *Set) Detach(ctx context.Context, id ID) error {
	s.changing.Lock()
	defer s.changing.Unlock()
	m := s.state.Members[id.String()]
	if m == nil || m.Global == "" {
		return nil
	}
	left := m.Global
	if err := s.update(func() { m.Global, m.Writer = "", true }); err != nil {
		return err
	}
	return errors.Join(s.converge(ctx, group{writer: m}), s.afterLeaving(ctx, left))
}

// afterLeaving brings a global cluster in order that a member has left.
func (s *Set) afterLeaving(ctx context.Context, global string) error {
	if global == "" {
		return nil
	}
	rest := s.global(global)
	if len(rest.members()) > 0 {
		return s.converge(ctx, rest)
	}
	s.closeDoor(writerDoor, global)
	return nil
}

// WriterHost returns the host that leads to every global cluster's writer, at the port of any of its members: the same for
// as long as this machine has it.
func (s *Set) WriterHost() (string, error) { return s.host() }

// Knows says whether a DB cluster is a member of a global cluster that the Set runs.
func (s *Set) Knows(global string, id ID) bool {
	s.looking.Lock()
	defer s.looking.Unlock()
	m := s.state.Members[id.String()]
	return m != nil && m.Global == global
}

func (s *Set) place(m *member) place {
	return place{
		folder: filepath.Join(s.options.Folder, m.folder()), binaries: s.binaries, owner: s.owner,
		password: s.state.Password, authority: s.authority,
	}
}
