package aurora

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
)

// promoteTimeout bounds a promotion, in seconds. It takes 0.1 s, after the standby has replayed what it has received.
const promoteTimeout = 60

// converge makes the running servers match the state of a group: the writer first, then the members that follow it. It can be
// interrupted at any point; the next call finishes what is left.
func (mgr *Manager) converge(ctx context.Context, g group) error {
	if err := mgr.convergeWriter(ctx, g); err != nil {
		return err
	}
	return mgr.convergeStandbys(ctx, g)
}

// convergeWriter starts and promotes the writer and routes the group's endpoints to it.
func (mgr *Manager) convergeWriter(ctx context.Context, g group) error {
	if g.writer == nil {
		return nil
	}
	running, err := mgr.ensureServer(ctx, g.writer, nil)
	if err != nil {
		return fmt.Errorf("DB cluster %s: %w", g.writer.ID, err)
	}
	if running != nil {
		if err := running.promote(ctx); err != nil {
			return fmt.Errorf("promoting DB cluster %s: %w", g.writer.ID, err)
		}
	}
	mgr.closeProxy(replicationProxy, g.writer.String())
	if err := mgr.routeReplication(g); err != nil {
		return err
	}
	if g.writer.Global == "" {
		return nil
	}
	return mgr.routeWriterEndpoint(g, running)
}

// convergeStandbys starts the members that follow the writer, and copies the writer's data to those that have none.
func (mgr *Manager) convergeStandbys(ctx context.Context, g group) error {
	if g.writer == nil {
		return nil
	}
	writer := mgr.servers[g.writer.ID]
	neededSlots := map[string]bool{}
	var failures []error
	for _, m := range g.standbys {
		replication := route{clientRegion: m.Region, serverRegion: g.writer.Region}
		separated := mgr.isUnreachable(m) || mgr.isUnreachable(g.writer) || mgr.faults.onRoute(replication) != Connected
		if !m.HasData && separated {
			continue // its data can be copied only when no network fault separates the two
		}
		if writer != nil && mgr.servers[m.ID] == nil && m.HasData {
			if err := mgr.discardIfSlotLost(ctx, m, writer); err != nil {
				failures = append(failures, err)
				continue
			}
		}
		if m.HasData || writer != nil {
			if _, err := mgr.ensureServer(ctx, m, g.writer); err != nil {
				failures = append(failures, fmt.Errorf("DB cluster %s, which follows %s: %w", m.ID, g.writer.ID, err))
			}
		}
		neededSlots[m.slotName()] = m.HasData
	}
	if writer != nil {
		connection, err := writer.connect(ctx)
		if err != nil {
			return errors.Join(append(failures, err)...)
		}
		failures = append(failures, dropSlots(ctx, connection, func(name string) bool { return !neededSlots[name] }), connection.Close(ctx))
	}
	return errors.Join(failures...)
}

// discardIfSlotLost marks a standby's data as unusable when the writer no longer keeps the log that the standby lacks, so that
// the standby is rebuilt.
func (mgr *Manager) discardIfSlotLost(ctx context.Context, m *member, writer *server) error {
	connection, err := writer.connect(ctx)
	if err != nil {
		return err
	}
	defer connection.Close(context.WithoutCancel(ctx))
	var kept bool
	const question = "SELECT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = $1 AND wal_status <> 'lost')"
	if err := connection.QueryRow(ctx, question, m.slotName()).Scan(&kept); err != nil {
		return fmt.Errorf("reading the replication slot of %s: %w", m.ID, err)
	}
	if kept {
		return nil
	}
	mgr.options.Log.Printf("aurora: %s is rebuilt: its writer no longer keeps the log that it lacks", m.ID)
	return mgr.updateState(func() { m.HasData = false })
}

// ensureServer starts a member's server, and creates its data if there is none; writer is the member that it follows, nil for a
// writer. A member without an instance is stopped, and ensureServer returns nil.
func (mgr *Manager) ensureServer(ctx context.Context, m, writer *member) (*server, error) {
	if len(m.Instances) == 0 {
		defer mgr.closeProxy(endpointProxy, m.String())
		return nil, mgr.stopServer(m, syscall.SIGINT)
	}
	if running := mgr.servers[m.ID]; running != nil && running.runs() {
		return running, mgr.openEndpoint(m, running)
	}
	config, err := mgr.prepareServer(m)
	if err != nil {
		return nil, err
	}
	var started *server
	if !m.HasData {
		if err := mgr.replaceVolume(m, &config); err != nil {
			return nil, err
		}
	}
	switch {
	case writer == nil && !m.HasData:
		started, err = config.initDB(ctx, m.Cluster)
	case writer == nil:
		started, err = config.start(ctx, nil)
	default:
		if !m.HasData {
			err = config.baseBackup(ctx, mgr.servers[writer.ID].serverConfig, m.slotName())
		}
		if err == nil {
			started, err = config.start(ctx, &replicationSource{port: mgr.replicationPort(m), slot: m.slotName()})
		}
	}
	if started != nil {
		mgr.supervise(m.ID, started)
		err = errors.Join(err, mgr.openEndpoint(m, started))
	}
	if err != nil {
		return nil, err
	}
	if !m.HasData {
		err = mgr.updateState(func() { m.HasData, m.Password = true, "" })
	}
	return started, errors.Join(err, mgr.ensureBaseBackup(ctx, started))
}

