package aurora

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// promoteTime is how long a promotion may take, in seconds. It takes 0.1 s; a standby first replays what it has received.
const promoteTime = 60

// converge makes what runs equal to what should: the writer first, then the members that follow it. It may be called at
// any time, so one that was interrupted is finished by the next.
func (s *Set) converge(ctx context.Context, g group) error {
	if err := s.convergeWriter(ctx, g); err != nil {
		return err
	}
	return s.convergeStandbys(ctx, g)
}

// convergeWriter starts and promotes the writer and leads the doors to it.
func (s *Set) convergeWriter(ctx context.Context, g group) error {
	if g.writer == nil {
		return nil
	}
	running, err := s.ensure(ctx, g.writer, nil)
	if err != nil {
		return fmt.Errorf("DB cluster %s: %w", g.writer.ID, err)
	}
	if running != nil {
		if err := running.promote(ctx); err != nil {
			return fmt.Errorf("promoting DB cluster %s: %w", g.writer.ID, err)
		}
	}
	s.closeDoor(link, g.writer.String())
	if err := s.linkStandbys(g); err != nil {
		return err
	}
	if g.writer.Global == "" {
		return nil
	}
	return s.leadToWriter(g, running)
}

// convergeStandbys starts the members that follow the writer, from a new copy where they have none.
func (s *Set) convergeStandbys(ctx context.Context, g group) error {
	if g.writer == nil {
		return nil
	}
	writer := s.servers[g.writer.ID]
	keep := map[string]bool{}
	var faults []error
	for _, m := range g.standbys {
		if !m.HasData && (s.isCut(m) || s.isCut(g.writer) || s.cuts.of(way{from: m.Region, to: g.writer.Region}) != Connected) {
			continue // nothing can be copied until the way is healed
		}
		if writer != nil && s.servers[m.ID] == nil && m.HasData {
			if err := s.forgetLost(ctx, m, writer); err != nil {
				faults = append(faults, err)
				continue
			}
		}
		if m.HasData || writer != nil {
			if _, err := s.ensure(ctx, m, g.writer); err != nil {
				faults = append(faults, fmt.Errorf("DB cluster %s, which follows %s: %w", m.ID, g.writer.ID, err))
			}
		}
		keep[m.slot()] = m.HasData
	}
	if writer != nil {
		connection, err := writer.connect(ctx)
		if err != nil {
			return errors.Join(append(faults, err)...)
		}
		faults = append(faults, dropSlots(ctx, connection, func(name string) bool { return !keep[name] }), connection.Close(ctx))
	}
	return errors.Join(faults...)
}

// forgetLost has a standby made anew when its writer no longer has all that it lacks.
func (s *Set) forgetLost(ctx context.Context, m *member, writer *server) error {
	connection, err := writer.connect(ctx)
	if err != nil {
		return err
	}
	defer connection.Close(context.WithoutCancel(ctx))
	var kept bool
	const question = "SELECT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = $1 AND wal_status <> 'lost')"
	if err := connection.QueryRow(ctx, question, m.slot()).Scan(&kept); err != nil {
		return fmt.Errorf("asking whether %s can go on following: %w", m.ID, err)
	}
	if kept {
		return nil
	}
	s.options.Log.Printf("aurora: %s is made anew: its writer no longer has what it lacks", m.ID)
	return s.update(func() { m.HasData = false })
}

// ensure runs or stops a member's server and makes its data when there is none; from is the writer that it follows. It
// returns nil when the member has no instance.
func (s *Set) ensure(ctx context.Context, m, from *member) (*server, error) {
	if len(m.Instances) == 0 {
		defer s.closeDoor(front, m.String())
		return nil, s.stop(m, syscall.SIGINT)
	}
	if running := s.servers[m.ID]; running != nil && running.runs() {
		return running, s.openFront(m, running)
	}
	p, err := s.prepare(m)
	if err != nil {
		return nil, err
	}
	var started *server
	switch {
	case from == nil && !m.HasData:
		started, err = p.initialise(ctx, m.Cluster)
	case from == nil:
		started, err = p.start(ctx, nil)
	default:
		if !m.HasData {
			err = p.follow(ctx, s.servers[from.ID].place, m.slot())
		}
		if err == nil {
			started, err = p.start(ctx, &source{port: s.linkPort(m), slot: m.slot()})
		}
	}
	if started != nil {
		s.register(m.ID, started)
		err = errors.Join(err, s.openFront(m, started))
	}
	if err != nil {
		return nil, err
	}
	if !m.HasData {
		err = s.update(func() { m.HasData, m.Password = true, "" })
	}
	return started, err
}

// prepare gets the binaries, the authority, the folder and the port of a server that is about to start.
func (s *Set) prepare(m *member) (place, error) {
	if s.binaries.Folder == "" {
		installed, err := s.options.Install()
		if err != nil {
			return place{}, err
		}
		s.binaries = installed
	}
	if s.authority == nil {
		opened, err := openAuthority(s.options.Folder, time.Now())
		if err != nil {
			return place{}, err
		}
		s.authority = opened
	}
	p := s.place(m)
	var err error
	if p.port, err = s.newPort(); err != nil {
		return place{}, err
	}
	if err := os.MkdirAll(p.folder, 0o755); err != nil {
		return place{}, fmt.Errorf("making the folder of %s: %w", m.ID, err)
	}
	return p, nil
}

// register notes a running server and watches it: one that ends by itself is started again, as Aurora restarts an
// instance. One that then does not start is left, and the log says why.
func (s *Set) register(id ID, running *server) {
	s.looking.Lock()
	s.servers[id] = running
	s.looking.Unlock()
	s.background.Go(func() {
		<-running.ended
		if running.stopping.Load() || s.ctx.Err() != nil {
			return
		}
		s.options.Log.Printf("aurora: the server of %s ended by itself (%v; log: %s) and is started again", id, running.err, running.log())
		s.changing.Lock()
		defer s.changing.Unlock()
		m := s.state.Members[id.String()]
		if m == nil || s.servers[id] != running || s.ctx.Err() != nil {
			return
		}
		if err := s.converge(s.ctx, s.groupOf(m)); err != nil {
			s.options.Log.Printf("aurora: starting DB cluster %s again: %v", id, err)
		}
	})
}

// stop stops a member's server when it runs.
func (s *Set) stop(m *member, how syscall.Signal) error {
	running := s.servers[m.ID]
	if running == nil {
		return nil
	}
	if err := s.leadNowhere(m); err != nil {
		return err
	}
	if err := running.stop(how); err != nil {
		return fmt.Errorf("DB cluster %s: %w", m.ID, err)
	}
	s.looking.Lock()
	defer s.looking.Unlock()
	delete(s.servers, m.ID)
	delete(s.current, m.ID)
	return nil
}

// promote ends a server's recovery; for one that is a writer already it does nothing.
func (s *server) promote(ctx context.Context) error {
	connection, err := s.connect(ctx)
	if err != nil {
		return err
	}
	defer connection.Close(context.WithoutCancel(ctx))
	var done bool
	if err := connection.QueryRow(ctx, "SELECT NOT pg_is_in_recovery() OR pg_promote(true, $1)", promoteTime).Scan(&done); err != nil {
		return err
	}
	if !done {
		return fmt.Errorf("it is still in recovery after %d s (log: %s)", promoteTime, s.log())
	}
	return nil
}
