// Package naming builds the physical names and the required tags of the
// platform's resources.
//
// A name is {type}-{purpose}-{environmentSuffix}. One [Namer] builds them all,
// knows the limit that AWS sets for each type, and refuses a name that breaks
// it, saying what would fit: a name refused here costs a second, one refused by
// AWS costs a half-finished deployment.
package naming

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// word is the grammar of a purpose and of a suffix: lower-case words joined by
// single hyphens. It is inside the character set of every [Kind], and inside
// those of S3 (no upper case) and RDS (no two hyphens in a row, none at the
// end), which the platform's later layers name with the same suffix.
var word = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// Namer names the resources of one environment. The zero Namer is not usable:
// make one with [New].
type Namer struct {
	suffix string
}

// New returns the Namer of the environment with that suffix. The error contains [SuffixRule].
func New(suffix string) (Namer, error) {
	if len(suffix) > MaxSuffixLength || !word.MatchString(suffix) || reservedEnding.MatchString(suffix) {
		return Namer{}, fmt.Errorf("checking the environment suffix: allowed %s; got %q (%d characters)",
			SuffixRule(), suffix, utf8.RuneCountInString(suffix))
	}
	return Namer{suffix: suffix}, nil
}

// Name returns the physical name of a resource: the kind's prefix, the purposes
// and the environment's suffix, joined by hyphens. Every purpose is lower-case
// words joined by single hyphens, such as "primary" or "us-east-1". The error
// names the limit, its source, and how many characters would fit.
func (n Namer) Name(kind Kind, purposes ...string) (string, error) {
	if n.suffix == "" {
		return "", errors.New("naming a resource: the namer has no environment suffix; make it with naming.New")
	}
	if !kind.known() {
		return "", fmt.Errorf("naming a resource: kind %d is not in the table of kinds", int(kind))
	}
	r := rules[kind]
	if len(purposes) == 0 {
		return "", fmt.Errorf("naming a %s: give at least one purpose, such as %q", r.noun, Primary)
	}
	for _, purpose := range purposes {
		if !word.MatchString(purpose) {
			return "", fmt.Errorf("naming a %s: a purpose is of a-z, 0-9 and single hyphens between them; got %q",
				r.noun, purpose)
		}
	}
	stem := r.prefix + "-" + strings.Join(purposes, "-") + "-"
	name := stem + n.suffix
	if r.underscored {
		name = strings.ReplaceAll(name, "-", "_")
	}
	if len(name) > r.limit {
		return "", fmt.Errorf("naming a %s: %q has %d characters, the limit is %d (%s); %s",
			r.noun, name, len(name), r.limit, r.source, whatFits(stem, r.limit))
	}
	return name, nil
}

// whatFits returns how to bring a name that begins with stem under the limit.
func whatFits(stem string, limit int) string {
	if room := limit - len(stem); room > 0 {
		return fmt.Sprintf("with this purpose the environment suffix may have %d", room)
	}
	return fmt.Sprintf("shorten the purpose by %d to leave room for an environment suffix of %d",
		len(stem)+MaxSuffixLength-limit, MaxSuffixLength)
}
