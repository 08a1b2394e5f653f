package audit

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// resource is one that a program of production registers, as the stacks' tests write it: with what it is given, and what it is answered.
type resource struct {
	Type, Name, ID  string
	Inputs, Outputs map[string]any
}

// text returns an output that is a string, and nothing if it is none.
func (r resource) text(output string) string {
	text, _ := r.Outputs[output].(string)
	return text
}

// plan is the JSON of a Terraform plan, as far as Checkov reads it (Terraform, "JSON Output Format").
type plan struct {
	FormatVersion    string        `json:"format_version"`
	TerraformVersion string        `json:"terraform_version"`
	PlannedValues    module        `json:"planned_values"`
	ResourceChanges  []change      `json:"resource_changes"`
	Configuration    configuration `json:"configuration"`
}

type module struct {
	RootModule struct {
		Resources []planned `json:"resources"`
	} `json:"root_module"`
}

type planned struct {
	Address      string         `json:"address"`
	Mode         string         `json:"mode"`
	Type         string         `json:"type"`
	Name         string         `json:"name"`
	ProviderName string         `json:"provider_name"`
	Values       map[string]any `json:"values"`
}

type change struct {
	Address string `json:"address"`
	Mode    string `json:"mode"`
	Type    string `json:"type"`
	Name    string `json:"name"`
	Change  struct {
		Actions []string       `json:"actions"`
		Before  map[string]any `json:"before"`
		After   map[string]any `json:"after"`
	} `json:"change"`
}

type configuration struct {
	RootModule struct {
		Resources []configured `json:"resources"`
	} `json:"root_module"`
}

// configured has the references of a resource's properties to others, by which Checkov joins a bucket and its settings.
type configured struct {
	Address     string         `json:"address"`
	Mode        string         `json:"mode"`
	Type        string         `json:"type"`
	Name        string         `json:"name"`
	Expressions map[string]any `json:"expressions"`
}

// addressBook has addresses of resources by what others refer to them by: an id, an ARN, a name.
type addressBook map[string]string

// expressions returns the references of properties to other resources, in blocks where they are.
func (b addressBook) expressions(properties map[string]any, own string) map[string]any {
	found := map[string]any{}
	for name, value := range properties {
		var references []string
		var inBlocks []any
		elements, isList := value.([]any)
		if !isList {
			elements = []any{value}
		}
		for _, element := range elements {
			switch v := element.(type) {
			case string:
				if other := b[v]; other != "" && other != own {
					references = append(references, other+".id", other)
				}
			case map[string]any:
				inBlocks = append(inBlocks, b.expressions(v, own))
			}
		}
		key := snake(name)
		if isList && len(inBlocks) > 0 {
			key = singular(key)
		}
		switch {
		case len(references) > 0:
			found[key] = map[string]any{"references": references}
		case len(inBlocks) > 0:
			found[key] = inBlocks
		}
	}
	return found
}

// newPlan returns the plan that creates the resources. The types are Terraform's, by Pulumi's type tokens: Pulumi's provider for AWS is
// Terraform's, with its properties in camel case, lists of blocks in the plural, and single blocks not in lists.
func newPlan(resources []resource, types map[string]string) (plan, error) {
	p := plan{FormatVersion: "1.2", TerraformVersion: "1.9.0"}
	addresses := addressBook{}
	for _, r := range resources {
		kind, known := types[r.Type]
		if !known {
			return plan{}, fmt.Errorf("writing %s as a Terraform plan: tokens.json has no resource %s", r.Name, r.Type)
		}
		for _, by := range [...]string{"id", "arn", identities[r.Type]} {
			if value := r.text(by); value != "" {
				addresses[value] = kind + "." + r.Name
			}
		}
	}
	for _, r := range resources {
		kind := types[r.Type]
		address, values := kind+"."+r.Name, blocks(r.Outputs)
		p.PlannedValues.RootModule.Resources = append(p.PlannedValues.RootModule.Resources, planned{
			Address: address, Mode: "managed", Type: kind, Name: r.Name, ProviderName: "registry.terraform.io/hashicorp/aws", Values: values,
		})
		made := change{Address: address, Mode: "managed", Type: kind, Name: r.Name}
		made.Change.Actions, made.Change.After = []string{"create"}, values
		p.ResourceChanges = append(p.ResourceChanges, made)
		refers := configured{
			Address: address, Mode: "managed", Type: kind, Name: r.Name, Expressions: addresses.expressions(r.Inputs, address),
		}
		p.Configuration.RootModule.Resources = append(p.Configuration.RootModule.Resources, refers)
	}
	return p, nil
}

// identities are the properties besides id and arn by which others refer to a resource of a type.
var identities = map[string]string{
	"aws:s3/bucketV2:BucketV2": "bucket", "aws:iam/role:Role": "name", "aws:sqs/queue:Queue": "url", "aws:lambda/function:Function": "name",
	"aws:lb/loadBalancer:LoadBalancer": "dnsName",
}

// mapProperties are those whose value is a map, not a block.
var mapProperties = []string{"tags", "tagsAll", "variables", "dimensions"}

// blocks returns properties as Terraform has them.
func blocks(properties map[string]any) map[string]any {
	found := map[string]any{}
	for name, value := range properties {
		key := snake(name)
		switch v := value.(type) {
		case map[string]any:
			if slices.Contains(mapProperties, name) {
				found[key] = v
			} else {
				found[key] = []any{blocks(v)}
			}
		case []any:
			list, isBlocks := make([]any, len(v)), false
			for i, element := range v {
				object, isObject := element.(map[string]any)
				if list[i] = element; isObject {
					list[i], isBlocks = blocks(object), true
				}
			}
			if isBlocks {
				key = singular(key)
			}
			found[key] = list
		default:
			found[key] = value
		}
	}
	return found
}

// snake returns a name in camel case in snake case.
func snake(name string) string {
	var b strings.Builder
	for _, letter := range name {
		if unicode.IsUpper(letter) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(letter))
	}
	return b.String()
}

// singular returns the name of a block from that of a list of blocks.
func singular(name string) string {
	if stem, ok := strings.CutSuffix(name, "ies"); ok {
		return stem + "y"
	}
	if strings.HasSuffix(name, "ss") {
		return name
	}
	return strings.TrimSuffix(name, "s")
}

// terraformTypes reads Terraform's names of resource types from the table of the emulator's toolchain.
func terraformTypes(tokens []byte) (map[string]string, error) {
	var table struct{ Resources map[string]string }
	if err := json.Unmarshal(tokens, &table); err != nil || len(table.Resources) == 0 {
		return nil, fmt.Errorf("reading the table of tokens: it has %d resources: %w", len(table.Resources), err)
	}
	return table.Resources, nil
}
