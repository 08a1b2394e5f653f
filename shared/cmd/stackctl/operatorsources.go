package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// operatorFolders have all packages of this repository that the operator's command line is made of: a test compares them with what Go says.
// go.mod and go.sum say what it is made of beside them.
var operatorFolders = []string{"lambda/failover", "shared/contract/controller", "shared/naming", "shared/shell"}

// sourcesName is the name of the list in a release.
const sourcesName = "SOURCES"

// operatorSources lists the files that the operator's command line is made of, each with its SHA-256, as sha256sum does and
// `sha256sum --check` reads. Equal lists are equal programs: their checksum is what the program is known by.
func (s settings) operatorSources() ([]byte, error) {
	var files []string
	for _, source := range goSources(operatorFolders...) {
		err := filepath.WalkDir(filepath.Join(s.root, source), func(path string, entry os.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case entry.IsDir() && slices.Contains(notSources, entry.Name()):
				return filepath.SkipDir
			case entry.IsDir(), strings.HasSuffix(path, "_test.go"), filepath.Ext(path) == ".md":
				return nil
			case entry.Type()&fs.ModeType != 0:
				return fmt.Errorf("%s is neither a file nor a folder", path)
			}
			files = append(files, path)
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("listing what the failover commands are made of: %w", err)
		}
	}
	slices.Sort(files)
	var list strings.Builder
	for _, file := range files {
		sum, err := checksum(file)
		if err != nil {
			return nil, fmt.Errorf("listing what the failover commands are made of: %w", err)
		}
		relative, err := filepath.Rel(s.root, file)
		if err != nil {
			return nil, fmt.Errorf("listing what the failover commands are made of: %w", err)
		}
		fmt.Fprintf(&list, "%s  %s\n", sum, filepath.ToSlash(relative))
	}
	return []byte(list.String()), nil
}

// checksum is the SHA-256 of a file, in hexadecimal digits.
func checksum(file string) (string, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	return checksumOf(content), nil
}

func checksumOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}
