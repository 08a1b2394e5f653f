package cli

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

func TestShell(t *testing.T) {
	for _, test := range []struct {
		name, environment string
		variables         map[string]string
		refused           bool
	}{
		{"a shell that is set up for nothing", "prod", nil, false},
		{"the shell of the environment", "local", map[string]string{"WARMSTANDBY_ENV": "local"}, false},
		{
			"the shell of an environment with another suffix", "blue",
			map[string]string{"WARMSTANDBY_ENV": "local", "WARMSTANDBY_MAKE": "SUFFIX=blue PORT=4567"}, false,
		},
		{"the local environment's shell", "prod", map[string]string{"WARMSTANDBY_ENV": "local", "WARMSTANDBY_MAKE": ""}, true},
		{"another environment's shell on AWS", "prod", map[string]string{"WARMSTANDBY_ENV": "dev"}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := checkShell(test.environment, func(name string) (string, bool) { value, set := test.variables[name]; return value, set })
			if (err != nil) != test.refused {
				t.Errorf("got %v, want a refusal: %t", err, test.refused)
			}
		})
	}
	t.Run("every command is refused before it connects", func(t *testing.T) {
		t.Setenv(shellVariable, "local")
		for _, c := range Commands() {
			var stdout, stderr bytes.Buffer
			code := Main(t.Context(), []string{c.Name, "--env", "prod"}, "test", nil, &stdout, &stderr) // A connector would be called.
			if code != Usage || !strings.Contains(stderr.String(), "set up for ENV=local") {
				t.Errorf("%s ends with %d: %s", c.Name, code, stderr.String())
			}
		}
	})
}

// TestMain lets the tests run in a shell that is set up for an environment.
func TestMain(m *testing.M) {
	if err := os.Unsetenv(shellVariable); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
