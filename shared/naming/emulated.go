package naming

import "strings"

// emulatedEnvironment is the environment on the local AWS emulator, and the first word of the others there.
const emulatedEnvironment = "local"

// Emulated reports whether an environment is on the local AWS emulator: local, local-…. Every other one is on AWS.
func Emulated(environment string) bool {
	first, _, _ := strings.Cut(environment, "-")
	return first == emulatedEnvironment
}
