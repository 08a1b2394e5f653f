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

// ErrNotReady says that a DB cluster cannot become its global cluster's writer as things are. Nothing has changed.
var ErrNotReady = errors.New("not ready to become the writer")

// followTime is what a standby that was just made, or whose connection broke, is given to follow the writer again: it tries
// five times a second (wal_retrieve_retry_interval).
const followTime = 5 * time.Second

// catchUpTime is how long a switchover waits for the target to have everything; writes are blocked meanwhile.
const catchUpTime = 30 * time.Second

// Switchover makes target its global cluster's writer and loses nothing: writes are blocked, the target replays all that
// was written, accept is called, the target is promoted, and the old writer is made anew as a standby, which goes on after
// Switchover has returned. When the target does not catch up, or accept refuses, all is as before, with that error.
// AWS: Amazon Aurora User Guide, "Performing switchovers for Amazon Aurora global databases".
func (s *Set) Switchover(ctx context.Context, global string, target ID, accept func() error) error {
	return s.move(ctx, global, target, func(g group, to *member) error {
		from := s.servers[g.writer.ID]
		if from == nil || !from.runs() || s.isCut(g.writer) {
			return fmt.Errorf("%w: the writer %s does not run", ErrNotReady, g.writer.ID)
		}
		err := s.leadToWriter(g, nil)
		if err == nil {
			err = from.block(ctx)
		}
		if err == nil {
			err = from.drain(ctx, s.servers[target], to.slot())
		}
		if err == nil {
			err = accept()
		}
		if err != nil {
			undone := from.admit(context.WithoutCancel(ctx), openAccess)
			return errors.Join(err, undone, s.leadToWriter(g, from))
		}
		return s.stop(g.writer, syscall.SIGINT)
	})
}

// Failover makes target its global cluster's writer at once, after accept has agreed: the old writer is ended as by a
// crash, so that it accepts nothing more, and what the target had not received is lost. It needs nothing of the old writer,
// which is made anew as a standby: that goes on after Failover has returned, and begins once nothing cuts its way.
// AWS: Amazon Aurora User Guide, "Performing managed failovers for Aurora global databases".
func (s *Set) Failover(ctx context.Context, global string, target ID, accept func() error) error {
	return s.move(ctx, global, target, func(g group, _ *member) error {
		if err := accept(); err != nil {
			return err
		}
		return errors.Join(s.leadToWriter(g, nil), s.stop(g.writer, syscall.SIGQUIT))
	})
}

// move makes target the writer after release has let go of the old one.
func (s *Set) move(ctx context.Context, global string, target ID, release func(group, *member) error) error {
	s.changing.Lock()
	err := s.moveLocked(ctx, global, target, release)
	if err != nil {
		s.changing.Unlock()
		return err
	}
	s.background.Go(func() {
		defer s.changing.Unlock()
		if err := s.convergeStandbys(s.ctx, s.global(global)); err != nil && s.ctx.Err() == nil {
			s.options.Log.Printf("aurora: making the standbys of %s anew: %v", global, err)
		}
	})
	return nil
}

func (s *Set) moveLocked(ctx context.Context, global string, target ID, release func(group, *member) error) error {
	g, to := s.global(global), s.state.Members[target.String()]
	switch {
	case to == nil || to.Global != global || g.writer == nil:
		return fmt.Errorf("%w: %s is no member of %s", ErrNotReady, target, global)
	case to.Writer:
		return fmt.Errorf("%w: %s is the writer already", ErrNotReady, target)
	case s.servers[target] == nil || !s.servers[target].runs() || s.isCut(to):
		return fmt.Errorf("%w: %s has no instance that runs", ErrNotReady, target)
	}
	if err := release(g, to); err != nil {
		return err
	}
	// Every other member is on the old writer's history and is made anew. A standby that still runs must not follow it.
	for _, m := range g.standbys {
		if m != to {
			if err := s.stop(m, syscall.SIGINT); err != nil {
				return err
			}
		}
	}
	err := s.update(func() {
		for _, m := range g.members() {
			m.Writer, m.HasData = m == to, m == to
		}
	})
	if err != nil {
		return err
	}
	return s.convergeWriter(ctx, s.global(global))
}

// block ends every session but the administrator's and lets no other begin.
func (s *server) block(ctx context.Context) error {
	if err := s.admit(ctx, closedAccess); err != nil {
		return err
	}
	const end = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE backend_type = 'client backend' AND usename <> " + "'" + administrator + "'"
	return s.do(ctx, end)
}

// admit makes a server use other rules about who may connect.
func (s *server) admit(ctx context.Context, rules string) error {
	if err := s.owner.write(filepath.Join(s.data(), "pg_hba.conf"), []byte(rules)); err != nil {
		return err
	}
	return s.do(ctx, "SELECT pg_reload_conf()")
}

// drain returns when the standby has replayed all that was committed before drain was called.
func (s *server) drain(ctx context.Context, standby *server, slot string) error {
	ctx, cancel := context.WithTimeout(ctx, catchUpTime)
	defer cancel()
	connection, err := s.connect(ctx)
	if err != nil {
		return err
	}
	defer connection.Close(context.WithoutCancel(ctx))
	if err := awaitStream(ctx, connection, slot); err != nil {
		return err
	}
	// A restore point is a record behind every commit; its position is where the standby has all of them.
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
			return fmt.Errorf("%w: it has not received every write within %s: %w", ErrNotReady, catchUpTime, err)
		}
		if caughtUp {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: it has not received every write within %s", ErrNotReady, catchUpTime)
		case <-time.After(pause):
		}
	}
}

// awaitStream returns when the standby with that slot follows the server that connection is to.
func awaitStream(ctx context.Context, connection *pgx.Conn, slot string) error {
	const question = "SELECT EXISTS (SELECT FROM pg_stat_replication WHERE application_name = $1 AND state = 'streaming')"
	for end := time.Now().Add(followTime); ; time.Sleep(pause) {
		var streams bool
		if err := connection.QueryRow(ctx, question, slot).Scan(&streams); err != nil {
			return fmt.Errorf("asking whether the standby follows: %w", err)
		}
		if streams {
			return nil
		}
		if time.Now().After(end) {
			return fmt.Errorf("%w: it has not followed the writer for %s", ErrNotReady, followTime)
		}
	}
}
