package tools

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// copyFile copies a small file.
func copyFile(from, to string) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, content, 0o644)
}

// place moves a binary to its folder below out and makes it executable.
func place(file, out string, b binary) error {
	target := filepath.Join(out, filepath.FromSlash(b.path()))
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	if err := os.Rename(file, target); err != nil {
		return err
	}
	return os.Chmod(target, 0o755)
}

// save writes what it reads, at most limit bytes, to a new file.
func save(file string, from io.Reader, limit int64) error {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	n, err := io.Copy(f, io.LimitReader(from, limit+1))
	if err == nil && n > limit {
		err = fmt.Errorf("it is larger than %d bytes", limit)
	}
	return errors.Join(err, f.Close())
}
