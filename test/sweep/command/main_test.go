package main

import (
	"strings"
	"testing"
)

func TestUsage(t *testing.T) {
	for name, args := range map[string][]string{
		"no environment":          {},
		"a suffix that is none":   {"--env", "dev", "--suffix", "Dev"},
		"no region":               {"--env", "dev", "--regions", " "},
		"a word that is too much": {"--env", "dev", "now"},
		"an unknown flag":         {"--environment", "dev"},
	} {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr strings.Builder
			if code := run(
				t.Context(),
				args,
				&stdout,
				&stderr,
			); code != usage || stdout.Len() > 0 ||
				!strings.Contains(strings.ToLower(stderr.String()), "usage") {
				t.Errorf("exit code %d, says %q and %q; want %d and how it is called", code, stdout.String(), stderr.String(), usage)
			}
		})
	}
}
