package report

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// SumsFile has the SHA-256 of a drill's files, as sha256sum writes and checks it.
const SumsFile = "SHA256SUMS"

// Signer signs a file and leaves the signature beside it. The zero value signs nothing.
type Signer struct {
	// Command is a shell command to which the file is appended, as "ssh-keygen -Y sign -n file -f ~/.ssh/id_ed25519" or "minisign -Sm".
	Command string
}

// errUnsigned says that a command left no signature.
var errUnsigned = errors.New("it has left no file beside SHA256SUMS that begins with its name")

// sign signs a file. It may ask for a passphrase.
func (s Signer) sign(ctx context.Context, file string) error {
	for _, old := range signatures(file) { // a drill that is written again is signed again
		if err := os.Remove(old); err != nil {
			return fmt.Errorf("removing an old signature: %w", err)
		}
	}
	if s.Command == "" {
		return nil
	}
	command := exec.CommandContext(ctx, "sh", "-c", s.Command+` "$1"`, "sh", file)
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stderr, os.Stderr
	err := command.Run()
	if err == nil && len(signatures(file)) == 0 {
		err = errUnsigned
	}
	if err != nil {
		return fmt.Errorf("signing %s by %q: %w", file, s.Command, err)
	}
	return nil
}

// signatures are the files that stand beside one and begin with its name, as SHA256SUMS.sig.
func signatures(file string) []string {
	entries, err := os.ReadDir(filepath.Dir(file))
	if err != nil {
		return nil
	}
	var found []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), filepath.Base(file)+".") {
			found = append(found, filepath.Join(filepath.Dir(file), e.Name()))
		}
	}
	return found
}

// sum is the SHA-256 of a content, in hexadecimal digits.
func sum(content []byte) string { return fmt.Sprintf("%x", sha256.Sum256(content)) }

// sums are the lines of SHA256SUMS for files of a drill's folder.
func sums(files map[string][]byte, names ...string) []byte {
	var lines strings.Builder
	for _, name := range names {
		fmt.Fprintf(&lines, "%s  %s\n", sum(files[name]), name)
	}
	return []byte(lines.String())
}
