package aurora

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"warmstandby/test/local/testwait"
)

// noAnswerTimeout is how long a client waits for an answer that must not come. A client that expects one waits for it.
const noAnswerTimeout = 500 * time.Millisecond

// outcomeContext bounds a call that is expected to end with outcome.
func (f *fixture) outcomeContext(outcome string) (context.Context, context.CancelFunc) {
	f.t.Helper()
	if outcome == "hang" {
		return context.WithTimeout(f.t.Context(), noAnswerTimeout)
	}
	return context.WithCancel(testwait.Context(f.t))
}

func (f *fixture) setFaults(regions map[string]NetworkFault) {
	f.t.Helper()
	if err := f.SetNetworkFaults(regions); err != nil {
		f.t.Fatal(err)
	}
}

// queryOutcome returns what a query on an open connection ends with: "answer", "hang" or "broken". It waits as want needs.
func (f *fixture) queryOutcome(connection *pgx.Conn, want string) string {
	f.t.Helper()
	ctx, cancel := f.outcomeContext(want)
	defer cancel()
	_, err := connection.Exec(ctx, "SELECT 1")
	switch {
	case err == nil:
		return "answer"
	case errors.Is(err, context.DeadlineExceeded):
		return "hang"
	}
	return "broken"
}

// connectOutcome returns what a new connection ends with: "answer", "hang" or "refused". It waits as want needs.
func (f *fixture) connectOutcome(target, want string) string {
	f.t.Helper()
	ctx, cancel := f.outcomeContext(want)
	defer cancel()
	connection, err := connect(ctx, target)
	switch {
	case err == nil:
		connection.Close(context.Background())
		return "answer"
	case errors.Is(err, context.DeadlineExceeded):
		return "hang"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused"
	}
	f.t.Fatalf("connecting to %s ended with %v", target, err)
	return ""
}

func TestClientsOfARegionWithANetworkFault(t *testing.T) {
	t.Parallel()
	f := pair(t, t.TempDir())
	for name, test := range map[string]struct {
		faults             map[string]NetworkFault
		east, west, writer [2]string // of an open connection, and of a new one
	}{
		"a region that is lost hangs, the writer endpoint with it": {
			map[string]NetworkFault{east.Region: Blackholed}, [2]string{"hang", "hang"}, [2]string{"answer", "answer"}, [2]string{"hang", "hang"},
		},
		"a standby's region that is lost hangs alone": {
			map[string]NetworkFault{west.Region: Blackholed}, [2]string{"answer", "answer"}, [2]string{"hang", "hang"},
			[2]string{"answer", "answer"},
		},
		"a server that is down breaks connections and refuses new ones": {
			map[string]NetworkFault{east.Region: Refusing}, [2]string{"broken", "refused"}, [2]string{"answer", "answer"},
			[2]string{"broken", "refused"},
		},
		"a region that is split from the other serves whoever comes from nowhere in particular": {
			map[string]NetworkFault{east.Region: Partitioned}, [2]string{"answer", "answer"}, [2]string{"answer", "answer"},
			[2]string{"answer", "answer"},
		},
		"nothing is wrong": {
			nil, [2]string{"answer", "answer"}, [2]string{"answer", "answer"}, [2]string{"answer", "answer"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			targets := map[string]string{"the east": f.target(east), "the west": f.target(west), "the writer endpoint": f.writerTarget(west)}
			wants := map[string][2]string{"the east": test.east, "the west": test.west, "the writer endpoint": test.writer}
			open := map[string]*pgx.Conn{}
			for name, target := range targets {
				connection, err := f.session(target)
				if err != nil {
					t.Fatal(err)
				}
				defer connection.Close(context.Background())
				open[name] = connection
			}
			f.setFaults(test.faults)
			for name, target := range targets {
				want := wants[name]
				if got := [2]string{f.queryOutcome(open[name], want[0]), f.connectOutcome(target, want[1])}; got != want {
					t.Errorf("at %s an open connection and a new one meet %q, want %q", name, got, want)
				}
			}
			f.setFaults(nil)
			for name, target := range targets {
				if got := f.connectOutcome(target, "answer"); got != "answer" {
					t.Errorf("after the fault has ended a client of %s meets %q", name, got)
				}
			}
		})
	}
}

