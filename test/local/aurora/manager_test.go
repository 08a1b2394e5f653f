package aurora

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"warmstandby/test/local/testwait"
)

func TestARowWrittenAtTheWriterIsReadAtTheStandby(t *testing.T) {
	t.Parallel()
	f := pair(t, t.TempDir())
	f.insert(f.writerTarget(east), 1)
	f.insert(f.writerTarget(west), 2)
	f.waitRows(west, 1, 2)

	_, err := f.dial(west).Exec(t.Context(), "INSERT INTO visits VALUES (3)")
	var refused *pgconn.PgError
	if !errors.As(err, &refused) || refused.Code != "25006" {
		t.Errorf("a write at the standby ended with %v, want SQLSTATE 25006, read-only transaction", err)
	}
}

func TestDataAndPortsSurviveCloseAndOpen(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	first := pair(t, folder)
	first.insert(first.writerTarget(east), 1, 2)
	targets := []string{first.target(east), first.target(west), first.writerTarget(east)}
	first.close()

	second := open(t, folder)
	second.waitRows(west, 1, 2)
	for i, got := range []string{second.target(east), second.target(west), second.writerTarget(east)} {
		if got != targets[i] {
			t.Errorf("%s became %s", targets[i], got)
		}
	}
	second.insert(second.writerTarget(east), 3)
	second.waitRows(west, 1, 2, 3)
}

