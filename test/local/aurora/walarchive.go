package aurora

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
)

// segmentName is the name of a file of the log: timeline and number, in hexadecimal. PostgreSQL: XLogFileName.
var segmentName = regexp.MustCompile(`^[0-9A-F]{24}$`)

// segmentNumber is the part of a segment's name that does not change with the timeline.
func segmentNumber(name string) string { return name[8:] }

// segmentsIn returns the names of the files of the log in a folder.
func segmentsIn(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("listing the log: %w", err)
	}
	var names []string
	for _, entry := range entries {
		if segmentName.MatchString(entry.Name()) {
			names = append(names, entry.Name())
		}
	}
	return names, nil
}

func removeLogBefore(dir, first string) error {
	names, err := segmentsIn(dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		if segmentNumber(name) < segmentNumber(first) {
			if err := os.Remove(filepath.Join(dir, name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// archivedSince returns the size of the archived log from a file on, in bytes.
func archivedSince(dir, first string) (int64, error) {
	names, err := segmentsIn(dir)
	if err != nil {
		return 0, err
	}
	var size int64
	for _, name := range names {
		if segmentNumber(name) >= segmentNumber(first) {
			size += walSegmentSize
		}
	}
	return size, nil
}

// logFile is a file of the log, or the history of a timeline.
var logFile = regexp.MustCompile(`^([0-9A-F]{24}|[0-9A-F]{8}\.history)$`)

// linkLog brings the files of a log into another folder, unless they are there: as hard links, or as copies when the files
// may still be written to.
func (c serverConfig) linkLog(from, to string, copies bool) error {
	entries, err := os.ReadDir(from)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("listing the log: %w", err)
	}
	for _, entry := range entries {
		if !logFile.MatchString(entry.Name()) {
			continue
		}
		source, target := filepath.Join(from, entry.Name()), filepath.Join(to, entry.Name())
		if copies {
			err = c.copyFile(source, target)
		} else {
			err = os.Link(source, target)
		}
		if err != nil && !errors.Is(err, fs.ErrExist) && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("taking a file of the log: %w", err)
		}
	}
	return nil
}
