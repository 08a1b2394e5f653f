package aurora

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"warmstandby/test/local/testwait"
)

// heldCommit is a commit that a test began; it ends when its session gets an answer.
type heldCommit struct{ ended chan error }

// commit inserts a row in a session of its own and returns at once.
func (f *fixture) commit(target string, id int) heldCommit {
	f.t.Helper()
	connection, err := f.session(target)
	if err != nil {
		f.t.Fatal(err)
	}
	c := heldCommit{make(chan error, 1)}
	go func() {
		_, err := connection.Exec(context.Background(), "INSERT INTO visits VALUES ($1)", id)
		c.ended <- errors.Join(err, connection.Close(context.Background()))
	}()
	return c
}

// assertWaits fails when a commit has an answer, or gets one within noAnswerTimeout.
func (f *fixture) assertWaits(c heldCommit, when string) {
	f.t.Helper()
	select {
	case err := <-c.ended:
		f.t.Fatalf("%s the commit ends with %v, want that it waits", when, err)
	case <-time.After(noAnswerTimeout):
	}
}

// outcome returns what a commit ends with.
func (f *fixture) outcome(c heldCommit) error {
	f.t.Helper()
	select {
	case err := <-c.ended:
		return err
	case <-testwait.Context(f.t).Done():
		f.t.Fatal("the commit still waits")
		return nil
	}
}

func (f *fixture) enforce(rpo map[ID]time.Duration) {
	f.t.Helper()
	if err := f.EnforceRPO(f.t.Context(), rpo); err != nil {
		f.t.Fatal(err)
	}
}

// lateBy has the standby be behind by so much.
func (f *fixture) lateBy(behind time.Duration) {
	f.t.Helper()
	f.Lags(f.t.Context())
	f.setFaults(map[string]NetworkFault{east.Region: Partitioned})
	f.stateMu.Lock()
	defer f.stateMu.Unlock()
	f.caughtUpAt[west] = time.Now().Add(-behind)
}

// Commits wait while the only secondary lags by more than the RPO.
func TestCommitsWaitForRPO(t *testing.T) {
	t.Parallel()
	f := pair(t, t.TempDir())
	rpo := map[ID]time.Duration{east: time.Minute}
	writer := f.writerTarget(east)
	f.insert(writer, 1)
	f.waitRows(west, 1)

	f.lateBy(30 * time.Second)
	f.enforce(rpo)
	f.insert(writer, 2) // it lags by less

	f.lateBy(2 * time.Minute)
	f.enforce(map[ID]time.Duration{west: time.Minute})
	f.insert(writer, 3) // the RPO of a secondary's own group holds nobody

	f.enforce(rpo)
	held := f.commit(writer, 4)
	f.assertWaits(held, "while the only secondary lags by more than the RPO")
	reader := f.dial(east)
	var rows int
	if err := reader.QueryRow(t.Context(), "SELECT count(*) FROM visits").Scan(&rows); err != nil || rows != 3 {
		t.Errorf("while a commit waits a read finds %d rows (%v), want the 3 that are acknowledged", rows, err)
	}
	f.enforce(rpo) // once more changes nothing
	f.assertWaits(held, "before the lag is back")

	f.setFaults(nil)
	testwait.Until(t, "the waiting commit is acknowledged once the secondary has caught up", func() error {
		f.enforce(rpo)
		select {
		case err := <-held.ended:
			return err
		default:
			return errors.New("it waits")
		}
	})
	f.waitRows(west, 1, 2, 3, 4)
	f.insert(writer, 5)
}

// TestCommitsWaitNoMore ends the wait in each way but by a lag that is back.
func TestCommitsWaitNoMore(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*fixture) map[ID]time.Duration{
		"when the parameter is reset":  func(*fixture) map[ID]time.Duration { return nil },
		"when it is more than the lag": func(*fixture) map[ID]time.Duration { return map[ID]time.Duration{east: time.Hour} },
		"when the secondary leaves the global cluster": func(f *fixture) map[ID]time.Duration {
			if err := f.Detach(f.t.Context(), west); err != nil {
				f.t.Fatal(err)
			}
			return map[ID]time.Duration{east: time.Minute}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := pair(t, t.TempDir())
			f.lateBy(2 * time.Minute)
			f.enforce(map[ID]time.Duration{east: time.Minute})
			held := f.commit(f.target(east), 1)
			f.assertWaits(held, "at first")
			f.enforce(end(f))
			if err := f.outcome(held); err != nil {
				t.Errorf("the commit ends with %v", err)
			}
		})
	}
}

// A promoted standby has no RPO in its group, and begins without the wait of the old writer's commits.
func TestWhoIsPromotedWhileCommitsWaitTakesWrites(t *testing.T) {
	t.Parallel()
	f := pair(t, t.TempDir())
	rpo := map[ID]time.Duration{east: time.Minute}
	f.lateBy(2 * time.Minute)
	f.enforce(rpo)
	held := f.commit(f.target(east), 1)
	f.assertWaits(held, "before the failover")
	if err := f.Failover(t.Context(), globalID, west, accepted); err != nil {
		t.Fatal(err)
	}
	if err := f.outcome(held); err == nil {
		t.Error("a commit that waited was acknowledged by a failover")
	}
	f.enforce(rpo)
	f.insert(f.writerTarget(west), 2)
	f.setFaults(nil)
	testwait.Until(t, "the old writer follows, without what it never acknowledged", func() error {
		got, err := f.rows(east)
		if err == nil && (len(got) != 1 || got[0] != 2) {
			err = errors.New("it has other rows")
		}
		return err
	})
	// Home again, the old writer's group holds as it did.
	testwait.Until(t, "the old writer can be switched to", func() error { return f.Switchover(t.Context(), globalID, east, accepted) })
	f.enforce(rpo)
	f.insert(f.writerTarget(east), 3)
}

// The client's statement timeout does not end the wait: PostgreSQL disarms it before it commits. A client needs one of its own.
func TestAStatementTimeoutDoesNotEndTheWaitOfACommit(t *testing.T) {
	t.Parallel()
	f := pair(t, t.TempDir())
	connection := f.dial(east)
	f.exec(connection, "SET statement_timeout = 50")
	f.lateBy(2 * time.Minute)
	f.enforce(map[ID]time.Duration{east: time.Minute})
	ctx, cancel := context.WithTimeout(t.Context(), noAnswerTimeout)
	defer cancel()
	_, err := connection.Exec(ctx, "INSERT INTO visits VALUES (1)", pgx.QueryExecModeSimpleProtocol)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a commit that waits ends with %v, want the client's own timeout", err)
	}
}
