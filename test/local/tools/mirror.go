package tools

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// WriteMirror writes, below dir, what a mirror of Pulumi's releases has for this platform: the archive of every release
// whose binaries are all in the folder from, each with its list of checksums. A release of which from has nothing is left
// out; one of which it has a part is an error, as is a folder that has none. Served over HTTP, dir is what
// WARMSTANDBY_RELEASES_URL may name.
func WriteMirror(dir, from string) error {
	written := 0
	for _, r := range releasesOf(groups()) {
		var files []string
		for _, b := range r.take {
			file := filepath.Join(from, b.name)
			if _, err := os.Stat(file); err == nil {
				files = append(files, file)
			} else if !errors.Is(err, os.ErrNotExist) {
				return fmt.Errorf("looking for %s: %w", b.name, err)
			}
		}
		switch len(files) {
		case 0:
			continue
		case len(r.take):
			if err := writeRelease(dir, r, files); err != nil {
				return fmt.Errorf("writing %s: %w", filepath.Base(r.archive), err)
			}
			written++
		default:
			return fmt.Errorf("%s has %s and not all of the %d binaries that are released together", from, filepath.Base(files[0]), len(r.take))
		}
	}
	if written == 0 {
		return fmt.Errorf("%s has no binary of any release: name a folder with pulumi and pulumi-language-go, as make tools prints it", from)
	}
	return nil
}

// writeRelease writes an archive of the files, and the list that has its checksum.
func writeRelease(dir string, r release, files []string) (err error) {
	target := filepath.Join(dir, filepath.FromSlash(r.archive))
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	out, err := os.Create(target)
	if err != nil {
		return err
	}
	digest := r.newHash()
	packed := gzip.NewWriter(io.MultiWriter(out, digest))
	archive := tar.NewWriter(packed)
	for _, file := range files {
		if err := addFile(archive, file); err != nil {
			return errors.Join(err, out.Close())
		}
	}
	if err := errors.Join(archive.Close(), packed.Close(), out.Close()); err != nil {
		return err
	}
	list := fmt.Sprintf("%x  %s\n", digest.Sum(nil), filepath.Base(r.archive))
	return os.WriteFile(filepath.Join(dir, filepath.FromSlash(r.checksums)), []byte(list), 0o644)
}

// addFile adds an executable to an archive, under the name that it has in its folder.
func addFile(archive *tar.Writer, file string) error {
	content, err := os.Open(file)
	if err != nil {
		return err
	}
	defer content.Close()
	info, err := content.Stat()
	if err != nil {
		return err
	}
	header := &tar.Header{Name: filepath.Base(file), Typeflag: tar.TypeReg, Mode: 0o755, Size: info.Size()}
	if err := archive.WriteHeader(header); err != nil {
		return err
	}
	_, err = io.Copy(archive, content)
	return err
}
