package fault

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"
)

// Set is the faults that there are. The zero Set has none and keeps nothing. Its methods may be called by several goroutines.
type Set struct {
	path string

	mu      sync.Mutex
	faults  []Fault       // by region and kind, each pair once
	changed chan struct{} // closed at the next change; nil when nobody waits
}

// Read returns the faults in a file, never nil: in JSON none is []. A missing file has none.
func Read(path string) ([]Fault, error) {
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return []Fault{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the faults: %w", err)
	}
	var faults []Fault
	if err := json.Unmarshal(content, &faults); err != nil {
		return nil, fmt.Errorf("reading the faults in %s: %w", path, err)
	}
	return faults, nil
}

// Open returns the Set that is kept in a file.
func Open(path string) (*Set, error) {
	faults, err := Read(path)
	return &Set{path: path, faults: faults}, err
}

// Add makes a fault be there, in place of one of the same region and kind.
func (s *Set) Add(f Fault) error {
	return s.replace(func(faults []Fault) []Fault {
		return append(without(faults, func(old Fault) bool { return old.Region == f.Region && old.Kind == f.Kind }), f)
	})
}

// Heal ends all faults of a region, or of all regions when it is "".
func (s *Set) Heal(region string) error {
	return s.replace(func(faults []Fault) []Fault {
		return without(faults, func(old Fault) bool { return region == "" || old.Region == region })
	})
}

// All returns the faults, by region and kind, never nil.
func (s *Set) All() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Fault{}, s.faults...)
}

// Find returns a region's fault of a kind; ok says whether there is one.
func (s *Set) Find(region string, kind Kind) (f Fault, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.faults {
		if f.Region == region && f.Kind == kind {
			return f, true
		}
	}
	return Fault{}, false
}

// Changed is closed at the next change after the call.
func (s *Set) Changed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.changed == nil {
		s.changed = make(chan struct{})
	}
	return s.changed
}

// replace changes the list, on disk first.
func (s *Set) replace(change func([]Fault) []Fault) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	faults := change(s.faults)
	slices.SortFunc(faults, func(a, b Fault) int {
		return strings.Compare(a.Region+" "+string(a.Kind), b.Region+" "+string(b.Kind))
	})
	if err := s.write(faults); err != nil {
		return fmt.Errorf("keeping the faults: %w", err)
	}
	s.faults = faults
	if s.changed != nil {
		close(s.changed)
		s.changed = nil
	}
	return nil
}

// write replaces the file by one rename, so that who reads it finds the old or the new one.
func (s *Set) write(faults []Fault) error {
	if s.path == "" {
		return nil
	}
	content, err := json.Marshal(faults)
	if err != nil {
		return err
	}
	if err := os.WriteFile(s.path+".new", content, 0o644); err != nil {
		return err
	}
	return os.Rename(s.path+".new", s.path)
}

// without returns a new list without the faults that a rule names.
func without(faults []Fault, rule func(Fault) bool) []Fault {
	left := []Fault{}
	for _, f := range faults {
		if !rule(f) {
			left = append(left, f)
		}
	}
	return left
}
