package instance

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"warmstandby/test/local/emulator"
)

const (
	east = "us-east-1"
	west = "us-west-2"
)

func TestStateSurvivesDownAndUp(t *testing.T) {
	t.Parallel()
	e := newEnvironment(t)
	first := e.up()
	id := aws{t, first.Endpoint}.vpc(west, "10.1.0.0/16")
	if got := e.down(); got != WasStopped {
		t.Fatalf("down found %d, want that it stopped what ran", got)
	}
	assertGone(t, first)

	second := e.up()
	if !(aws{t, second.Endpoint}).vpcExists(west, id) {
		t.Errorf("the VPC %s made before down is not there after up", id)
	}
	if e.notice.Len() > 0 {
		t.Errorf("up after a clean down complains: %s", e.notice.String())
	}
}

func TestWhatWasAcknowledgedSurvivesAKill(t *testing.T) {
	t.Parallel()
	for name, victim := range map[string]func(Record) int{
		"the emulator is killed": func(r Record) int { return r.EmulatorPID },
		"the gateway is killed":  func(r Record) int { return r.GatewayPID },
	} {
		t.Run(name, func(t *testing.T) {
			e := newEnvironment(t)
			record := e.up()
			id := aws{t, record.Endpoint}.vpc(east, "10.0.0.0/16")
			e.kill(victim(record))
			assertGone(t, record)

			status, err := e.folder.Status(t.Context())
			if err != nil || status.State != StateCrashed || status.Unclean == nil {
				t.Fatalf("status after the kill: %+v, %v; want crashed", status, err)
			}
			if got := e.down(); got != WasStale {
				t.Errorf("down after the kill found %d, want a stale record", got)
			}
			again := e.up()
			if !(aws{t, again.Endpoint}).vpcExists(east, id) {
				t.Errorf("the VPC %s, acknowledged before the kill, is gone", id)
			}
			if notice := e.notice.String(); !strings.Contains(notice, "killed or crashed") || strings.Count(notice, "\n") != 1 {
				t.Errorf("up says %q, want one line about the kill", notice)
			}
		})
	}
}

