// Package instance is one local AWS emulator: a background process, the gateway, with MiniStack as its child, that belong to
// one state folder. It starts, stops and describes them. Any number can run side by side, each with its own folder and port.
//
// The lock on its folder alone decides whether an instance lives: both processes hold it, and the kernel releases it when they
// are gone, however they ended. A process id is read and signalled only while the lock is held, so it cannot be the recycled
// id of another process.
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

// regions are the platform's, in which a load balancer known by its name alone is looked up.
var regions = []string{"us-east-1", "us-west-2"}

// Record is written into the folder by a running instance, which also serves it at statusPath. It stays after a crash.
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

// NewFolder returns the state folder at a path, which may be relative. It creates nothing.
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

func (f Folder) lockFile() string   { return f.path("instance.lock") }
func (f Folder) recordFile() string { return f.path("instance.json") }

// databasesDir is the directory of the database servers.
func (f Folder) databasesDir() string { return f.path("aurora") }

// CertificatesDir is the directory of the authority that signs the certificates of load balancers, which clients trust.
func (f Folder) CertificatesDir() string { return f.path("certificates") }

// Temporary is the directory of the instance's temporary files. The system's shared one would keep what a kill leaves, and
// files that one user left there could be neither used nor deleted by another.
func (f Folder) Temporary() string { return f.path("tmp") }

// GatewayLog is the log file of the gateway; the previous run's has the suffix ".1".
func (f Folder) GatewayLog() string { return f.path("logs", "gateway.log") }

// EmulatorLog is the log file of MiniStack; the previous run's has the suffix ".1".
func (f Folder) EmulatorLog() string { return f.path("logs", "emulator.log") }

// readRecord returns the record of the current or last run; ok is false when there is none.
func (f Folder) readRecord() (record Record, ok bool, err error) {
	content, err := os.ReadFile(f.recordFile())
	if errors.Is(err, fs.ErrNotExist) {
		return Record{}, false, nil
	}
	if err != nil {
		return Record{}, false, fmt.Errorf("reading what runs: %w", err)
	}
	if err := json.Unmarshal(content, &record); err != nil {
		return Record{}, false, fmt.Errorf("reading %s: %w", f.recordFile(), err)
	}
	return record, true, nil
}

func (f Folder) writeRecord(record Record) error {
	content, err := json.MarshalIndent(record, "", "  ")
	if err != nil {
		return fmt.Errorf("writing %s: %w", f.recordFile(), err)
	}
	if err := os.WriteFile(f.recordFile()+".new", content, 0o644); err != nil {
		return fmt.Errorf("writing what runs: %w", err)
	}
	if err := os.Rename(f.recordFile()+".new", f.recordFile()); err != nil {
		return fmt.Errorf("writing what runs: %w", err)
	}
	return nil
}
