package contract

import (
	"os"
	"strings"
)

// makeVariable is the environment variable in which make passes the variables that a command must repeat to reach the same
// environment, quoted for a shell. It is not set when Pulumi runs without make, and empty when all have their defaults.
const makeVariable = "WARMSTANDBY_MAKE"

// DeployCommand returns the command that deploys a project's stack of an environment, which is empty for make's own default. It
// can be typed as it stands in the repository's folder.
func DeployCommand(project, environment string) string {
	words := []string{"make", "up", "STACK=" + project}
	repeated, set := os.LookupEnv(makeVariable)
	switch {
	case !set && environment != "":
		words = append(words, "ENV="+environment)
	case repeated != "":
		words = append(words, repeated)
	}
	return strings.Join(words, " ")
}
