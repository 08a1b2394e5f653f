package aurora

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// ErrNotReady says that a DB cluster cannot become the writer of its global cluster in its present state. Nothing has changed.
var ErrNotReady = errors.New("not ready to become the writer")

// streamTimeout bounds the wait for a standby to stream from its writer after it was created or lost its connection: it tries
// five times a second (wal_retrieve_retry_interval).
const streamTimeout = 5 * time.Second

// catchUpTimeout bounds a switchover's wait for the target to replay every write; writes are blocked meanwhile.
const catchUpTimeout = 30 * time.Second

// Switchover makes target the writer of its global cluster without loss: it blocks writes, waits until the target has replayed
// all of them, calls accept, and promotes the target. The old writer is rebuilt as a standby, in the background after
// Switchover has returned. If the target does not catch up, or accept refuses, the roles stay as they were and that error is
// returned. AWS: Amazon Aurora User Guide, "Performing switchovers for Amazon Aurora global databases".
func (mgr *Manager) Switchover(ctx context.Context, global string, target ID, accept func() error) error {
	return mgr.changeWriter(ctx, global, target, func(g group, to *member) error {
		from := mgr.servers[g.writer.ID]
		if from == nil || !from.runs() || mgr.isUnreachable(g.writer) {
			return fmt.Errorf("%w: the writer %s does not run", ErrNotReady, g.writer.ID)
		}
		err := mgr.routeWriterEndpoint(g, nil)
		if err == nil {
			err = from.blockSessions(ctx)
		}
		if err == nil {
			err = from.waitCaughtUp(ctx, mgr.servers[target], to.slotName())
		}
		if err == nil {
			err = accept()
		}
		if err != nil {
			undone := from.setAccessRules(context.WithoutCancel(ctx), openAccessRules)
			return errors.Join(err, undone, mgr.routeWriterEndpoint(g, from))
		}
		return mgr.stopServer(g.writer, syscall.SIGINT)
	})
}

// Failover calls accept and then makes target the writer of its global cluster at once: the old writer is ended as by a crash,
// so that it accepts no more writes, and what the target had not received is lost. It needs no connection to the old writer,
// which is rebuilt as a standby in the background after Failover has returned, once no network fault separates the two. AWS:
// Amazon Aurora User Guide, "Performing managed failovers for Aurora global databases".
func (mgr *Manager) Failover(ctx context.Context, global string, target ID, accept func() error) error {
	return mgr.changeWriter(ctx, global, target, func(g group, _ *member) error {
		if err := accept(); err != nil {
			return err
		}
		if err := errors.Join(mgr.routeWriterEndpoint(g, nil), mgr.stopServer(g.writer, syscall.SIGQUIT)); err != nil {
			return err
		}
		lost := time.Now().UTC()
		return mgr.updateState(func() { g.writer.Lost = &lost })
	})
}

// changeWriter makes target the writer, after releaseWriter has stopped the old one.
func (mgr *Manager) changeWriter(ctx context.Context, global string, target ID, releaseWriter func(group, *member) error) error {
	mgr.changeMu.Lock()
	err := mgr.changeWriterLocked(ctx, global, target, releaseWriter)
	if err != nil {
		mgr.changeMu.Unlock()
		return err
	}
	mgr.background.Go(func() {
		defer mgr.changeMu.Unlock()
		if err := mgr.convergeStandbys(mgr.ctx, mgr.groupOfGlobal(global)); err != nil && mgr.ctx.Err() == nil {
			mgr.options.Log.Printf("aurora: rebuilding the standbys of %s: %v", global, err)
		}
	})
	return nil
}