func TestAConnectionThatHungIsResetWhenTheRegionIsBack(t *testing.T) {
	t.Parallel()
	f := pair(t, t.TempDir())
	f.setFaults(map[string]NetworkFault{east.Region: Blackholed})
	hanging, err := net.Dial("tcp", net.JoinHostPort(f.writerHostname(), fmt.Sprint(f.state.Members[east.String()].Port)))
	if err != nil {
		t.Fatal(err)
	}
	defer hanging.Close()
	testwait.Until(f.t, "the connection hangs", func() error {
		f.stateMu.Lock()
		d := f.proxies[writerProxy][globalID]
		f.stateMu.Unlock()
		d.mu.Lock()
		defer d.mu.Unlock()
		if len(d.connections) == 0 {
			return errors.New("it is not accepted yet")
		}
		return nil
	})
	f.setFaults(nil)
	if _, err := hanging.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("it ended with %v, want a reset", err)
	}
}

// Replication stops during a network fault and catches up.
func TestReplicationDuringFault(t *testing.T) {
	t.Parallel()
	f := pair(t, t.TempDir())
	var rows []int64
	for name, faults := range map[string]map[string]NetworkFault{
		"the primary's region is lost":   {east.Region: Blackholed},
		"the secondary's region is lost": {west.Region: Blackholed},
		"the primary's server is down":   {east.Region: Refusing},
		"the secondary's server is down": {west.Region: Refusing},
		"the regions are split":          {east.Region: Partitioned},
	} {
		t.Run(name, func(t *testing.T) {
			f.waitRows(west, rows...)
			before := len(rows)
			rows = append(rows, int64(before))
			f.setFaults(faults)
			f.execDirectly(east, fmt.Sprintf("INSERT INTO visits VALUES (%d)", before))
			f.waitNoSender()
			if got := f.count(west); got != before {
				t.Errorf("the standby has %d rows, want the %d from before the fault", got, before)
			}
			f.setFaults(nil)
			f.waitRows(west, rows...)
		})
	}
}

// waitNoSender returns when the primary has seen that nobody takes its log.
func (f *fixture) waitNoSender() {
	f.t.Helper()
	f.stateMu.Lock()
	primary := f.servers[east]
	f.stateMu.Unlock()
	connection, err := primary.connect(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	defer connection.Close(context.Background())
	testwait.Until(f.t, "the primary sends to nobody", func() error {
		var senders int
		err := connection.QueryRow(f.t.Context(), "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'").Scan(&senders)
		if err == nil && senders > 0 {
			err = fmt.Errorf("it sends to %d", senders)
		}
		return err
	})
}

// execDirectly runs a statement on a member's server, past its proxies.
func (f *fixture) execDirectly(id ID, statement string) {
	f.t.Helper()
	connection := f.connectDirectly(id)
	defer connection.Close(context.Background())
	f.exec(connection, statement)
}

// count counts the rows on a member's server, past its proxies.
func (f *fixture) count(id ID) (rows int) {
	f.t.Helper()
	connection := f.connectDirectly(id)
	defer connection.Close(context.Background())
	if err := connection.QueryRow(f.t.Context(), "SELECT count(*) FROM visits").Scan(&rows); err != nil {
		f.t.Fatal(err)
	}
	return rows
}

// connectDirectly opens a session with a member's server, past its proxies.
func (f *fixture) connectDirectly(id ID) *pgx.Conn {
	f.t.Helper()
	f.stateMu.Lock()
	running := f.servers[id]
	f.stateMu.Unlock()
	connection, err := f.session("host=127.0.0.1 port=" + fmt.Sprint(running.port))
	if err != nil {
		f.t.Fatal(err)
	}
	return connection
}

func TestANetworkFaultStaysOverCloseAndOpen(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	first := pair(t, folder)
	first.insert(first.writerTarget(east), 1)
	first.waitRows(west, 1)
	first.setFaults(map[string]NetworkFault{east.Region: Blackholed})
	first.execDirectly(east, "INSERT INTO visits VALUES (2)")
	first.close()

	second := openWithFaults(t, folder, map[string]NetworkFault{east.Region: Blackholed})
	if got := second.connectOutcome(second.writerTarget(east), "hang"); got != "hang" {
		t.Errorf("a client of the lost region meets %q after a restart", got)
	}
	if got := second.count(west); got != 1 {
		t.Errorf("the standby has %d rows after a restart, want the 1 from before the fault", got)
	}
	second.setFaults(nil)
	second.waitRows(west, 1, 2)
}

func TestTheLagGrowsDuringANetworkFault(t *testing.T) {
	t.Parallel()
	f := pair(t, t.TempDir())
	f.insert(f.writerTarget(east), 1)
	f.waitRows(west, 1)
	f.Lags(t.Context())
	f.setFaults(map[string]NetworkFault{east.Region: Blackholed})
	before := f.Lags(t.Context())
	if after := f.Lags(t.Context()); len(before) != 1 || len(after) != 1 || after[0].Behind <= before[0].Behind {
		t.Errorf("the lags are %+v and then %+v, want the second one longer", before, after)
	}
}
