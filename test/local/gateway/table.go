package gateway

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// table keeps the state of one handler, by resource id, in one JSON file. Each change is on disk when its call returns.
type table[T any] struct {
	path string
	mu   sync.Mutex
	rows map[string]T
}

// openTable reads the table's file; a missing one is an empty table.
func openTable[T any](folder, name string) (*table[T], error) {
	t := &table[T]{path: filepath.Join(folder, name+".json"), rows: map[string]T{}}
	content, err := os.ReadFile(t.path)
	if errors.Is(err, fs.ErrNotExist) {
		return t, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the gateway's table %s: %w", name, err)
	}
	if err := json.Unmarshal(content, &t.rows); err != nil {
		return nil, fmt.Errorf("reading the gateway's table %s: %w", t.path, err)
	}
	return t, nil
}

// get returns a row; ok says whether there is one.
func (t *table[T]) get(id string) (row T, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	row, ok = t.rows[id]
	return row, ok
}

// update changes the row of id; change gets the zero value when there is no row.
func (t *table[T]) update(id string, change func(*T)) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	row := t.rows[id]
	change(&row)
	t.rows[id] = row
	return t.write()
}

// remove deletes rows; unknown ids are ignored.
func (t *table[T]) remove(ids ...string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, id := range ids {
		delete(t.rows, id)
	}
	return t.write()
}

// write replaces the file by one rename, so that a kill leaves the old or the new one.
func (t *table[T]) write() error {
	content, err := json.Marshal(t.rows)
	if err != nil {
		return fmt.Errorf("writing %s: %w", t.path, err)
	}
	if err := os.MkdirAll(filepath.Dir(t.path), 0o755); err != nil {
		return fmt.Errorf("making the folder of %s: %w", t.path, err)
	}
	if err := os.WriteFile(t.path+".new", content, 0o600); err != nil {
		return fmt.Errorf("writing %s: %w", t.path, err)
	}
	if err := os.Rename(t.path+".new", t.path); err != nil {
		return fmt.Errorf("replacing %s: %w", t.path, err)
	}
	return nil
}

// sorted returns all rows in an order.
func (t *table[T]) sorted(compare func(a, b T) int) []T {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.SortedFunc(maps.Values(t.rows), compare)
}