func (mgr *Manager) changeWriterLocked(ctx context.Context, global string, target ID, releaseWriter func(group, *member) error) error {
	g, to := mgr.groupOfGlobal(global), mgr.state.Members[target.String()]
	switch {
	case to == nil || to.Global != global || g.writer == nil:
		return fmt.Errorf("%w: %s is not a secondary of %s", ErrNotReady, target, global)
	case to.Writer:
		return fmt.Errorf("%w: %s is the writer already", ErrNotReady, target)
	case mgr.servers[target] == nil || !mgr.servers[target].runs() || mgr.isUnreachable(to):
		return fmt.Errorf("%w: %s has no running instance", ErrNotReady, target)
	}
	if err := releaseWriter(g, to); err != nil {
		return err
	}
	// Every other member has the old writer's timeline and is rebuilt. A standby that still runs must not follow that timeline.
	for _, m := range g.standbys {
		if m != to {
			if err := mgr.stopServer(m, syscall.SIGINT); err != nil {
				return err
			}
		}
	}
	err := mgr.updateState(func() {
		for _, m := range g.members() {
			m.Writer, m.HasData = m == to, m == to
		}
	})
	if err != nil {
		return err
	}
	return mgr.convergeWriter(ctx, mgr.groupOfGlobal(global))
}

// blockSessions ends every session except the administrator's and refuses new ones.
func (s *server) blockSessions(ctx context.Context) error {
	if err := s.setAccessRules(ctx, blockedAccessRules); err != nil {
		return err
	}
	const end = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity " +
		"WHERE backend_type = 'client backend' AND usename <> '" + administrator + "'"
	return s.exec(ctx, end)
}

// setAccessRules replaces pg_hba.conf and has the server reload it.
func (s *server) setAccessRules(ctx context.Context, rules string) error {
	if err := s.user.writeFile(filepath.Join(s.dataDir(), "pg_hba.conf"), []byte(rules)); err != nil {
		return err
	}
	return s.exec(ctx, "SELECT pg_reload_conf()")
}

// waitCaughtUp returns when the standby has replayed everything that was committed before the call.
func (s *server) waitCaughtUp(ctx context.Context, standby *server, slot string) error {
	ctx, cancel := context.WithTimeout(ctx, catchUpTimeout)
	defer cancel()
	connection, err := s.connect(ctx)
	if err != nil {
		return err
	}
	defer connection.Close(context.WithoutCancel(ctx))
	if err := waitStreaming(ctx, connection, slot); err != nil {
		return err
	}
	// A restore point is a log record after every commit: a standby that has replayed it has all of them.
	var last string
	if err := connection.QueryRow(ctx, "SELECT pg_create_restore_point('switchover')::text").Scan(&last); err != nil {
		return fmt.Errorf("marking the last write: %w", err)
	}
	follower, err := standby.connect(ctx)
	if err != nil {
		return err
	}
	defer follower.Close(context.WithoutCancel(ctx))
	for {
		var caughtUp bool
		if err := follower.QueryRow(ctx, "SELECT pg_last_wal_replay_lsn() >= $1::pg_lsn", last).Scan(&caughtUp); err != nil {
			return fmt.Errorf("%w: the target has not replayed every write within %s: %w", ErrNotReady, catchUpTimeout, err)
		}
		if caughtUp {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: the target has not replayed every write within %s", ErrNotReady, catchUpTimeout)
		case <-time.After(pollInterval):
		}
	}
}

// waitStreaming returns when the standby with that slot streams from the server of the connection.
func waitStreaming(ctx context.Context, connection *pgx.Conn, slot string) error {
	const question = "SELECT EXISTS (SELECT FROM pg_stat_replication WHERE application_name = $1 AND state = 'streaming')"
	for end := time.Now().Add(streamTimeout); ; time.Sleep(pollInterval) {
		var streams bool
		if err := connection.QueryRow(ctx, question, slot).Scan(&streams); err != nil {
			return fmt.Errorf("asking whether the standby streams: %w", err)
		}
		if streams {
			return nil
		}
		if time.Now().After(end) {
			return fmt.Errorf("%w: the target has not streamed from the writer for %s", ErrNotReady, streamTimeout)
		}
	}
}
