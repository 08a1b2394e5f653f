package tools

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"strings"
)

// keyLength is how many hexadecimal digits of a SHA-256 name a tools folder: 64 bits, for a handful of folders.
const keyLength = 16

// trimmer is the code that rewrites the AWS provider: what it does decides what is built.
//
//go:embed provider*.go
var trimmer embed.FS

// hashOf digests a list of texts; each is preceded by its length, so that no two lists digest alike by chance of joining.
func hashOf(texts ...string) string {
	digest := sha256.New()
	for _, text := range texts {
		fmt.Fprintf(digest, "%d:%s", len(text), text)
	}
	return hex.EncodeToString(digest.Sum(nil))[:keyLength]
}

// sourcesOf returns name and content of every file below root that a build can depend on: all but tests, their data,
// documentation and what the Go command does not look at (names that begin with a dot or an underscore).
func sourcesOf(root fs.FS) ([]string, error) {
	var texts []string
	err := fs.WalkDir(root, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		ignored := path != "." && (strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_"))
		switch {
		case entry.IsDir() && (ignored || name == "testdata"):
			return fs.SkipDir
		case entry.IsDir() || ignored || strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, ".md"):
			return nil
		}
		content, err := fs.ReadFile(root, path)
		texts = append(texts, path, string(content))
		return err
	})
	return texts, err
}
