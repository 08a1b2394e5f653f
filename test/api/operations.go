package api

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// methods are those of an OpenAPI path item that the document uses.
var methods = []string{"get", "put", "post", "delete"}

// Operations returns the operations of the document, as "POST /records".
func Operations(root string) ([]string, error) {
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(document)))
	if err != nil {
		return nil, fmt.Errorf("reading the API's document: %w", err)
	}
	var described struct {
		Paths map[string]map[string]json.RawMessage
	}
	if err := json.Unmarshal(text, &described); err != nil {
		return nil, fmt.Errorf("reading the API's document, %s: %w", document, err)
	}
	var operations []string
	for path, item := range described.Paths {
		for method := range item {
			if slices.Contains(methods, method) {
				operations = append(operations, strings.ToUpper(method)+" "+path)
			}
		}
	}
	slices.Sort(operations)
	return operations, nil
}
