package invariant

import (
	"fmt"
	"strings"
)

// proof is a property that shows that a resource is encrypted.
type proof struct {
	path string
	// means says what its value must be, for a message, and holds whether it is that.
	means string
	holds func(value any) bool
	// asked says whether a program asks for it, before AWS has answered: a key may be unknown still.
	asked func(value any) bool
}

// key wants the ARN of a key of KMS, which is the platform's own: the services' default keys are named by aliases.
func key(path string) proof {
	holds := func(value any) bool {
		arn, _ := value.(string)
		return strings.HasPrefix(arn, "arn:") && strings.Contains(arn, ":kms:") && strings.Contains(arn, ":key/")
	}
	return proof{path, "the ARN of a KMS key", holds, func(value any) bool { return value != nil && value != "" }}
}

// on wants a switch to be on.
func on(path string) proof {
	holds := func(value any) bool { return value == true }
	return proof{path, "true", holds, holds}
}

// says wants a text.
func says(path, want string) proof {
	holds := func(value any) bool { return value == want }
	return proof{path, want, holds, holds}
}

// way is a set of proofs that hold together.
type way []proof

// EncryptionFaults holds a resource of a known type to one of the ways in which its type is encrypted, if it has any, by what
// AWS answered.
func EncryptionFaults(token string, outputs Properties) []string {
	return encryptionFaults(token, outputs, func(p proof, value any) bool { return p.holds(value) })
}

// PlannedEncryptionFaults does so by what a program asks for.
func PlannedEncryptionFaults(token string, inputs Properties) []string {
	return encryptionFaults(token, inputs, func(p proof, value any) bool { return p.asked(value) })
}

func encryptionFaults(token string, properties Properties, holds func(proof, any) bool) []string {
	var missed []string
	for _, w := range Types[token].Encrypted {
		var lacks []string
		for _, p := range w {
			if value := properties.At(p.path); !holds(p, value) {
				lacks = append(lacks, fmt.Sprintf("has %s %v, want %s", p.path, value, p.means))
			}
		}
		if len(lacks) == 0 {
			return nil
		}
		missed = append(missed, strings.Join(lacks, " and "))
	}
	if len(missed) == 0 {
		return nil
	}
	return []string{strings.Join(missed, ", or ")}
}
