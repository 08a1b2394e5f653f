package staterepair

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"syscall"
)

// attributes end the name of the file that the backend keeps beside each of its own, with the content's type and checksum.
const attributes = ".attrs"

// Backend is where Pulumi keeps the state of a stack.
type Backend struct {
	// URL is the backend's, PULUMI_BACKEND_URL.
	URL string
	// Project and Stack name the stack.
	Project, Stack string
}

// Broken returns the files of a killed engine that keep the next engine from working and that can be removed without loss: the
// locks of processes of this machine that have ended, and files of attributes that were about to be written and are empty, of which
// the backend says EOF and nothing else. A state is replaced at one stroke and is never among them.
//
// Of a backend that is not of the kind file:// there are none: a lock there may be another machine's. The engine says whose it is,
// and `pulumi cancel` takes it away.
func (b Backend) Broken() ([]string, error) {
	address, err := url.Parse(b.URL)
	if err != nil {
		return nil, fmt.Errorf("reading the backend's address: %w", err)
	}
	if address.Scheme != "file" {
		return nil, nil
	}
	folder := filepath.Join(address.Path, ".pulumi")
	var broken []string
	for _, pattern := range []string{
		filepath.Join("stacks", b.Project, b.Stack+".json"+attributes),
		filepath.Join("history", b.Project, b.Stack, "*"+attributes),
	} {
		files, err := filepath.Glob(filepath.Join(folder, pattern))
		if err != nil {
			return nil, fmt.Errorf("looking for what is broken: %w", err)
		}
		for _, file := range files {
			if information, err := os.Stat(file); err != nil {
				return nil, fmt.Errorf("looking for what is broken: %w", err)
			} else if information.Size() == 0 {
				broken = append(broken, file)
			}
		}
	}
	locks, err := filepath.Glob(filepath.Join(folder, "locks", "organization", b.Project, b.Stack, "*.json"))
	if err != nil {
		return nil, fmt.Errorf("looking for locks: %w", err)
	}
	for _, lock := range locks {
		if dead, err := ended(lock); err != nil {
			return nil, err
		} else if dead {
			broken = append(broken, lock)
		}
	}
	return broken, nil
}

// ended says whether the process that holds a lock was this machine's and is there no more.
func ended(file string) (bool, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return false, fmt.Errorf("reading a lock: %w", err)
	}
	var lock struct {
		PID      int
		Hostname string
	}
	if err := json.Unmarshal(content, &lock); err != nil {
		return false, fmt.Errorf("reading the lock %s: %w", file, err)
	}
	host, err := os.Hostname()
	if err != nil {
		return false, fmt.Errorf("asking for this machine's name: %w", err)
	}
	return lock.Hostname == host && lock.PID > 0 && errors.Is(syscall.Kill(lock.PID, 0), syscall.ESRCH), nil
}
