package invariant

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Properties are a resource's, as a state or the engine has them: strings, float64, bool, []any, map[string]any or nil.
type Properties map[string]any

// Get returns a property by its path, such as tags.Name, or nil if there is none. An element of a list is named by its
// number, from 0.
func (p Properties) Get(path string) any {
	var value any = map[string]any(p)
	for key := range strings.SplitSeq(path, ".") {
		switch in := value.(type) {
		case map[string]any:
			value = in[key]
		case []any:
			var index int
			if _, err := fmt.Sscanf(key, "%d", &index); err != nil || index < 0 || index >= len(in) {
				return nil
			}
			value = in[index]
		default:
			return nil
		}
	}
	return value
}

// Text returns a property that is a string by its path, and nothing if it is none.
func (p Properties) Text(path string) string {
	text, _ := p.Get(path).(string)
	return text
}

// exported is what `pulumi stack export` prints.
type exported struct {
	Deployment struct {
		Resources []struct {
			URN, Type, Provider, ID string
			Custom                  bool
			Inputs, Outputs         map[string]any
		}
	}
}

// Read returns the resources of a stack from what `pulumi stack export` prints: those that AWS has, without components,
// providers and references to other stacks. It fails when a provider is not in the state, because a resource's region is
// its provider's.
func Read(export []byte) ([]Resource, error) {
	var state exported
	if err := json.Unmarshal(export, &state); err != nil {
		return nil, fmt.Errorf("reading a stack's exported state: %w", err)
	}
	regions := map[string]string{}
	for _, r := range state.Deployment.Resources {
		if strings.HasPrefix(r.Type, "pulumi:providers:") {
			regions[r.URN] = Properties(r.Inputs).Text("region")
		}
	}
	var resources []Resource
	for _, r := range state.Deployment.Resources {
		if !r.Custom || strings.HasPrefix(r.Type, "pulumi:") {
			continue
		}
		parts := strings.SplitN(r.URN, "::", 4) // urn:pulumi:{stack}, project, types, logical name
		if len(parts) != 4 {
			return nil, fmt.Errorf("reading a stack's exported state: %q is no URN", r.URN)
		}
		urn, _, _ := cutLast(r.Provider, "::")
		region, known := regions[urn]
		if !known {
			return nil, fmt.Errorf("reading a stack's exported state: %s: its provider %q is not in the state", r.URN, r.Provider)
		}
		resources = append(resources, Resource{
			Type: r.Type, Name: parts[3], Stack: parts[1], Region: region, ID: r.ID, Inputs: r.Inputs, Outputs: r.Outputs,
		})
	}
	return resources, nil
}

// cutLast cuts text around the last separator.
func cutLast(text, separator string) (before, after string, found bool) {
	i := strings.LastIndex(text, separator)
	if i < 0 {
		return text, "", false
	}
	return text[:i], text[i+len(separator):], true
}
