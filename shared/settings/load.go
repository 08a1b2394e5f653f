package settings

import (
	"encoding/json"
	"fmt"
	"os"
)

// configVariable is the environment variable in which the engine hands a Go
// program its configuration (EnvConfig of the Pulumi SDK).
const configVariable = "PULUMI_CONFIG"

// load returns the configuration of the stack that the engine is running: each
// key with its namespace, lists and maps as JSON. It reads the engine's
// environment variable rather than ask the SDK's context, which can look a key
// up but not list the keys: an unknown one would pass.
func load(project, stack string) (map[string]string, error) {
	text := os.Getenv(configVariable)
	if text == "" {
		return nil, fmt.Errorf("reading the configuration of %s (%s): %s is not set; run the program with `pulumi up` or `pulumi preview`",
			project, stack, configVariable)
	}
	var values map[string]string
	if err := json.Unmarshal([]byte(text), &values); err != nil {
		return nil, fmt.Errorf("reading the configuration of %s (%s): %s is not a JSON object of strings: %w",
			project, stack, configVariable, err)
	}
	return values, nil
}
