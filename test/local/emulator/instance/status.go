package instance

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"warmstandby/test/local/aurora"
	"warmstandby/test/local/emulator"
	"warmstandby/test/local/fault"
)

// The states of an instance.
const (
	StateUp       = "up"       // serves
	StateDown     = "down"     // no process
	StateCrashed  = "crashed"  // no process, and the last run was not stopped
	StateChanging = "changing" // starts, ends, or hangs: its processes live and it does not serve
)

// Status is the output of `local status --json`.
type Status struct {
	State    string            `json:"state"`
	StateDir string            `json:"stateDir"`
	Run      Record            `json:"run"` // that lives, or that crashed
	DNS      string            `json:"dns"` // where Route 53 answers, host:port; empty unless it is up
	Uptime   float64           `json:"uptimeSeconds"`
	Logs     map[string]string `json:"logs"`
	Faults   []fault.Fault     `json:"faults"`
	CA       string            `json:"ca"` // the file of the databases' certificate authority, which the first start makes
	Unclean  *UncleanEnd       `json:"uncleanEnd,omitempty"`
}

// UncleanEnd describes a run that was killed or crashed. Every acknowledged change of a resource is saved; data (except
// objects) of the last seconds (saveInterval) may be lost.
type UncleanEnd struct {
	GatewayPID  int       `json:"gatewayPid"`
	EmulatorPID int       `json:"emulatorPid"`
	LastLog     string    `json:"lastLog"` // the gateway's last log line
	Saved       time.Time `json:"saved"`   // when the emulator's state was written last
}

// Status describes the instance of this folder. It changes nothing.
func (f Folder) Status(ctx context.Context) (Status, error) {
	status := Status{
		State: StateDown, StateDir: string(f),
		Logs:   map[string]string{"gateway": f.GatewayLog(), "emulator": f.EmulatorLog()},
		Faults: []fault.Fault{},
		CA:     aurora.AuthorityFile(f.databasesDir()),
	}
	record, recorded, err := f.readRecord()
	if err != nil {
		return status, err
	}
	status.Run = record
	if status.Faults, err = fault.Read(f.faultsFile()); err != nil {
		return status, err
	}
	locked, err := f.locked()
	if err != nil {
		return status, err
	}
	switch {
	case !locked && !recorded:
	case !locked:
		status.State = StateCrashed
		status.Unclean, err = f.uncleanEnd()
		return status, err
	default:
		status.State = StateChanging
		if answered, err := askStatus(ctx, record.Endpoint); recorded && err == nil && answered == record {
			status.State = StateUp
			status.DNS = record.DNS
			status.Uptime = time.Since(record.Started).Seconds()
		}
	}
	return status, nil
}

// locked says whether a process holds the folder.
func (f Folder) locked() (bool, error) {
	if _, err := os.Stat(f.lockFile()); errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	lock, err := emulator.TryLock(f.lockFile())
	switch {
	case errors.Is(err, emulator.ErrLocked):
		return true, nil
	case err != nil:
		return false, err
	}
	return false, emulator.Unlock(lock)
}

// uncleanEnd describes the run that left its record, or returns nil. The caller has seen that no process holds the folder.
func (f Folder) uncleanEnd() (*UncleanEnd, error) {
	record, ok, err := f.readRecord()
	if err != nil || !ok {
		return nil, err
	}
	end := &UncleanEnd{
		GatewayPID:  record.GatewayPID,
		EmulatorPID: record.EmulatorPID,
		LastLog:     lastLine(f.GatewayLog()),
		Saved:       record.Started,
	}
	files, err := os.ReadDir(f.path("emulator", "services"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("looking for the emulator's last save: %w", err)
	}
	for _, file := range files {
		info, err := file.Info()
		if err != nil {
			return nil, fmt.Errorf("looking for the emulator's last save: %w", err)
		}
		if info.ModTime().After(end.Saved) {
			end.Saved = info.ModTime().UTC()
		}
	}
	return end, nil
}
