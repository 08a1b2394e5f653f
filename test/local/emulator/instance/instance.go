// Package instance is one embedded AWS on this machine: a background process, the gateway, with the emulator as its
// child, that belong to one state folder. It starts, stops and describes them; any number can run side by side, each
// with a folder and a port of its own.
//
// Whether an instance lives is decided by the lock on its folder alone: both processes hold it, and the kernel releases it
// when they are gone, however they ended. A process id is read and signalled only while the lock is held, so it is never a
// recycled one.
package instance

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// regions are the platform's: where a load balancer known by its name alone is looked for.
var regions = []string{"us-east-1", "us-west-2"}

// Record is what a running instance writes into its folder, and answers at statusPath. It stays behind after a crash.
type Record struct {
	Endpoint    string    `json:"endpoint"` // http://127.0.0.1:PORT
	DNS         string    `json:"dns"`      // where Route 53 answers, by UDP and TCP: 127.0.0.1:PORT
	StateDir    string    `json:"stateDir"`
	GatewayPID  int       `json:"gatewayPid"`
	EmulatorPID int       `json:"emulatorPid"`
	Emulator    string    `json:"emulator"` // name and version
	Started     time.Time `json:"started"`
}

// Folder is an instance's state folder, an absolute path.
type Folder string

// NewFolder returns the instance's folder for a path that may be relative. It makes nothing.
func NewFolder(path string) (Folder, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("finding the state folder %s: %w", path, err)
	}
	return Folder(absolute), nil
}

func (f Folder) path(name ...string) string {
	return filepath.Join(append([]string{string(f)}, name...)...)
}

func (f Folder) lock() string   { return f.path("instance.lock") }
func (f Folder) record() string { return f.path("instance.json") }

// databases is the folder of the database servers.
func (f Folder) databases() string { return f.path("aurora") }

// Temporary is the folder of temporary files. It is the instance's own: the one that all users of a machine share would keep
// what a kill leaves, and what one user has left there another can neither use nor delete.
func (f Folder) Temporary() string { return f.path("tmp") }

// GatewayLog and EmulatorLog are the log files; the ones of the run before have ".1" behind their names.
func (f Folder) GatewayLog() string  { return f.path("logs", "gateway.log") }
func (f Folder) EmulatorLog() string { return f.path("logs", "emulator.log") }

// readRecord returns the record that a run left or a running one keeps; ok is false when there is none.
func (f Folder) readRecord() (record Record, ok bool, err error) {
	content, err := os.ReadFile(f.record())
	if errors.Is(err, fs.ErrNotExist) {
		return Record{}, false, nil
	}
	if err != nil {
		return Record{}, false, fmt.Errorf("reading what runs: %w", err)
	}
	if err := json.Unmarshal(content, &record); err != nil {
		return Record{}, false, fmt.Errorf("reading %s: %w", f.record(), err)
	}
	return record, true, nil
}

func (f Folder) writeRecord(record Record) error {
	content, err := json.MarshalIndent(record, "", "  ")
	if err != nil {
		return fmt.Errorf("writing %s: %w", f.record(), err)
	}
	if err := os.WriteFile(f.record()+".new", content, 0o644); err != nil {
		return fmt.Errorf("writing what runs: %w", err)
	}
	if err := os.Rename(f.record()+".new", f.record()); err != nil {
		return fmt.Errorf("writing what runs: %w", err)
	}
	return nil
}
