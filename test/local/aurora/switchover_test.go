package aurora

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"warmstandby/test/local/testwait"
)

// writers insert rows of ascending ids through an endpoint until they are ended, and keep those that were acknowledged.
type writers struct {
	mu           sync.Mutex
	acknowledged []int64
	enough       chan struct{} // closed when many have been written
	end          atomic.Bool
	group        sync.WaitGroup
}

func (f *fixture) startWriters() *writers {
	const parallel, many = 4, 200
	w := &writers{enough: make(chan struct{})}
	target := f.writerTarget(east)
	for n := range int64(parallel) {
		w.group.Go(func() {
			for id := n; !w.end.Load(); {
				connection, err := attempt(target)
				if err != nil {
					time.Sleep(pollInterval) // between two writers
					continue
				}
				for err == nil && !w.end.Load() {
					// A row whose acknowledgement was lost may be there or not; it is not counted, nor written again.
					_, err = connection.Exec(context.Background(), "INSERT INTO visits VALUES ($1)", id)
					if err == nil {
						w.note(id, many)
					}
					id += parallel
				}
				connection.Close(context.Background())
			}
		})
	}
	select {
	case <-w.enough:
	case <-testwait.Context(f.t).Done():
		f.t.Fatalf("%d rows were acknowledged, want %d", len(w.stop()), many)
	}
	return w
}

func (w *writers) note(id int64, many int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.acknowledged = append(w.acknowledged, id)
	if len(w.acknowledged) == many {
		close(w.enough)
	}
}

func (w *writers) stop() []int64 {
	w.end.Store(true)
	w.group.Wait()
	return w.acknowledged
}

func (f *fixture) switchover(target ID) {
	f.t.Helper()
	if err := f.Switchover(f.t.Context(), globalID, target, accepted); err != nil {
		f.t.Fatal(err)
	}
}

func TestASwitchoverUnderWritersLosesNothing(t *testing.T) {
	t.Parallel()
	f := pair(t, t.TempDir())
	w := f.startWriters()
	for _, target := range []ID{west, east} {
		f.switchover(target)
	}
	acknowledged := w.stop()
	for _, id := range []ID{east, west} {
		testwait.Until(f.t, "every acknowledged row is at "+id.String(), func() error {
			rows, err := f.rows(id)
			for _, one := range acknowledged {
				if _, found := slices.BinarySearch(rows, one); !found && err == nil {
					err = fmt.Errorf("row %d of %d is missing", one, len(acknowledged))
				}
			}
			return err
		})
	}
}

func TestASwitchoverThatIsRefusedChangesNothing(t *testing.T) {
	t.Parallel()
	f := pair(t, t.TempDir())
	refusal := errors.New("the control plane refuses")
	if err := f.Switchover(t.Context(), globalID, west, func() error { return refusal }); !errors.Is(err, refusal) {
		t.Errorf("ended with %v, want the refusal", err)
	}
	f.insert(f.writerTarget(east), 1)
	f.insert(f.target(east), 2)
	f.waitRows(west, 1, 2)
}

func TestATargetThatIsNotReadyIsRefused(t *testing.T) {
	t.Parallel()
	f := pair(t, t.TempDir())
	never := func() error {
		t.Error("the control plane was asked to change the writer")
		return nil
	}
	refused := func(target ID) {
		t.Helper()
		for name, move := range map[string]func(context.Context, string, ID, func() error) error{
			"switchover": f.Switchover, "failover": f.Failover,
		} {
			if err := move(t.Context(), globalID, target, never); !errors.Is(err, ErrNotReady) {
				t.Errorf("%s to %s ended with %v, want that it is not ready", name, target, err)
			}
		}
	}
	refused(east)
	refused(ID{"us-west-2", "unknown"})
	if err := f.RemoveInstance(t.Context(), west.Region, west.Cluster+"-1"); err != nil {
		t.Fatal(err)
	}
	refused(west)
	f.insert(f.writerTarget(east), 1)
}

