package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func TestWrongCallsAreRefusedBeforeAnythingIsDone(t *testing.T) {
	for _, c := range []struct {
		name  string
		args  []string
		usage bool   // what was called wrongly exits 2
		want  string // in the message or the error
	}{
		{"an unknown flag", []string{"tools", "--rot", "."}, true, "flag provided but not defined"},
		{"an argument too many", []string{"tools", "everything"}, true, `"everything" is one argument too many`},
		{"a misspelt toolchain", []string{"tools", "--toolchain", "offical"}, false, "set it to auto, official or source"},
		{"a port that is no number", []string{"env", "--port", "http"}, true, "invalid value"},
		{"an environment on AWS without a backend", []string{"env", "--env", "dev", "--state", "/nowhere"}, false, "PULUMI_BACKEND_URL"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("WARMSTANDBY_CACHE", t.TempDir())
			var stdout, stderr bytes.Buffer
			err := dispatch(t.Context(), c.args, &stdout, &stderr)
			if err == nil || errors.Is(err, errUsage) != c.usage || !strings.Contains(stderr.String()+err.Error(), c.want) {
				t.Errorf("got %v and %q, want %q", err, stderr.String(), c.want)
			}
			if stdout.Len() > 0 {
				t.Errorf("standard output has %q, which a shell would evaluate", stdout.String())
			}
		})
	}
}
