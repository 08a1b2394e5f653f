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
			code := run(t.Context(), args, &stdout, &stderr)
			if code != usage || stdout.Len() > 0 || !strings.Contains(strings.ToLower(stderr.String()), "usage") {
				t.Errorf("exit code %d with %q and %q; want %d with the usage", code, stdout.String(), stderr.String(), usage)
			}
		})
	}
}
