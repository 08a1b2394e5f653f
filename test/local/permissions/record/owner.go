package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// policies has the documents of people, from this module's root.
const policies = "../../stacks/policies/dev"

// owners say whose an action of CI's is, which destroys in the place of a deployer and an operator: whose documents have it.
type owners struct{ deployer, operator []string }

func readOwners(folder string) (owners, error) {
	var found owners
	for pattern, to := range map[string]*[]string{"deployer-*.json": &found.deployer, "operator.json": &found.operator} {
		files, err := filepath.Glob(filepath.Join(folder, pattern))
		if err != nil || len(files) == 0 {
			return owners{}, fmt.Errorf("finding %s in %s: %d files, %w", pattern, folder, len(files), err)
		}
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err != nil {
				return owners{}, fmt.Errorf("reading a policy: %w", err)
			}
			var policy struct{ Statement []struct{ Action any } }
			if err := json.Unmarshal(content, &policy); err != nil {
				return owners{}, fmt.Errorf("reading %s: %w", file, err)
			}
			for _, statement := range policy.Statement {
				switch action := statement.Action.(type) {
				case string:
					*to = append(*to, action)
				case []any:
					for _, one := range action {
						*to = append(*to, fmt.Sprint(one))
					}
				}
			}
		}
	}
	return found, nil
}

// of returns the principal of the recording for a call of CI's: a deployer's, unless only an operator has the action.
func (o owners) of(action string) string {
	if !slices.Contains(o.deployer, action) && slices.Contains(o.operator, action) {
		return "operator"
	}
	return "deployer"
}
