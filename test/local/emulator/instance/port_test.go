package instance

import (
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
)

func TestTheLogsLastLineIsFound(t *testing.T) {
	for content, want := range map[string]string{
		"":           "none",
		"one\ntwo\n": "two",
		"one\ntwo":   "two",
		"one\n\n":    "one",
		strings.Repeat("x", 2*tailSize) + "\nend\n": "end",
	} {
		path := t.TempDir() + "/log"
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := lastLine(path); got != want {
			t.Errorf("of %.20q it is %q, want %q", content, got, want)
		}
	}
	if got := lastLine("/no/such/log"); !strings.Contains(got, "none") {
		t.Errorf("of a log that is not there it is %q", got)
	}
}

func TestALogOfTheLastRunIsKept(t *testing.T) {
	path := t.TempDir() + "/logs/gateway.log"
	for _, line := range []string{"first", "second", "third"} {
		file, err := openLog(path)
		if err != nil {
			t.Fatal(err)
		}
		file.WriteString(line)
		file.Close()
	}
	for name, want := range map[string]string{path: "third", path + ".1": "second"} {
		if got, err := os.ReadFile(name); err != nil || string(got) != want {
			t.Errorf("%s has %q, %v; want %q", name, got, err, want)
		}
	}
}

// FuzzListeningInode holds that a table of sockets, however broken, gives a number or nothing.
func FuzzListeningInode(f *testing.F) {
	f.Add("  0: 0100007F:11D6 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4242 1", 4566)
	f.Add("garbage", 1)
	f.Fuzz(func(t *testing.T, line string, port int) {
		if inode := inodeOf(line, port); inode != "" {
			if _, err := strconv.ParseUint(inode, 10, 64); err != nil {
				t.Errorf("%q gives inode %q", line, inode)
			}
		}
	})
}

func TestAFreePortHasNoOwnerThatIsNamed(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	listener.Close()
	if got := portOwner(port); got != "another process" {
		t.Errorf("its owner is %q", got)
	}
}
