package contract

import (
	"os"
	"testing"

	"warmstandby/shared/shell"
)

func TestDeployCommand(t *testing.T) {
	for _, test := range []struct {
		name     string
		repeated string
		set      bool
		want     string
	}{
		{"where Pulumi runs without make, the environment is named", "", false, "make up STACK=data-global ENV=pr-7"},
		{"make's default environment needs nothing", "", true, "make up STACK=data-global"},
		{"make's variables are repeated", "ENV=local-two STATE='/a b' PORT=4567", true, "make up STACK=data-global ENV=local-two STATE='/a b' PORT=4567"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv(shell.MakeVariable, test.repeated)
			if !test.set {
				if err := os.Unsetenv(shell.MakeVariable); err != nil {
					t.Fatal(err)
				}
			}
			if got := DeployCommand("data-global", "pr-7"); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}
