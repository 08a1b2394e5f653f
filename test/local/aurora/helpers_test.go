package aurora

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"warmstandby/test/local/emulator"
	"warmstandby/test/local/testwait"
	"warmstandby/test/local/tools"
)

var (
	east = ID{"us-east-1", "records-primary"}
	west = ID{"us-west-2", "records-secondary"}
)

const (
	globalID = "records"
	// attemptTimeout bounds one attempt to connect that is repeated, so that a connection that hangs is given up for a new one.
	attemptTimeout = 30 * time.Second
)

// fixture is the Manager of one test.
type fixture struct {
	*Manager
	t      testing.TB
	folder string
}

func install() (Binaries, error) {
	cache, err := tools.CacheDir()
	if err != nil {
		return Binaries{}, err
	}
	return Install(context.Background(), cache, func(string) func() { return func() {} })
}

// open opens a Manager, which is closed, and must leave no process, when the test ends.
func open(t testing.TB, folder string) *fixture {
	t.Helper()
	return openWithFaults(t, folder, nil)
}

// openWithFaults is open with network faults from the start.
func openWithFaults(t testing.TB, folder string, regions map[string]NetworkFault) *fixture {
	t.Helper()
	f := &fixture{t: t, folder: folder}
	var err error
	if f.Manager, err = Open(
		t.Context(), Options{Folder: folder, Install: install, NetworkFaults: regions, Log: log.New(io.Discard, "", 0)},
	); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.close)
	return f
}

func (f *fixture) close() {
	f.t.Helper()
	if err := f.Close(); err != nil {
		f.t.Error(err)
	}
	f.assertNoServer()
	if f.t.Failed() {
		logs, _ := filepath.Glob(filepath.Join(f.folder, "*", "server.log"))
		for _, path := range logs {
			content, err := os.ReadFile(path)
			f.t.Logf("%s (%v):\n%s", path, err, content)
		}
	}
}

// assertNoServer fails when a process still holds the lock of a server: the postmaster or one of its children.
func (f *fixture) assertNoServer() {
	f.t.Helper()
	locks, err := filepath.Glob(filepath.Join(f.folder, "*", "lock"))
	if err != nil {
		f.t.Fatal(err)
	}
	for _, path := range locks {
		testwait.Until(f.t, "the processes of "+path+" end", func() error {
			lock, err := emulator.TryLock(path)
			return errors.Join(err, lock.Close())
		})
	}
}

// pair makes a global cluster with a member in each region, one instance each.
func pair(t testing.TB, folder string) *fixture {
	t.Helper()
	f := open(t, folder)
	f.create(Cluster{ID: east, Global: globalID, User: "clinic", Password: "it's a secret", Database: "records"})
	f.create(Cluster{ID: west, Global: globalID})
	f.add(east)
	f.add(west)
	f.exec(f.dial(east), "CREATE TABLE visits (id bigint PRIMARY KEY)")
	// Replication is asynchronous: a fault right after the creation would keep the table from the standby.
	f.waitRows(west)
	return f
}

func (f *fixture) create(c Cluster) {
	f.t.Helper()
	if _, err := f.Create(c); err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) add(id ID) {
	f.t.Helper()
	if added, err := f.AddInstance(f.t.Context(), id, id.Cluster+"-1"); err != nil || !added {
		f.t.Fatalf("adding an instance of %s: added %t, %v", id, added, err)
	}
}

// target is the connection string of a member's own endpoint.
func (f *fixture) target(id ID) string {
	return fmt.Sprintf("host=127.0.0.1 port=%d", f.state.Members[id.String()].Port)
}

// writerTarget is the connection string of the global cluster's writer endpoint, at the port of one of its members.
func (f *fixture) writerTarget(of ID) string {
	f.t.Helper()
	return fmt.Sprintf("host=%s port=%d", f.writerHostname(), f.state.Members[of.String()].Port)
}

func (f *fixture) writerHostname() string {
	f.t.Helper()
	host, err := f.WriterHost()
	if err != nil {
		f.t.Fatal(err)
	}
	return host
}

// connect opens a session of the master user's.
func connect(ctx context.Context, target string) (*pgx.Conn, error) {
	config, err := pgx.ParseConfig(target + " user=clinic dbname=records sslmode=require")
	if err != nil {
		return nil, err
	}
	config.Password = "it's a secret"
	return pgx.ConnectConfig(ctx, config)
}

// session opens a session that the test expects to open.
func (f *fixture) session(target string) (*pgx.Conn, error) {
	return connect(testwait.Context(f.t), target)
}

// attempt opens a session, or fails and is repeated.
func attempt(target string) (*pgx.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), attemptTimeout)
	defer cancel()
	return connect(ctx, target)
}

func (f *fixture) dial(id ID) *pgx.Conn {
	f.t.Helper()
	connection, err := f.session(f.target(id))
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { connection.Close(context.Background()) })
	return connection
}

func (f *fixture) exec(connection *pgx.Conn, statement string, arguments ...any) {
	f.t.Helper()
	if _, err := connection.Exec(f.t.Context(), statement, arguments...); err != nil {
		f.t.Fatalf("%s: %v", statement, err)
	}
}

// insert writes rows through an endpoint.
func (f *fixture) insert(target string, ids ...int) {
	f.t.Helper()
	connection, err := f.session(target)
	if err != nil {
		f.t.Fatal(err)
	}
	defer connection.Close(context.Background())
	for _, id := range ids {
		f.exec(connection, "INSERT INTO visits VALUES ($1)", id)
	}
}

// waitRows returns when a member has exactly these rows.
func (f *fixture) waitRows(id ID, want ...int64) {
	f.t.Helper()
	testwait.Until(f.t, fmt.Sprintf("%s has the rows %v", id, want), func() error {
		got, err := f.rows(id)
		if err == nil && fmt.Sprint(got) != fmt.Sprint(want) {
			err = fmt.Errorf("it has %v", got)
		}
		return err
	})
}

func (f *fixture) rows(id ID) ([]int64, error) {
	connection, err := attempt(f.target(id))
	if err != nil {
		return nil, err
	}
	defer connection.Close(context.Background())
	rows, err := connection.Query(context.Background(), "SELECT id FROM visits ORDER BY id")
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

// signal sends a signal to a member's postmaster.
func (f *fixture) signal(id ID, sig syscall.Signal) {
	f.t.Helper()
	f.stateMu.Lock()
	running := f.servers[id]
	f.stateMu.Unlock()
	if err := running.cmd.Process.Signal(sig); err != nil {
		f.t.Fatal(err)
	}
}

func accepted() error { return nil }
