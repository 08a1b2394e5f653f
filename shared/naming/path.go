package naming

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// level is the grammar of one level of a path: words of letters and digits joined by single hyphens, inside the character set
// of Parameter Store, which is case-sensitive.
var level = regexp.MustCompile(`^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$`)

const (
	// pathRoot is the first level of every path: the platform's own, so that "/aws" and "/ssm", which Parameter Store keeps
	// to itself, cannot be met.
	pathRoot = "/warmstandby/"

	// A parameter's name has at most 1011 characters, the part of its ARN before the name included, and 15 levels (AWS
	// Systems Manager API, PutParameter, Name). That part is shorter than 100 in every partition and region.
	pathLimit  = 1011 - 100
	pathLevels = 15
)

// Path returns the path of a parameter of the environment, /warmstandby/{environmentSuffix}/…, with each level
// letters, digits and single hyphens between them; without levels it is the prefix of all of them.
func (n Namer) Path(levels ...string) (string, error) {
	if n.suffix == "" {
		return "", errors.New("naming a parameter: the namer has no environment suffix; make it with naming.New")
	}
	for _, name := range levels {
		if !level.MatchString(name) {
			return "", fmt.Errorf("naming a parameter: a level is of letters, digits and single hyphens between them; got %q", name)
		}
	}
	path := pathRoot + strings.Join(append([]string{n.suffix}, levels...), "/")
	if depth := strings.Count(path, "/"); len(path) > pathLimit || depth > pathLevels {
		return "", fmt.Errorf("naming a parameter: allowed %d characters in %d levels (AWS Systems Manager API, PutParameter, Name); "+
			"got %d in %d: shorten %q",
			pathLimit, pathLevels, len(path), depth, path)
	}
	return path, nil
}
