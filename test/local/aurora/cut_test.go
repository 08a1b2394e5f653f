package aurora

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// clientPatience is how long the client of a test waits before it gives up: far more than an answer takes.
const clientPatience = 500 * time.Millisecond

func (f *fixture) cut(regions map[string]Cut) {
	f.t.Helper()
	if err := f.Cut(regions); err != nil {
		f.t.Fatal(err)
	}
}

// outcome says what a client meets that sends a question on an open connection: "answer", "hang" or "broken".
func outcome(connection *pgx.Conn) string {
	ctx, cancel := context.WithTimeout(context.Background(), clientPatience)
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

// knock says what a client meets that connects anew: "answer", "hang" or "refused".
func (f *fixture) knock(target string) string {
	f.t.Helper()
	config, err := pgx.ParseConfig(target + " user=clinic dbname=records sslmode=require")
	if err != nil {
		f.t.Fatal(err)
	}
	config.Password = "it's a secret"
	ctx, cancel := context.WithTimeout(f.t.Context(), clientPatience)
	defer cancel()
	connection, err := pgx.ConnectConfig(ctx, config)
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

func TestWhatClientsMeetAtARegionThatIsCut(t *testing.T) {
	t.Parallel()
	f := pair(t, t.TempDir())
	for name, test := range map[string]struct {
		cut                map[string]Cut
		east, west, writer [2]string // of an open connection, and of a new one
	}{
		"a region that is lost hangs, the writer endpoint with it": {
			map[string]Cut{east.Region: Silent}, [2]string{"hang", "hang"}, [2]string{"answer", "answer"}, [2]string{"hang", "hang"},
		},
		"a standby's region that is lost hangs alone": {
			map[string]Cut{west.Region: Silent}, [2]string{"answer", "answer"}, [2]string{"hang", "hang"}, [2]string{"answer", "answer"},
		},
		"a server that is down breaks connections and refuses new ones": {
			map[string]Cut{east.Region: Refused}, [2]string{"broken", "refused"}, [2]string{"answer", "answer"}, [2]string{"broken", "refused"},
		},
		"a region that is split from the other serves whoever comes from nowhere in particular": {
			map[string]Cut{east.Region: Apart}, [2]string{"answer", "answer"}, [2]string{"answer", "answer"}, [2]string{"answer", "answer"},
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
			f.cut(test.cut)
			for name, target := range targets {
				if got := [2]string{outcome(open[name]), f.knock(target)}; got != wants[name] {
					t.Errorf("at %s an open connection and a new one meet %q, want %q", name, got, wants[name])
				}
			}
			f.cut(nil)
			for name, target := range targets {
				if got := f.knock(target); got != "answer" {
					t.Errorf("after the cut is healed a client of %s meets %q", name, got)
				}
			}
		})
	}
}

func TestAConnectionThatHungIsResetWhenTheRegionIsBack(t *testing.T) {
	t.Parallel()
	f := pair(t, t.TempDir())
	f.cut(map[string]Cut{east.Region: Silent})
	hanging, err := net.Dial("tcp", net.JoinHostPort(f.doorHost(), fmt.Sprint(f.state.Members[east.String()].Port)))
	if err != nil {
		t.Fatal(err)
	}
	defer hanging.Close()
	f.eventually("the connection hangs", func() error {
		f.looking.Lock()
		d := f.doors[writerDoor][globalID]
		f.looking.Unlock()
		d.mu.Lock()
		defer d.mu.Unlock()
		if len(d.open) == 0 {
			return errors.New("it is not accepted yet")
		}
		return nil
	})
	f.cut(nil)
	if _, err := hanging.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("it ended with %v, want a reset", err)
	}
}

func TestReplicationStopsWhileEitherRegionIsCutAndCatchesUp(t *testing.T) {
	t.Parallel()
	f := pair(t, t.TempDir())
	var rows []int64
	for name, cut := range map[string]map[string]Cut{
		"the primary's region is lost":   {east.Region: Silent},
		"the secondary's region is lost": {west.Region: Silent},
		"the primary's server is down":   {east.Region: Refused},
		"the secondary's server is down": {west.Region: Refused},
		"the regions are split":          {east.Region: Apart},
	} {
		t.Run(name, func(t *testing.T) {
			f.waitRows(west, rows...)
			before := len(rows)
			rows = append(rows, int64(before))
			f.cut(cut)
			f.inside(east, fmt.Sprintf("INSERT INTO visits VALUES (%d)", before))
			f.waitNoSender()
			if got := f.count(west); got != before {
				t.Errorf("the standby has %d rows, want the %d from before the cut", got, before)
			}
			f.cut(nil)
			f.waitRows(west, rows...)
		})
	}
}

