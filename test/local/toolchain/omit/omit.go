// Package omit makes types of the AWS provider smaller than Terraform has them.
package omit

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
)

// Blocks takes blocks out of types of Terraform's plugin SDK: by type, the blocks' paths, with dots between their names. The bridge
// walks through all blocks when the plugin starts, which every stack waits for. Statements of AWS WAF contain statements, three deep, whose
// walk takes longer than that of all other types. A program that sets an omitted block is refused, as for any property that there is not.
func Blocks(resources map[string]*schema.Resource, omitted map[string][]string) error {
	for terraformType, paths := range omitted {
		resource, ok := resources[terraformType]
		if !ok {
			return fmt.Errorf("there is no type %s of which to omit blocks: correct tokens.json", terraformType)
		}
		properties := resource.SchemaMap()
		for _, path := range paths {
			if err := block(properties, path); err != nil {
				return fmt.Errorf("omitting %s of %s: %w: correct tokens.json", path, terraformType, err)
			}
		}
		// SchemaFunc would make the blocks anew at each call.
		resource.Schema, resource.SchemaFunc = properties, nil
	}
	return nil
}

// block takes the block at a path out of properties, which it changes.
func block(properties map[string]*schema.Schema, path string) error {
	name, rest, nested := strings.Cut(path, ".")
	property, ok := properties[name]
	if !ok {
		return fmt.Errorf("there is no %s", name)
	}
	if !nested {
		delete(properties, name)
		return nil
	}
	inside, ok := property.Elem.(*schema.Resource)
	if !ok {
		return fmt.Errorf("%s is no block", name)
	}
	return block(inside.SchemaMap(), rest)
}
