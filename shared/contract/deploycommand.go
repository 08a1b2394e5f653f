package contract

import (
	"os"
	"strings"

	"warmstandby/shared/shell"
)

// DeployCommand returns the command that deploys a project's stack of an environment, which is empty for make's own default. It
// can be typed as it stands in the repository's folder.
func DeployCommand(project, environment string) string {
	words := []string{"make", "up", "STACK=" + project}
	repeated, set := os.LookupEnv(shell.MakeVariable)
	switch {
	case !set && environment != "":
		words = append(words, "ENV="+environment)
	case repeated != "":
		words = append(words, repeated)
	}
	return strings.Join(words, " ")
}
