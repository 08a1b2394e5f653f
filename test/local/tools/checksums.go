package tools

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
)

// maxList bounds a checksum list: the longest has some thirty lines.
const maxList = 1 << 20

// findChecksum reads a list as sha256sum and shasum write it, "<hexadecimal>  <name>", with ./ or * before the name or not,
// and returns the checksum of name in lower case. One that is not size bytes long is refused: it would be of another hash.
func findChecksum(list io.Reader, name string, size int) (string, error) {
	lines := bufio.NewScanner(io.LimitReader(list, maxList))
	for lines.Scan() {
		digest, file, ok := strings.Cut(strings.TrimSpace(lines.Text()), " ")
		file = strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(file), "*"), "./")
		if !ok || file != name {
			continue
		}
		if raw, err := hex.DecodeString(digest); err != nil || len(raw) != size {
			return "", fmt.Errorf("the checksum of %s is %q, not %d bytes in hexadecimal", name, digest, size)
		}
		return strings.ToLower(digest), nil
	}
	if err := lines.Err(); err != nil {
		return "", err
	}
	return "", fmt.Errorf("it has no checksum of %s", name)
}

// counter counts the bytes of a download; it may be read while it counts.
type counter struct{ n atomic.Int64 }

func (c *counter) Write(p []byte) (int, error) {
	c.n.Add(int64(len(p)))
	return len(p), nil
}

// of returns what tells how far a download of total bytes is; total is negative when the server does not say.
func (c *counter) of(total int64) func() string {
	const megabyte = 1_000_000
	return func() string {
		if total < 0 {
			return fmt.Sprintf("%d MB", c.n.Load()/megabyte)
		}
		return fmt.Sprintf("%d of %d MB", c.n.Load()/megabyte, total/megabyte)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }
