package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// mountTable lists what is mounted, on Linux (proc(5), "/proc/pid/mountinfo").
const mountTable = "/proc/self/mountinfo"

// mountsUnder returns the mount points at a path or in it. A deletion that went through one would reach another file system, or
// another folder that is bound there.
func mountsUnder(path string) ([]string, error) {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, fmt.Errorf("resolving %s: %w", path, err)
	}
	table, err := os.Open(mountTable)
	if errors.Is(err, fs.ErrNotExist) {
		return otherDevices(real)
	}
	if err != nil {
		return nil, fmt.Errorf("reading what is mounted: %w", err)
	}
	defer table.Close()
	points, err := parseMounts(table)
	if err != nil {
		return nil, err
	}
	var found []string
	for _, point := range points {
		if relative, err := filepath.Rel(real, point); err == nil && filepath.IsLocal(relative) {
			found = append(found, point)
		}
	}
	return found, nil
}

// mountPointField is the index of the mount point in the fields of a line, from 0 (proc(5), "/proc/pid/mountinfo").
const mountPointField = 4

// parseMounts returns the mount points of a table. Space, tab, newline and backslash are written there as octal escapes.
func parseMounts(table io.Reader) ([]string, error) {
	var points []string
	lines := bufio.NewScanner(table)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) <= mountPointField {
			return nil, fmt.Errorf("reading what is mounted: a line has %d fields: %q", len(fields), lines.Text())
		}
		points = append(points, unescapeOctal(fields[mountPointField]))
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("reading what is mounted: %w", err)
	}
	return points, nil
}

// unescapeOctal replaces \ooo by the byte with that number.
func unescapeOctal(text string) string {
	const digits = 3
	var plain strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+digits < len(text) {
			if value, err := strconv.ParseUint(text[i+1:i+1+digits], 8, 8); err == nil {
				plain.WriteByte(byte(value))
				i += digits
				continue
			}
		}
		plain.WriteByte(text[i])
	}
	return plain.String()
}

// otherDevices returns the folders below a path that are on another device than it, where there is no table of mounts (macOS).
func otherDevices(path string) ([]string, error) {
	device := func(information fs.FileInfo) uint64 {
		if status, ok := information.Sys().(*syscall.Stat_t); ok {
			return uint64(status.Dev) //nolint:unconvert // It is an int32 on macOS.
		}
		return 0
	}
	top, err := os.Lstat(path)
	if err != nil {
		return nil, fmt.Errorf("looking at %s: %w", path, err)
	}
	parent, err := os.Lstat(filepath.Dir(path))
	if err != nil {
		return nil, fmt.Errorf("looking at %s: %w", filepath.Dir(path), err)
	}
	var found []string
	if device(top) != device(parent) {
		found = append(found, path)
	}
	err = filepath.WalkDir(path, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		information, err := entry.Info()
		if err != nil {
			return err
		}
		if entry.IsDir() && device(information) != device(top) {
			found = append(found, file)
			return filepath.SkipDir
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("looking for mounts in %s: %w", path, err)
	}
	return found, nil
}