func TestAFailoverLosesWhatTheStandbyHadNotReceived(t *testing.T) {
	t.Parallel()
	f := pair(t, t.TempDir())
	f.insert(f.writerTarget(east), 1)
	f.waitRows(west, 1)

	// The writer commits and sends nothing while its sender stands still.
	f.signalSender(east, syscall.SIGSTOP)
	f.insert(f.writerTarget(east), 2)
	if err := f.Failover(t.Context(), globalID, west, accepted); err != nil {
		t.Fatal(err)
	}
	f.insert(f.writerTarget(east), 3)
	f.waitRows(west, 1, 3)
	f.waitRows(east, 1, 3) // it follows, and its own row 2 is gone

	f.switchover(east)
	f.insert(f.writerTarget(east), 4)
	f.waitRows(east, 1, 3, 4)
	f.waitRows(west, 1, 3, 4)
}

// signalSender sends a signal to the process that sends a writer's log to its standby.
func (f *fixture) signalSender(id ID, sig syscall.Signal) {
	f.t.Helper()
	connection, err := f.servers[id].connect(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	defer connection.Close(context.Background())
	var pid int
	if err := connection.QueryRow(f.t.Context(), "SELECT active_pid FROM pg_replication_slots").Scan(&pid); err != nil {
		f.t.Fatal(err)
	}
	if err := syscall.Kill(pid, sig); err != nil {
		f.t.Fatal(err)
	}
}

func TestAFailoverNeedsNoWriter(t *testing.T) {
	t.Parallel()
	f := pair(t, t.TempDir())
	f.insert(f.writerTarget(east), 1)
	f.waitRows(west, 1)
	f.signal(east, syscall.SIGSTOP) // hangs, as a host that is gone
	if err := f.Failover(t.Context(), globalID, west, accepted); err != nil {
		t.Fatal(err)
	}
	f.insert(f.writerTarget(east), 2)
	f.waitRows(east, 1, 2)
}

// An interrupted switchover is finished at the next open.
func TestInterruptedSwitchover(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	first := pair(t, folder)
	first.insert(first.writerTarget(east), 1)
	first.waitRows(west, 1)
	first.close()
	// What is on disk between the decision and the promotion.
	if err := first.updateState(func() {
		for id, m := range first.state.Members {
			m.Writer, m.HasData = id == west.String(), id == west.String()
		}
	}); err != nil {
		t.Fatal(err)
	}
	second := open(t, folder)
	second.insert(second.writerTarget(east), 2)
	second.waitRows(west, 1, 2)
	second.waitRows(east, 1, 2)
}

func TestASwitchoverDropsTheConnectionsToTheWriter(t *testing.T) {
	t.Parallel()
	f := pair(t, t.TempDir())
	held, err := f.session(f.writerTarget(east))
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close(context.Background())
	f.exec(held, "INSERT INTO visits VALUES (1)")
	f.switchover(west)
	if _, err := held.Exec(t.Context(), "SELECT 1"); err == nil {
		t.Error("a connection from before the switchover still answers")
	}
}

// Lag grows while the writer is away and is small otherwise.
func TestLag(t *testing.T) {
	t.Parallel()
	f := pair(t, t.TempDir())
	f.insert(f.writerTarget(east), 1)
	f.waitRows(west, 1)
	lags := f.Lags(t.Context())
	if len(lags) != 1 || lags[0].ID != west || lags[0].Writer.Region != east.Region {
		t.Fatalf("measured %+v, want the standby in the west behind the east", lags)
	}
	start := time.Now()
	if got := f.lagFrom(west, true, time.Millisecond, start); got != time.Millisecond {
		t.Errorf("a standby that has everything is %s behind, want a message's transit time", got)
	}
	if got := f.lagFrom(west, false, 0, start.Add(time.Minute)); got != time.Minute {
		t.Errorf("a standby that last had everything a minute ago is %s behind", got)
	}
	f.signalSender(east, syscall.SIGSTOP)
	f.insert(f.writerTarget(east), 2)
	testwait.Until(f.t, "the standby is seen to be behind", func() error {
		if lags = f.Lags(t.Context()); len(lags) == 1 && lags[0].Behind > time.Second {
			return nil
		}
		return fmt.Errorf("it is %+v", lags)
	})
	f.signalSender(east, syscall.SIGCONT)
	testwait.Until(f.t, "the standby has everything again", func() error {
		if lags = f.Lags(t.Context()); len(lags) == 1 && lags[0].Behind < time.Second {
			return nil
		}
		return fmt.Errorf("it is %+v", lags)
	})
}
