package tools

import (
	"io"
	"strings"
	"testing"
)

func TestOnlyModulesAndPackagesAreCounted(t *testing.T) {
	var seen tally
	var others []string
	w := &lineWriter{each: func(line string) {
		if !seen.line(line) {
			others = append(others, line)
		}
	}}
	output := "go: downloading github.com/pulumi/esc v0.23.0\ninternal/cpu\ngithub.com/pulumi/esc\n# github.com/pulumi/esc\n" +
		"./a.go:3:2: undefined: b\n\ntoo many errors"
	for part := range strings.SplitSeq(output, "o") { // lines arrive in pieces
		io.WriteString(w, part)
		io.WriteString(w, "o")
	}
	w.flush()
	if seen.modules.Load() != 1 || seen.packages.Load() != 2 {
		t.Errorf("counted %d modules and %d packages, want 1 and 2", seen.modules.Load(), seen.packages.Load())
	}
	if got, want := strings.Join(others, "|"), "# github.com/pulumi/esc|./a.go:3:2: undefined: b||too many errorso"; got != want {
		t.Errorf("the other lines are %q, want %q", got, want)
	}
}
