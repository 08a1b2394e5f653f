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

// Store is the current faults, kept in a file. The zero Store has no faults and keeps nothing on disk. Its methods are safe
// for concurrent use.
type Store struct {
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

// Open returns the Store of a file.
func Open(path string) (*Store, error) {
	faults, err := Read(path)
	return &Store{path: path, faults: faults}, err
}

// Add adds a fault and replaces one of the same region and kind.
func (s *Store) Add(f Fault) error {
	return s.update(func(faults []Fault) []Fault {
		return append(remove(faults, func(old Fault) bool { return old.Region == f.Region && old.Kind == f.Kind }), f)
	})
}

// Heal ends all faults of a region, or of all regions when region is "".
func (s *Store) Heal(region string) error {
	return s.update(func(faults []Fault) []Fault {
		return remove(faults, func(old Fault) bool { return region == "" || old.Region == region })
	})
}

// All returns the faults, by region and kind, never nil.
func (s *Store) All() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Fault{}, s.faults...)
}

// Find returns a region's fault of a kind; ok says whether there is one.
func (s *Store) Find(region string, kind Kind) (f Fault, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.faults {
		if f.Region == region && f.Kind == kind {
			return f, true
		}
	}
	return Fault{}, false
}

// Changed returns a channel that is closed at the next change after the call.
func (s *Store) Changed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.changed == nil {
		s.changed = make(chan struct{})
	}
	return s.changed
}

// update changes the faults, on disk first.
func (s *Store) update(change func([]Fault) []Fault) error {
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

// write replaces the file atomically, so that a reader finds the old or the new content.
func (s *Store) write(faults []Fault) error {
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

// remove returns a new list without the faults for which selects returns true.
func remove(faults []Fault, selects func(Fault) bool) []Fault {
	kept := []Fault{}
	for _, f := range faults {
		if !selects(f) {
			kept = append(kept, f)
		}
	}
	return kept
}