func TestAServerThatAnEarlierRunLeftIsStoppedFirst(t *testing.T) {
	t.Parallel()
	f := pair(t, t.TempDir())
	f.insert(f.writerTarget(east), 1)
	f.stateMu.Lock()
	left := f.servers[east]
	f.stateMu.Unlock()
	// As after a kill on a system without Pdeathsig: the server runs and no Manager knows it.
	left.stopping.Store(true)
	again := left.serverConfig
	var err error
	if again.port, err = f.newPort(); err != nil {
		t.Fatal(err)
	}
	taken, err := again.start(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	f.supervise(east, taken)
	if err := f.openEndpoint(f.state.Members[east.String()], taken); err != nil {
		t.Fatal(err)
	}
	if left.runs() || left.cmd.Process.Pid == taken.cmd.Process.Pid {
		t.Errorf("process %d of the earlier run lives beside %d", left.cmd.Process.Pid, taken.cmd.Process.Pid)
	}
	f.waitRows(east, 1)
}

func TestAServerThatCrashesIsStartedAgain(t *testing.T) {
	t.Parallel()
	f := pair(t, t.TempDir())
	f.insert(f.writerTarget(east), 1)
	for _, id := range []ID{east, west} {
		f.signal(id, syscall.SIGKILL)
		f.waitRows(id, 1)
	}
	testwait.Until(f.t, "a write arrives again", func() error {
		connection, err := attempt(f.writerTarget(east))
		if err != nil {
			return err
		}
		defer connection.Close(context.Background())
		_, err = connection.Exec(t.Context(), "INSERT INTO visits VALUES (2) ON CONFLICT DO NOTHING")
		return err
	})
	f.waitRows(west, 1, 2)
}

// The server stops with the last instance and the data stay.
func TestLastInstance(t *testing.T) {
	t.Parallel()
	f := pair(t, t.TempDir())
	f.insert(f.writerTarget(east), 1)
	if _, err := f.AddInstance(t.Context(), west, "second"); err != nil {
		t.Fatal(err)
	}
	for _, instance := range []string{west.Cluster + "-1", "second"} {
		if _, err := f.rows(west); err != nil {
			t.Errorf("with an instance left the server does not answer: %v", err)
		}
		if err := f.RemoveInstance(t.Context(), west.Region, instance); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.rows(west); err == nil {
		t.Error("without an instance the server answers")
	}
	f.insert(f.writerTarget(east), 2)
	f.add(west)
	f.waitRows(west, 1, 2)
}

func TestDeletingLeavesNoProcessNoDataAndNoSlot(t *testing.T) {
	t.Parallel()
	f := pair(t, t.TempDir())
	if err := f.Detach(t.Context(), west); err != nil {
		t.Fatal(err)
	}
	var slots int
	if err := f.dial(east).QueryRow(t.Context(), "SELECT count(*) FROM pg_replication_slots").Scan(&slots); err != nil || slots != 0 {
		t.Errorf("the writer keeps %d slots (%v) for a standby that has left", slots, err)
	}
	port := f.state.Members[east.String()].Port
	for _, id := range []ID{west, east} {
		server := f.servers[id]
		if err := f.RemoveInstance(t.Context(), id.Region, id.Cluster+"-1"); err != nil {
			t.Fatal(err)
		}
		if err := f.Delete(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		if server.runs() {
			t.Errorf("%s is deleted and its process lives", id)
		}
	}
	f.assertNoServer()
	left, err := filepath.Glob(filepath.Join(f.folder, "us-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if !isFree(f.writerHostname(), port) {
		t.Error("the global cluster's writer endpoint is left behind")
	}
}

func TestADetachedStandbyWritesForItself(t *testing.T) {
	t.Parallel()
	f := pair(t, t.TempDir())
	f.insert(f.writerTarget(east), 1)
	f.waitRows(west, 1)
	if err := f.Detach(t.Context(), west); err != nil {
		t.Fatal(err)
	}
	f.insert(f.target(west), 2)
	f.insert(f.writerTarget(east), 3)
	f.waitRows(west, 1, 2)
	f.waitRows(east, 1, 3)
}

func TestAFolderWithoutClustersHasNothing(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "aurora")
	f := open(t, folder)
	if err := f.Delete(t.Context(), east); err != nil {
		t.Errorf("deleting what is not known: %v", err)
	}
	if added, err := f.AddInstance(t.Context(), east, "mysql-1"); added || err != nil {
		t.Errorf("an instance of a cluster that is not known: added %t, %v", added, err)
	}
	if _, err := os.Stat(folder); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder was made: %v", err)
	}
}

func TestABadClusterIsRefused(t *testing.T) {
	t.Parallel()
	good := Cluster{ID: east, User: "clinic", Password: "secret"}
	for name, test := range map[string]struct {
		change func(*Cluster)
		want   string
	}{
		"an identifier with a slash": {func(c *Cluster) { c.Cluster = "../records" }, "allowed are 1 to 63 letters"},
		"no region":                  {func(c *Cluster) { c.Region = "" }, "allowed are 1 to 63 letters"},
		"no master user":             {func(c *Cluster) { c.Cluster, c.User = "other", "" }, "needs a master user and password"},
		"one that is there already":  {func(*Cluster) {}, "the cluster has a server already"},
	} {
		t.Run(name, func(t *testing.T) {
			f := open(t, t.TempDir())
			f.create(good)
			bad := good
			test.change(&bad)
			if _, err := f.Create(bad); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("refused with %v, want %q", err, test.want)
			}
		})
	}
}

func TestAnIDIsReadFromAnIdentifierOrAnARN(t *testing.T) {
	t.Parallel()
	for identifier, want := range map[string]ID{
		"Records": {"us-east-1", "records"},
		"arn:aws:rds:us-west-2:111122223333:cluster:records":          {"us-west-2", "records"},
		"arn:aws-us-gov:rds:us-gov-west-1:111122223333:cluster:recor": {"us-gov-west-1", "recor"},
		"arn:aws:rds:us-west-2:111122223333:db:records":               {"us-east-1", "arn:aws:rds:us-west-2:111122223333:db:records"},
	} {
		if got := NewID("us-east-1", identifier); got != want {
			t.Errorf("%s is read as %v, want %v", identifier, got, want)
		}
	}
}

func FuzzAnIDIsAFolderAndASlotOrIsRefused(f *testing.F) {
	f.Add("us-east-1", "records")
	f.Add("us-east-1", "arn:aws:rds:us-west-2:111122223333:cluster:records")
	f.Add("..", "../../etc")
	f.Fuzz(func(t *testing.T, region, identifier string) {
		id := NewID(region, identifier)
		if id.check() != nil {
			return
		}
		if !filepath.IsLocal(id.dirName()) || strings.ContainsRune(id.dirName(), filepath.Separator) {
			t.Errorf("%q is the folder %q", id, id.dirName())
		}
		if slot := id.slotName(); len(slot) > maxSlotName || strings.Trim(slot, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
			t.Errorf("%q is the slot %q", id, slot)
		}
	})
}
