package aurora

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// A failover needs nothing of a lost region, which is rebuilt afterwards.
func TestFailoverOfLostRegion(t *testing.T) {
	t.Parallel()
	f := pair(t, t.TempDir())
	var rows []int64
	for name, fault := range map[string]NetworkFault{"the region is lost": Blackholed, "its server is down": Refusing} {
		t.Run(name, func(t *testing.T) {
			f.waitRows(west, rows...)
			f.setFaults(map[string]NetworkFault{east.Region: fault})
			f.execDirectly(east, "INSERT INTO visits VALUES (-1)") // which nobody else has
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
			if got := f.connectOutcome(f.target(east), "hang"); got == "answer" {
				t.Error("the old primary answers in spite of the fault")
			}
			f.changeMu.Lock() // held while a standby is rebuilt
			_, err := os.Stat(filepath.Join(f.serverConfig(f.state.Members[east.String()]).dataDir(), "standby.signal"))
			f.changeMu.Unlock()
			if err == nil {
				t.Error("the old primary was rebuilt in spite of the fault")
			}
			f.setFaults(nil)
			f.waitRows(east, rows...)
			f.switchover(east)
			write()
			f.waitRows(west, rows...)
		})
	}
}

// A failover across a split ends the old primary, which is rebuilt afterwards.
func TestFailoverAcrossSplit(t *testing.T) {
	f := pair(t, t.TempDir())
	f.insert(f.writerTarget(east), 0)
	f.waitRows(west, 0)
	f.setFaults(map[string]NetworkFault{east.Region: Partitioned})
	if err := f.Failover(t.Context(), globalID, west, accepted); err != nil {
		t.Fatal(err)
	}
	if connection, err := f.session(f.target(east)); err == nil {
		connection.Close(context.Background())
		t.Error("the old primary answers its own region after the failover")
	}
	f.insert(f.writerTarget(east), 1)
	f.waitRows(west, 0, 1)
	f.setFaults(nil)
	f.waitRows(east, 0, 1)
}

func TestATargetBehindANetworkFaultIsRefused(t *testing.T) {
	t.Parallel()
	f := pair(t, t.TempDir())
	for _, fault := range []NetworkFault{Blackholed, Refusing} {
		f.setFaults(map[string]NetworkFault{west.Region: fault})
		for name, move := range map[string]func(context.Context, string, ID, func() error) error{
			"switchover": f.Switchover, "failover": f.Failover,
		} {
			if err := move(t.Context(), globalID, west, accepted); !errors.Is(err, ErrNotReady) {
				t.Errorf("a %s there ended with %v, want that it is not ready", name, err)
			}
		}
	}
	f.setFaults(nil)
	f.insert(f.writerTarget(east), 1)
}
