package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
)

//go:embed tokens.json
var tokensJSON []byte

// tokenMap says which Terraform type stands behind which Pulumi token, and where the bridge's own rule for a property's
// name (camel case; plural for lists) differs from what SDK v6 calls it.
type tokenMap struct {
	// Resources and Functions: Pulumi token to Terraform type.
	Resources map[string]string `json:"resources"`
	Functions map[string]string `json:"functions"`
	// Names: Terraform type to (Terraform property to Pulumi property).
	Names map[string]map[string]string `json:"names"`
	// Lists: Terraform type to the blocks of one element at the most that SDK v6 has as lists all the same. A block in a block
	// is named by its path: outer.inner.
	Lists map[string][]string `json:"lists"`
	// Integers: Terraform type to the properties that are text in Terraform, which may be empty, and whole numbers in Pulumi.
	Integers map[string][]string `json:"integers"`
	// Archives: Terraform type to the properties that are the path of a zip file in Terraform and an archive in Pulumi.
	Archives map[string][]string `json:"archives"`
	// Omitted: Terraform type to the blocks that the plugin does without, by their paths: see the package omit.
	Omitted map[string][]string `json:"omitted"`
}

func readTokens() (tokenMap, error) {
	var tokens tokenMap
	if err := json.Unmarshal(tokensJSON, &tokens); err != nil {
		return tokenMap{}, fmt.Errorf("reading tokens.json: %w", err)
	}
	return tokens, nil
}