// A deployment whose emulator is killed has recorded the acknowledged resources in its own state, so each of them must exist
// afterwards. It will create every other resource again under the same name, so none of those may exist.
func TestAKillUnderLoadKeepsJustWhatWasAcknowledged(t *testing.T) {
	t.Parallel()
	e := newEnvironment(t)
	record := e.up()
	const writers, killAfter = 8, 40
	acknowledged := make(chan string)
	var group sync.WaitGroup
	for writer := range writers {
		group.Go(func() {
			for i := 0; ; i++ {
				name := fmt.Sprintf("writer-%d-%d", writer, i)
				status, _, err := (aws{t, record.Endpoint}).send(east, "iam", "CreateRole", "RoleName", name, "AssumeRolePolicyDocument", "{}")
				if err != nil || status != http.StatusOK {
					return // killed
				}
				acknowledged <- name
			}
		})
	}
	go func() {
		group.Wait()
		close(acknowledged)
	}()
	var names []string
	for name := range acknowledged {
		names = append(names, name)
		if len(names) == killAfter {
			if err := syscall.Kill(record.EmulatorPID, syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := e.folder.waitUnlocked(t.Context()); err != nil {
		t.Fatal(err)
	}
	listed := aws{t, e.up().Endpoint}.query(east, "iam", "ListRoles", "MaxItems", "1000")
	var kept []string
	for _, found := range regexp.MustCompile(`<RoleName>(writer-[^<]*)</RoleName>`).FindAllStringSubmatch(listed, -1) {
		kept = append(kept, found[1])
	}
	slices.Sort(names)
	slices.Sort(kept)
	if !slices.Equal(names, kept) {
		t.Errorf("acknowledged before the kill:\n%q\nthere after it:\n%q", names, kept)
	}
}

func TestACrashOfTheEmulatorIsInTheLog(t *testing.T) {
	t.Parallel()
	e := newEnvironment(t)
	e.kill(e.up().EmulatorPID)
	if last := lastLine(e.folder.GatewayLog()); !strings.Contains(
		last, "the emulator ended by itself: signal: killed",
	) || !strings.Contains(last, e.folder.EmulatorLog()) {
		t.Errorf("the gateway's last log line is %q", last)
	}
}

func TestUpAndDownAreIdempotent(t *testing.T) {
	t.Parallel()
	e := newEnvironment(t)
	if got := e.down(); got != WasDown {
		t.Errorf("down before the first up found %d", got)
	}
	var first, second Record
	both(func() { first = e.up() }, func() { second = e.up() })
	if first != second || first.GatewayPID == 0 {
		t.Errorf("two ups at once started two instances: %+v and %+v", first, second)
	}
	if third := e.up(); third != first {
		t.Errorf("another up started another instance: %+v and %+v", first, third)
	}
	status, err := e.folder.Status(t.Context())
	if err != nil || status.State != StateUp || status.Run != first {
		t.Errorf("status is %+v, %v; want up with %+v", status, err, first)
	}
	e.down()
	if got := e.down(); got != WasDown {
		t.Errorf("the second down found %d", got)
	}
}

func TestTwoInstancesSideBySideShareNothing(t *testing.T) {
	t.Parallel()
	one, two := newEnvironment(t), newEnvironment(t)
	first, second := one.up(), two.up()
	id := aws{t, first.Endpoint}.vpc(east, "10.0.0.0/16")
	if (aws{t, second.Endpoint}).vpcExists(east, id) {
		t.Error("one instance has the other's VPC")
	}
	one.down()
	if status, err := two.folder.Status(t.Context()); err != nil || status.State != StateUp {
		t.Errorf("stopping one instance left the other %+v, %v", status, err)
	}
}

func TestAPortInUseNamesItsOwner(t *testing.T) {
	t.Parallel()
	other := newEnvironment(t)
	ours := other.up()
	foreign := httptest.NewServer(http.NotFoundHandler())
	defer foreign.Close()
	for name, test := range map[string]struct{ address, want string }{
		"another instance": {strings.TrimPrefix(ours.Endpoint, "http://"), string(other.folder)},
		"something else":   {foreign.Listener.Addr().String(), "process " + strconv.Itoa(os.Getpid())},
	} {
		t.Run(name, func(t *testing.T) {
			_, port, err := net.SplitHostPort(test.address)
			if err != nil {
				t.Fatal(err)
			}
			number, err := strconv.Atoi(port)
			if err != nil {
				t.Fatal(err)
			}
			e := newEnvironment(t)
			_, err = e.folder.Up(t.Context(), e.starting(number))
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "PORT=") {
				t.Errorf("up says %v, want a line with %q and PORT=", err, test.want)
			}
		})
	}
}

func TestUpAtAnotherPortThanTheRunningOneIsRefused(t *testing.T) {
	t.Parallel()
	e := newEnvironment(t)
	running := e.up()
	if _, err := e.folder.Up(t.Context(), e.starting(1)); err == nil || !strings.Contains(err.Error(), running.Endpoint) {
		t.Errorf("up says %v, want the endpoint of what runs, %s", err, running.Endpoint)
	}
}

func TestARecycledProcessIDIsNeverSignalled(t *testing.T) {
	innocent := exec.Command("sleep", "600")
	if err := innocent.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		innocent.Process.Kill()
		innocent.Wait()
	})
	folder := Folder(t.TempDir())
	lock, err := os.Create(folder.lockFile())
	if err != nil {
		t.Fatal(err)
	}
	lock.Close()
	if err := folder.writeRecord(Record{GatewayPID: innocent.Process.Pid, EmulatorPID: innocent.Process.Pid}); err != nil {
		t.Fatal(err)
	}
	if got, err := folder.Down(t.Context(), silent); err != nil || got != WasStale {
		t.Errorf("down found %d, %v; want a stale record", got, err)
	}
	if err := innocent.Process.Signal(syscall.Signal(0)); err != nil {
		t.Errorf("the process that the stale record names was ended: %v", err)
	}
}

func TestAnEmulatorThatCannotStartIsReported(t *testing.T) {
	t.Parallel()
	e := newEnvironment(t)
	starting := e.starting(0)
	command := starting.Command
	starting.Command = func(i emulator.Installation) []string {
		i.Launcher = "/no/such/launcher.py"
		return command(i)
	}
	_, err := e.folder.Up(t.Context(), starting)
	if err == nil || !strings.Contains(err.Error(), "did not start") || !strings.Contains(err.Error(), e.folder.EmulatorLog()) {
		t.Errorf("up says %v, want that it did not start and where the log is", err)
	}
	if status, err := e.folder.Status(t.Context()); err != nil || status.State != StateDown {
		t.Errorf("afterwards it is %+v, %v; want down", status, err)
	}
}
