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
		{name: "where Pulumi runs without make, the environment is named", want: "make up STACK=data-global ENV=pr-7"},
		{name: "make's default environment needs nothing", set: true, want: "make up STACK=data-global"},
		{
			name: "make's variables are repeated", repeated: "ENV=local-two STATE='/a b' PORT=4567", set: true,
			want: "make up STACK=data-global ENV=local-two STATE='/a b' PORT=4567",
		},
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
