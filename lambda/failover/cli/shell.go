package cli

import (
	"fmt"
	"strings"

	"warmstandby/shared/shell"
)

// shellVariable names the environment that a shell was set up for by `eval "$(make env)"`.
const shellVariable = "WARMSTANDBY_ENV"

// checkShell refuses a command for one environment in a shell that is set up for another: it would ask the other's AWS, an
// emulator perhaps, and believe its answers. lookup reads the process's environment.
func checkShell(environment string, lookup func(string) (string, bool)) error {
	of, set := lookup(shellVariable)
	if !set || of == "" {
		return nil
	}
	suffix := of
	arguments, _ := lookup(shell.MakeVariable)
	for _, word := range strings.Fields(arguments) { // A suffix has no spaces.
		if value, is := strings.CutPrefix(word, "SUFFIX="); is {
			suffix = value
		}
	}
	if environment != suffix {
		return fmt.Errorf("--env is %s, but this shell is set up for ENV=%s (by `make env`): use another shell", environment, of)
	}
	return nil
}
