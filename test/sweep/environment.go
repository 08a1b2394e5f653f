package sweep

import (
	"context"
	"fmt"
	"strings"

	"warmstandby/shared/naming"
	"warmstandby/shared/settings"
)

// Environment is the environment to sweep. Create it with [NewEnvironment].
type Environment struct {
	name   string // the tag's value: the stacks' name
	suffix string // how names end
	path   string // the prefix of parameters
}

// NewEnvironment returns the environment with a name of its stacks and a suffix of its names.
func NewEnvironment(name, suffix string) (Environment, error) {
	namer, err := naming.New(suffix)
	if err != nil {
		return Environment{}, err
	}
	path, err := namer.Path()
	if err != nil {
		return Environment{}, err
	}
	if name == "" {
		return Environment{}, fmt.Errorf("sweeping: the name of the stacks is missing")
	}
	return Environment{name: name, suffix: suffix, path: strings.TrimSuffix(path, "/") + "/"}, nil
}

// owns reports whether a resource belongs to the environment, by its names or its tags.
func (e Environment) owns(ctx context.Context, r Resource) (bool, error) {
	for _, name := range r.Names {
		if e.ownsName(name) {
			return true, nil
		}
	}
	if e.ownsTags(r.Tags) || r.TagsOf == nil {
		return e.ownsTags(r.Tags), nil
	}
	tags, err := r.TagsOf(ctx)
	return e.ownsTags(tags), err
}

// nameTag is the tag with the name of a resource that has no other.
const nameTag = "Name"

// ownsTags requires the role in addition to the environment: other products have a tag Environment and an environment dev, too.
func (e Environment) ownsTags(tags map[string]string) bool {
	_, role := tags[naming.TagRole]
	return role && tags[naming.TagEnvironment] == e.name || e.ownsName(tags[nameTag])
}

// ownsName accepts a name, an ARN or URL that ends with one, the path of a parameter, the name of a zone, and names that AWS
// derives from another resource: /aws/rds/cluster/aurora-records-primary-dev/postgresql.
func (e Environment) ownsName(name string) bool {
	if strings.HasPrefix(name, e.path) || strings.TrimSuffix(name, ".") == e.suffix+"."+settings.UnclaimedDomain {
		return true
	}
	const alias = "alias/" // is a part of the name
	if suffix, ok := naming.SuffixOf(name); ok || strings.HasPrefix(name, alias) {
		return suffix == e.suffix
	}
	for _, element := range strings.FieldsFunc(name, func(r rune) bool { return r == '/' || r == ':' || r == ' ' }) {
		if suffix, ok := naming.SuffixOf(element); ok && suffix == e.suffix {
			return true
		}
	}
	return false
}
