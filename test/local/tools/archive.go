package tools

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
)

// maxBinary bounds one unpacked file: the largest, the official AWS plugin, is under 1 GB.
const maxBinary = 2 << 30

// unpack takes the named binaries, wherever they stand in a gzipped tar file, into the new folder dir. Nothing else of the
// archive is written, and nothing under a path that the archive chose. An archive with a path that leads out of its folder
// is refused whole, as is one where a binary is missing, comes twice, or is anything but a regular file.
func unpack(file, dir string, take []binary) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	plain, err := gzip.NewReader(f)
	if err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	missing := map[string]bool{}
	for _, b := range take {
		missing[b.name] = true
	}
	for archive := tar.NewReader(plain); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if !filepath.IsLocal(filepath.FromSlash(header.Name)) {
			return fmt.Errorf("it holds %q, a path out of its folder", header.Name)
		}
		name := path.Base(header.Name)
		wanted, known := missing[name]
		if !known || header.Typeflag == tar.TypeDir {
			continue
		}
		if !wanted || header.Typeflag != tar.TypeReg {
			return fmt.Errorf("%q comes twice or is no regular file", header.Name)
		}
		missing[name] = false
		if err := save(filepath.Join(dir, name), archive, maxBinary); err != nil {
			return fmt.Errorf("writing %s: %w", name, err)
		}
	}
	for name, absent := range missing {
		if absent {
			return fmt.Errorf("it holds no %s", name)
		}
	}
	return nil
}
