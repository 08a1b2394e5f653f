package settings

import (
	"encoding/json"
	"fmt"
	"os"
)

// configVariable is the environment variable in which the engine passes a Go program its configuration (EnvConfig of the Pulumi
// SDK).
const configVariable = "PULUMI_CONFIG"

// load reads the declarations of a stack's Pulumi.yaml and the configuration of the stack that the engine is running, and parses
// them. It reads the engine's environment variable and not the SDK's context: the context looks up a key that is known and cannot
// list the keys, so an unknown key would stay unnoticed.
func load[T any](pulumiYAML []byte, stack string, parse func(Project, map[string]string) (T, error)) (T, error) {
	var none T
	project, err := ReadProject(pulumiYAML)
	if err != nil {
		return none, err
	}
	text := os.Getenv(configVariable)
	if text == "" {
		return none, fmt.Errorf("reading the configuration of %s (%s): %s is not set; run the program with `pulumi up` or `pulumi preview`",
			project.Name, stack, configVariable)
	}
	var values map[string]string
	if err := json.Unmarshal([]byte(text), &values); err != nil {
		return none, fmt.Errorf("reading the configuration of %s (%s): %s is not a JSON object of strings: %w",
			project.Name, stack, configVariable, err)
	}
	return parse(project, values)
}
