package instance

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// tailSize is how much of a log's end is read for its last line, in bytes.
const tailSize = 8 << 10

// openLog begins a new log file and keeps the one before under the name with ".1".
func openLog(path string) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("making the log folder: %w", err)
	}
	if err := os.Rename(path, path+".1"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("keeping the log of the last run: %w", err)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return nil, fmt.Errorf("opening the log: %w", err)
	}
	return file, nil
}

// lastLine returns a log's last line for a message; for a log that cannot be read it returns the reason.
func lastLine(path string) string {
	file, err := os.Open(path)
	if err != nil {
		return "none, " + err.Error()
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil && info.Size() > tailSize {
		if _, err := file.Seek(-tailSize, io.SeekEnd); err != nil {
			return "none, " + err.Error()
		}
	}
	content, err := io.ReadAll(file)
	if err != nil {
		return "none, " + err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(content)), "\n")
	if last := lines[len(lines)-1]; last != "" {
		return last
	}
	return "none"
}
