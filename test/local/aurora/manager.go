package aurora

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"
)

// Manager runs the database servers of one state folder. Its methods are safe for concurrent use; changes run one at a time.
type Manager struct {
	options    Options
	serverUser serverUser
	writerHost func() (string, error) // the address of all writer endpoints
	faults     *networkFaults
	ctx        context.Context // ends with Close
	cancel     context.CancelFunc

	changeMu   sync.Mutex      // held during a whole change, including the rebuilding of standbys
	binaries   Binaries        // empty before the first server starts
	authority  *authority      // nil before the first server starts
	restoring  map[string]bool // clusters that are being restored, by ID.String()
	background sync.WaitGroup  // goroutines that rebuild and supervise servers

	// backupMu is held while backups, snapshots and what is restored from them are written or removed. Whoever holds it does not
	// wait for changeMu.
	backupMu sync.Mutex

	stateMu    sync.Mutex // held briefly, by readers and by each step of a change
	state      state
	servers    map[ID]*server
	proxies    proxies
	caughtUpAt map[ID]time.Time // when a standby was last seen without lag
}

// Open returns the Manager of a folder with its servers running again. If one does not start, nothing is left running. A
// folder without clusters starts no process.
func Open(ctx context.Context, options Options) (*Manager, error) {
	o, err := findServerUser()
	if err != nil {
		return nil, err
	}
	s := &Manager{
		options: options, serverUser: o, writerHost: sync.OnceValues(writerHost),
		faults: &networkFaults{}, restoring: map[string]bool{}, servers: map[ID]*server{}, proxies: newProxies(), caughtUpAt: map[ID]time.Time{},
	}
	s.faults.replace(options.NetworkFaults)
	s.ctx, s.cancel = context.WithCancel(context.WithoutCancel(ctx))
	if err := errors.Join(s.loadState(), s.removeUnfinished()); err != nil {
		return nil, err
	}
	for _, m := range s.state.Members {
		processPorts.prefer(m.Port)
	}
	if err := s.resume(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (mgr *Manager) resume(ctx context.Context) error {
	mgr.changeMu.Lock()
	defer mgr.changeMu.Unlock()
	for _, m := range mgr.state.Members {
		if err := mgr.converge(ctx, mgr.groupOf(m)); err != nil {
			return fmt.Errorf("starting DB cluster %s again: %w", m.ID, err)
		}
	}
	return nil
}

// Close stops every server and keeps the data. The Manager cannot be used afterwards.
func (mgr *Manager) Close() error {
	mgr.cancel()
	err := mgr.stopServers()
	mgr.background.Wait()
	return err
}

func (mgr *Manager) stopServers() error {
	mgr.changeMu.Lock()
	defer mgr.changeMu.Unlock()
	mgr.closeProxies(func(p *proxy, kind proxyKind) bool {
		return kind != replicationProxy || mgr.faults.onRoute(p.route) != Connected
	})
	// Writers stop first: each waits until its standbys have received everything, through the replication proxies that are left.
	defer mgr.closeProxies(func(*proxy, proxyKind) bool { return true })
	var failures []error
	for _, writer := range []bool{true, false} {
		for _, m := range mgr.state.Members {
			if m.Writer == writer {
				failures = append(failures, mgr.stopServer(m, syscall.SIGINT))
			}
		}
	}
	return errors.Join(failures...)
}

// ErrExists says that the DB cluster exists already.
var ErrExists = errors.New("the cluster has a server already")

// Create adds a DB cluster and returns the port of its endpoint; the server starts with the first instance. The first member
// of a global cluster is its writer.
func (mgr *Manager) Create(c Cluster) (port int, err error) {
	if err := c.check(); err != nil {
		return 0, err
	}
	mgr.changeMu.Lock()
	defer mgr.changeMu.Unlock()
	if known := mgr.state.Members[c.String()]; known != nil || mgr.restoring[c.String()] {
		return 0, fmt.Errorf("DB cluster %s: %w", c.ID, ErrExists)
	}
	writer := c.Global == "" || mgr.groupOfGlobal(c.Global).writer == nil
	if writer && (c.User == "" || c.Password == "") {
		return 0, fmt.Errorf("DB cluster %s needs a master user and password: it is not a secondary of a global cluster", c.ID)
	}
	if c.Port == 0 {
		if c.Port, err = mgr.newPort(); err != nil {
			return 0, err
		}
	}
	return c.Port, mgr.updateState(func() { mgr.state.Members[c.String()] = &member{Cluster: c, Writer: writer} })
}

// Delete stops a DB cluster's server and removes its data. An unknown cluster is not an error.
func (mgr *Manager) Delete(ctx context.Context, id ID) error {
	mgr.changeMu.Lock()
	defer mgr.changeMu.Unlock()
	m := mgr.state.Members[id.String()]
	if m == nil {
		return nil
	}
	if err := mgr.stopServer(m, syscall.SIGQUIT); err != nil {
		return err
	}
	mgr.closeProxy(endpointProxy, id.String())
	mgr.closeProxy(replicationProxy, id.String())
	if err := mgr.removeVolume(id, mgr.serverConfig(m).dir); err != nil {
		return fmt.Errorf("removing the data of DB cluster %s: %w", id, err)
	}
	if err := mgr.updateState(func() { delete(mgr.state.Members, id.String()) }); err != nil {
		return err
	}
	return mgr.reconcileAfterRemoval(ctx, m.Global)
}

// AddInstance starts the server of a DB cluster unless it runs, and returns when the server accepts connections. added is
// false for an instance that exists already, and for an unknown cluster, which belongs to another engine. After an error the
// instance does not exist.
func (mgr *Manager) AddInstance(ctx context.Context, id ID, instance string) (added bool, err error) {
	mgr.changeMu.Lock()
	defer mgr.changeMu.Unlock()
	m := mgr.state.Members[id.String()]
	if m == nil || slices.Contains(m.Instances, instance) {
		return false, nil
	}
	if err := mgr.updateState(func() { m.Instances = append(m.Instances, instance) }); err != nil {
		return false, err
	}
	if err := mgr.converge(ctx, mgr.groupOf(m)); err != nil {
		return false, errors.Join(err, mgr.updateState(func() { m.Instances = removeName(m.Instances, instance) }))
	}
	return true, nil
}

func removeName(names []string, name string) []string {
	return slices.DeleteFunc(names, func(n string) bool { return n == name })
}

// RemoveInstance stops the server of a DB cluster when its last instance is removed. The data stays, as a cluster's volume
// does. An unknown instance is not an error.
func (mgr *Manager) RemoveInstance(ctx context.Context, region, instance string) error {
	mgr.changeMu.Lock()
	defer mgr.changeMu.Unlock()
	for _, m := range mgr.state.Members {
		if m.Region != region || !slices.Contains(m.Instances, instance) {
			continue
		}
		err := mgr.updateState(func() { m.Instances = removeName(m.Instances, instance) })
		return errors.Join(err, mgr.converge(ctx, mgr.groupOf(m)))
	}
	return nil
}

// Detach removes a DB cluster from its global cluster. A standby becomes an independent cluster with the data that it has
// received. AWS: Amazon Aurora User Guide, "Removing a cluster from an Amazon Aurora Global Database".
func (mgr *Manager) Detach(ctx context.Context, id ID) error {
	mgr.changeMu.Lock()
	defer mgr.changeMu.Unlock()
	m := mgr.state.Members[id.String()]
	if m == nil || m.Global == "" {
		return nil
	}
	left := m.Global
	if err := mgr.updateState(func() { m.Global, m.Writer = "", true }); err != nil {
		return err
	}
	return errors.Join(mgr.converge(ctx, group{writer: m}), mgr.reconcileAfterRemoval(ctx, left))
}

// Attach makes a DB cluster the primary of a new global cluster. An unknown cluster belongs to another engine. AWS: Amazon RDS API
// Reference, CreateGlobalCluster, SourceDBClusterIdentifier.
func (mgr *Manager) Attach(ctx context.Context, global string, id ID) error {
	mgr.changeMu.Lock()
	defer mgr.changeMu.Unlock()
	m := mgr.state.Members[id.String()]
	if m == nil {
		return nil
	}
	if err := mgr.updateState(func() { m.Global, m.Writer = global, true }); err != nil {
		return err
	}
	return mgr.converge(ctx, mgr.groupOf(m))
}

// reconcileAfterRemoval brings a global cluster in order after one of its members was removed. Without members its writer
// endpoint is closed.
func (mgr *Manager) reconcileAfterRemoval(ctx context.Context, global string) error {
	if global == "" {
		return nil
	}
	rest := mgr.groupOfGlobal(global)
	if len(rest.members()) > 0 {
		return mgr.converge(ctx, rest)
	}
	mgr.closeProxy(writerProxy, global)
	return nil
}

// WriterHost returns the host of every global cluster's writer endpoint. It listens at the port of each member, and stays the
// same as long as this machine has the address.
func (mgr *Manager) WriterHost() (string, error) { return mgr.writerHost() }

// Knows says whether a DB cluster is a member of that global cluster and has a server here.
func (mgr *Manager) Knows(global string, id ID) bool {
	mgr.stateMu.Lock()
	defer mgr.stateMu.Unlock()
	m := mgr.state.Members[id.String()]
	return m != nil && m.Global == global
}

func (mgr *Manager) serverConfig(m *member) serverConfig {
	return serverConfig{
		dir: filepath.Join(mgr.options.Folder, m.dirName()), binaries: mgr.binaries, user: mgr.serverUser,
		password: mgr.state.Password, volume: m.Volume, authority: mgr.authority,
	}
}
