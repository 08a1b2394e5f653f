package invariant

import (
	"fmt"
	"strings"
)

// requirement is a property that must have a certain value for a resource to be encrypted.
type requirement struct {
	path string
	// allowed describes the value, for a message.
	allowed string
	// metByOutput decides on the value that AWS answered, metByInput on the program's: a key may be unknown still.
	metByOutput, metByInput func(value any) bool
}

// key requires the ARN of a KMS key, which is the platform's own: the services' default keys are named by aliases.
func key(path string) requirement {
	return requirement{
		path: path, allowed: "the ARN of a KMS key",
		metByOutput: func(value any) bool {
			arn, _ := value.(string)
			return strings.HasPrefix(arn, "arn:") && strings.Contains(arn, ":kms:") && strings.Contains(arn, ":key/")
		},
		metByInput: func(value any) bool { return value != nil && value != "" },
	}
}

// enabled requires a switch to be on.
func enabled(path string) requirement {
	met := func(value any) bool { return value == true }
	return requirement{path: path, allowed: "true", metByOutput: met, metByInput: met}
}

// equals requires a text.
func equals(path, want string) requirement {
	met := func(value any) bool { return value == want }
	return requirement{path: path, allowed: want, metByOutput: met, metByInput: met}
}

// encryptionOption is a set of requirements that must all be met.
type encryptionOption []requirement

// EncryptionFaults returns why a resource of a known type meets none of the type's encryption options, decided by what AWS
// answered. There is no fault for a type without options.
func EncryptionFaults(token string, outputs Properties) []string {
	return encryptionFaults(token, outputs, func(r requirement, value any) bool { return r.metByOutput(value) })
}

// PlannedEncryptionFaults decides the same by a program's inputs.
func PlannedEncryptionFaults(token string, inputs Properties) []string {
	return encryptionFaults(token, inputs, func(r requirement, value any) bool { return r.metByInput(value) })
}

func encryptionFaults(token string, properties Properties, met func(requirement, any) bool) []string {
	var faults []string
	for _, option := range Types[token].Encrypted {
		var unmet []string
		for _, r := range option {
			if value := properties.Get(r.path); !met(r, value) {
				unmet = append(unmet, fmt.Sprintf("has %s %v, want %s", r.path, value, r.allowed))
			}
		}
		if len(unmet) == 0 {
			return nil
		}
		faults = append(faults, strings.Join(unmet, " and "))
	}
	if len(faults) == 0 {
		return nil
	}
	return []string{strings.Join(faults, ", or ")}
}
