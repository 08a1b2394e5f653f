// Package makecommand writes make's commands as a person types them to reach the same environment.
package makecommand

import (
	"os"
	"strings"
)

// repeated is the environment variable by which make says which of its variables a command repeats, quoted for a shell. It is
// empty, or not set, where all have their defaults.
const repeated = "WARMSTANDBY_MAKE"

// For returns the command for a goal of make, with further variables, as NAME=value.
func For(goal string, more ...string) string {
	words := []string{"make", goal}
	if variables := os.Getenv(repeated); variables != "" {
		words = append(words, variables)
	}
	return strings.Join(append(words, more...), " ")
}
