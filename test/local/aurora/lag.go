package aurora

import (
	"context"
	"time"
)

// Lag is the replication lag of one standby.
type Lag struct {
	ID     ID            // the member
	Writer ID            // the member that it follows
	Behind time.Duration // how long the member has lacked data; a message's transit time when it lacks none
}

// Lags measures every standby that answers. A standby that has replayed all that its writer has sent lags by the transit time
// of one message; any other standby by the time since it last had everything, which grows while the writer is unreachable.
// PostgreSQL: pg_stat_wal_receiver; a lost writer is noticed after wal_receiver_timeout.
func (mgr *Manager) Lags(ctx context.Context) []Lag {
	mgr.stateMu.Lock()
	type standby struct {
		Lag
		server *server
	}
	var standbys []standby
	for _, m := range mgr.state.Members {
		if running, g := mgr.servers[m.ID], mgr.groupOf(m); !m.Writer && running != nil && g.writer != nil {
			standbys = append(standbys, standby{Lag{ID: m.ID, Writer: g.writer.ID}, running})
		}
	}
	mgr.stateMu.Unlock()
	var lags []Lag
	for _, one := range standbys {
		current, took, err := one.server.measureReplay(ctx)
		if err != nil {
			mgr.options.Log.Printf("aurora: measuring how far %s is behind: %v", one.ID, err)
			continue
		}
		if mgr.faults.onRoute(route{clientRegion: one.ID.Region, serverRegion: one.Writer.Region}) != Connected {
			current = false // the standby notices the fault only after wal_receiver_timeout
		}
		one.Behind = mgr.lagFrom(one.ID, current, took, time.Now())
		lags = append(lags, one.Lag)
	}
	return lags
}

// lagFrom turns a measurement into a lag. A standby that was not measured before counts as current: it was just created.
func (mgr *Manager) lagFrom(id ID, current bool, transit time.Duration, now time.Time) time.Duration {
	mgr.stateMu.Lock()
	defer mgr.stateMu.Unlock()
	if last, known := mgr.caughtUpAt[id]; !current && known {
		return now.Sub(last)
	}
	mgr.caughtUpAt[id] = now
	return transit
}

// measureReplay asks a standby whether it has replayed everything that it knows of, and for the transit time of the writer's
// last message.
func (s *server) measureReplay(ctx context.Context) (current bool, transit time.Duration, err error) {
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