// waitNoSender returns when the primary has seen that nobody takes its log.
func (f *fixture) waitNoSender() {
	f.t.Helper()
	f.looking.Lock()
	primary := f.servers[east]
	f.looking.Unlock()
	connection, err := primary.connect(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	defer connection.Close(context.Background())
	f.eventually("the primary sends to nobody", func() error {
		var senders int
		err := connection.QueryRow(f.t.Context(), "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'").Scan(&senders)
		if err == nil && senders > 0 {
			err = fmt.Errorf("it sends to %d", senders)
		}
		return err
	})
}

// inside runs a statement at a member's server itself, by no door.
func (f *fixture) inside(id ID, statement string) {
	f.t.Helper()
	connection := f.records(id)
	defer connection.Close(context.Background())
	f.exec(connection, statement)
}

// count counts the rows at a member's server itself.
func (f *fixture) count(id ID) (rows int) {
	f.t.Helper()
	connection := f.records(id)
	defer connection.Close(context.Background())
	if err := connection.QueryRow(f.t.Context(), "SELECT count(*) FROM visits").Scan(&rows); err != nil {
		f.t.Fatal(err)
	}
	return rows
}

// records is a session with the database at a member's server, by no door.
func (f *fixture) records(id ID) *pgx.Conn {
	f.t.Helper()
	f.looking.Lock()
	running := f.servers[id]
	f.looking.Unlock()
	connection, err := f.session("host=127.0.0.1 port=" + fmt.Sprint(running.port))
	if err != nil {
		f.t.Fatal(err)
	}
	return connection
}

func TestAFailoverNeedsNothingOfALostRegionWhichIsMadeAnewAfterwards(t *testing.T) {
	t.Parallel()
	f := pair(t, t.TempDir())
	var rows []int64
	for name, cut := range map[string]Cut{"the region is lost": Silent, "its server is down": Refused} {
		t.Run(name, func(t *testing.T) {
			f.waitRows(west, rows...)
			f.cut(map[string]Cut{east.Region: cut})
			f.inside(east, "INSERT INTO visits VALUES (-1)") // which nobody else has
			if err := f.Switchover(t.Context(), globalID, west, accepted); !errors.Is(err, ErrNotReady) {
				t.Errorf("a switchover, which needs both, ended with %v", err)
			}
			if err := f.Failover(t.Context(), globalID, west, accepted); err != nil {
				t.Fatal(err)
			}
			write := func() {
				rows = append(rows, int64(len(rows)))
				f.insert(f.writerTarget(east), len(rows)-1)
			}
			write()
			f.waitRows(west, rows...)
			if got := f.knock(f.target(east)); got == "answer" {
				t.Error("the old primary answers across the cut")
			}
			f.changing.Lock() // which a making anew holds
			_, err := os.Stat(filepath.Join(f.place(f.state.Members[east.String()]).data(), "standby.signal"))
			f.changing.Unlock()
			if err == nil {
				t.Error("the old primary was made anew across the cut")
			}
			f.cut(nil)
			f.waitRows(east, rows...)
			f.switchover(east)
			write()
			f.waitRows(west, rows...)
		})
	}
}

func TestAFailoverAcrossASplitEndsTheOldPrimaryWhichIsMadeAnewAfterwards(t *testing.T) {
	f := pair(t, t.TempDir())
	f.insert(f.writerTarget(east), 0)
	f.waitRows(west, 0)
	f.cut(map[string]Cut{east.Region: Apart})
	if err := f.Failover(t.Context(), globalID, west, accepted); err != nil {
		t.Fatal(err)
	}
	if connection, err := f.session(f.target(east)); err == nil {
		connection.Close(context.Background())
		t.Error("the old primary answers its own region after the failover")
	}
	f.insert(f.writerTarget(east), 1)
	f.waitRows(west, 0, 1)
	f.cut(nil)
	f.waitRows(east, 0, 1)
}

func TestATargetWhoseRegionIsCutIsRefused(t *testing.T) {
	t.Parallel()
	f := pair(t, t.TempDir())
	for _, cut := range []Cut{Silent, Refused} {
		f.cut(map[string]Cut{west.Region: cut})
		for name, move := range map[string]func(context.Context, string, ID, func() error) error{"switchover": f.Switchover, "failover": f.Failover} {
			if err := move(t.Context(), globalID, west, accepted); !errors.Is(err, ErrNotReady) {
				t.Errorf("a %s there ended with %v, want that it is not ready", name, err)
			}
		}
	}
	f.cut(nil)
	f.insert(f.writerTarget(east), 1)
}

func TestACutStaysOverCloseAndOpen(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	first := pair(t, folder)
	first.insert(first.writerTarget(east), 1)
	first.waitRows(west, 1)
	first.cut(map[string]Cut{east.Region: Silent})
	first.inside(east, "INSERT INTO visits VALUES (2)")
	first.close()

	second := openCut(t, folder, map[string]Cut{east.Region: Silent})
	if got := second.knock(second.writerTarget(east)); got != "hang" {
		t.Errorf("a client of the lost region meets %q after a restart", got)
	}
	if got := second.count(west); got != 1 {
		t.Errorf("the standby has %d rows after a restart, want the 1 from before the cut", got)
	}
	second.cut(nil)
	second.waitRows(west, 1, 2)
}

func TestTheLagGrowsFromTheCutOn(t *testing.T) {
	t.Parallel()
	f := pair(t, t.TempDir())
	f.insert(f.writerTarget(east), 1)
	f.waitRows(west, 1)
	f.Lags(t.Context())
	f.cut(map[string]Cut{east.Region: Silent})
	before := f.Lags(t.Context())
	if after := f.Lags(t.Context()); len(before) != 1 || len(after) != 1 || after[0].Behind <= before[0].Behind {
		t.Errorf("the lags are %+v and then %+v, want the second one longer", before, after)
	}
}
