package aurora

import (
	"context"
	"time"
)

// Lag is how far a member of a global cluster is behind its writer.
type Lag struct {
	ID     ID            // the member
	Source string        // the writer's region
	Behind time.Duration // the age of what the member lacks; the way of a message when it lacks nothing
}

// Lags measures every standby that answers. A standby that has received and replayed all that its writer has said is
// behind by a message's way; any other by the time since it last had everything, which grows while the writer is away.
// PostgreSQL: pg_stat_wal_receiver; a writer that is gone is noticed after wal_receiver_timeout.
func (s *Set) Lags(ctx context.Context) []Lag {
	s.looking.Lock()
	type standby struct {
		Lag
		server *server
	}
	var standbys []standby
	for _, m := range s.state.Members {
		if running, g := s.servers[m.ID], s.groupOf(m); !m.Writer && running != nil && g.writer != nil {
			standbys = append(standbys, standby{Lag{ID: m.ID, Source: g.writer.Region}, running})
		}
	}
	s.looking.Unlock()
	var lags []Lag
	for _, one := range standbys {
		current, took, err := one.server.measure(ctx)
		if err != nil {
			s.options.Log.Printf("aurora: measuring how far %s is behind: %v", one.ID, err)
			continue
		}
		if s.cuts.of(way{from: one.ID.Region, to: one.Source}) != Connected {
			current = false // it takes some seconds to notice
		}
		one.Behind = s.behind(one.ID, current, took, time.Now())
		lags = append(lags, one.Lag)
	}
	return lags
}

// behind turns a measurement into a lag. Before the first measurement a standby has had everything: it was just made.
func (s *Set) behind(id ID, current bool, way time.Duration, now time.Time) time.Duration {
	s.looking.Lock()
	defer s.looking.Unlock()
	if last, known := s.current[id]; !current && known {
		return now.Sub(last)
	}
	s.current[id] = now
	return way
}

// measure asks a standby whether it has everything, and how long the writer's last message was on its way.
func (s *server) measure(ctx context.Context) (current bool, way time.Duration, err error) {
	connection, err := s.connect(ctx)
	if err != nil {
		return false, 0, err
	}
	defer connection.Close(context.WithoutCancel(ctx))
	var seconds float64
	const question = `SELECT coalesce(bool_and(status = 'streaming' AND pg_last_wal_replay_lsn() >= latest_end_lsn), false),
		coalesce(max(extract(epoch FROM last_msg_receipt_time - last_msg_send_time)), 0)::float8 FROM pg_stat_wal_receiver`
	if err := connection.QueryRow(ctx, question).Scan(&current, &seconds); err != nil {
		return false, 0, err
	}
	return current, max(0, time.Duration(seconds*float64(time.Second))), nil
}
