// Package page holds what a page says to what the code says, for tests.
package page

import (
	"flag"
	"os"
	"strings"
	"testing"
)

// update has tests write the tables of pages instead of comparing them: go test <package> -run README -update.
var update = flag.Bool("update", false, "write the tables of the pages")

// HoldTable compares what stands in a file between the comments "name: begin" and "name: end", or writes it.
func HoldTable(t *testing.T, file, name, want string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := "<!-- "+name+": begin -->\n", "<!-- "+name+": end -->"
	before, rest, opened := strings.Cut(string(text), begin)
	got, after, closed := strings.Cut(rest, end)
	if !opened || !closed {
		t.Fatalf("%s has no place for the table: want %q and, later, %q", file, begin, end)
	}
	if got == want {
		return
	}
	if !*update {
		t.Fatalf("the table %q of %s is not what the code says: run this test with -run README -update", name, file)
	}
	if err := os.WriteFile(file, []byte(before+begin+want+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}