// replaceVolume gives a member that is about to get new data a new volume: the old one's backups end, and what only it has is
// kept as a snapshot.
func (mgr *Manager) replaceVolume(m *member, config *serverConfig) error {
	if _, err := os.Stat(config.dataDir()); err == nil {
		if err := config.endVolume(); err != nil {
			return fmt.Errorf("ending the backups of the old volume: %w", err)
		}
		if m.Lost != nil {
			if err := mgr.keepLostVolume(m, *config); err != nil {
				return fmt.Errorf("keeping the old volume as a snapshot: %w", err)
			}
		}
	}
	if err := mgr.updateState(func() { m.Volume, m.Lost = m.Volume+1, nil }); err != nil {
		return err
	}
	config.volume = m.Volume
	return nil
}

// prepareServer returns the configuration of a server that is about to start. It installs PostgreSQL, opens the authority,
// creates the directory and chooses a port.
func (mgr *Manager) prepareServer(m *member) (serverConfig, error) {
	if mgr.binaries.Folder == "" {
		installed, err := mgr.options.Install()
		if err != nil {
			return serverConfig{}, err
		}
		mgr.binaries = installed
	}
	if mgr.authority == nil {
		opened, err := openAuthority(mgr.options.Folder)
		if err != nil {
			return serverConfig{}, err
		}
		mgr.authority = opened
	}
	config := mgr.serverConfig(m)
	var err error
	if config.port, err = mgr.newPort(); err != nil {
		return serverConfig{}, err
	}
	if err := os.MkdirAll(config.dir, 0o755); err != nil {
		return serverConfig{}, fmt.Errorf("making the folder of %s: %w", m.ID, err)
	}
	return config, nil
}

// supervise records a running server and restarts it once if it ends by itself, as Aurora restarts an instance. If the restart
// fails, the server stays down and the log says why.
func (mgr *Manager) supervise(id ID, running *server) {
	mgr.stateMu.Lock()
	mgr.servers[id] = running
	mgr.stateMu.Unlock()
	mgr.background.Go(func() {
		<-running.ended
		if running.stopping.Load() || mgr.ctx.Err() != nil {
			return
		}
		mgr.options.Log.Printf("aurora: the server of %s ended unexpectedly (%v; log: %s) and is restarted", id, running.err, running.logFile())
		mgr.changeMu.Lock()
		defer mgr.changeMu.Unlock()
		m := mgr.state.Members[id.String()]
		if m == nil || mgr.servers[id] != running || mgr.ctx.Err() != nil {
			return
		}
		if err := mgr.converge(mgr.ctx, mgr.groupOf(m)); err != nil {
			mgr.options.Log.Printf("aurora: restarting DB cluster %s: %v", id, err)
		}
	})
}

// stopServer stops a member's server if it runs.
func (mgr *Manager) stopServer(m *member, how syscall.Signal) error {
	running := mgr.servers[m.ID]
	if running == nil {
		return nil
	}
	if err := mgr.disconnectEndpoint(m); err != nil {
		return err
	}
	if err := running.stop(how); err != nil {
		return fmt.Errorf("DB cluster %s: %w", m.ID, err)
	}
	mgr.stateMu.Lock()
	defer mgr.stateMu.Unlock()
	delete(mgr.servers, m.ID)
	delete(mgr.caughtUpAt, m.ID)
	return nil
}

// promote ends a standby's recovery. It does nothing to a server that is a writer already.
func (s *server) promote(ctx context.Context) error {
	connection, err := s.connect(ctx)
	if err != nil {
		return err
	}
	defer connection.Close(context.WithoutCancel(ctx))
	var done bool
	if err := connection.QueryRow(ctx, "SELECT NOT pg_is_in_recovery() OR pg_promote(true, $1)", promoteTimeout).Scan(&done); err != nil {
		return err
	}
	if !done {
		return fmt.Errorf("the server is still in recovery after %d s (log: %s)", promoteTimeout, s.logFile())
	}
	return nil
}
