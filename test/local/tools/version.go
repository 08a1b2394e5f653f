package tools

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// version is major, minor and patch, of which those not written are 0.
type version [3]int

// A version is what stands alone or after "v" or "go"; numbers of more than six digits are no part of one.
var versionPattern = regexp.MustCompile(`(?:^|[\sv]|\bgo)(\d{1,6})(?:\.(\d{1,6}))?(?:\.(\d{1,6}))?(?:\D|$)`)

// parseVersion finds the first version in what a program prints about itself: "go version go1.26.3 linux/amd64", "v20.20.2",
// "Python 3.11.7". What follows the numbers (rc1, -devel) is not looked at.
func parseVersion(output string) (version, error) {
	match := versionPattern.FindStringSubmatch(output)
	if match == nil {
		return version{}, fmt.Errorf("no version in %q", strings.TrimSpace(output))
	}
	var v version
	for i, digits := range match[1:] {
		if digits == "" {
			break
		}
		n, err := strconv.Atoi(digits)
		if err != nil {
			return version{}, fmt.Errorf("reading the version in %q: %w", strings.TrimSpace(output), err)
		}
		v[i] = n
	}
	return v, nil
}

func (v version) before(other version) bool { return slices.Compare(v[:], other[:]) < 0 }

func (v version) String() string { return fmt.Sprintf("%d.%d.%d", v[0], v[1], v[2]) }
