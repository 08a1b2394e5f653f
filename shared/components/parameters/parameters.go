// Package parameters writes the application's configuration into Parameter Store of both regions.
//
// Parameter Store does not replicate. One table is the source of both regions' parameters, so that each path exists in both,
// and one deployment changes a switch in both.
package parameters

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ssm"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/region"
)

const replicatedType = "warmstandby:parameters:BothRegions"

// Value is a parameter's value in each region. It is no secret: the parameters are of type String, and whoever may read the
// path reads them.
type Value struct {
	Primary, Standby pulumi.StringInput

	seeded bool
}

// Shared is a value that both regions share, such as the writer's endpoint.
func Shared(value pulumi.StringInput) Value { return Value{Primary: value, Standby: value} }

// Seeded is an initial value of both regions. Operators change it afterwards, and no deployment changes it back.
func Seeded(value string) Value {
	return Value{Primary: pulumi.String(value), Standby: pulumi.String(value), seeded: true}
}

// Switch is a feature switch, true or false in both regions.
func Switch(on bool) Value { return Shared(pulumi.String(strconv.FormatBool(on))) }

// Args are the inputs of the parameters.
type Args struct {
	Regions region.Pair
	// Values are by path relative to the environment's prefix, such as database/port.
	Values map[string]Value
}

// ReplicatedParameters are the parameters of both regions.
type ReplicatedParameters struct {
	pulumi.ResourceState

	// Prefix is the path of the environment's parameters, the same in both regions.
	Prefix string

	// Resources are the parameters themselves. A resource that reads them when it is created depends on these and not on the
	// component: the Go SDK adds a component's children when they register, so that a dependency on the component may miss some.
	Resources []pulumi.Resource
}

// NewReplicated writes every value into both regions under the same path.
func NewReplicated(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*ReplicatedParameters, error) {
	parameters := &ReplicatedParameters{}
	if err := ctx.RegisterComponentResource(replicatedType, name, parameters, opts...); err != nil {
		return nil, fmt.Errorf("registering parameters %s: %w", name, err)
	}
	var err error
	if parameters.Prefix, err = args.Regions.Path(); err != nil {
		return nil, err
	}
	for _, key := range slices.Sorted(maps.Keys(args.Values)) {
		path, err := args.Regions.Path(strings.Split(key, "/")...)
		if err != nil {
			return nil, err
		}
		value := args.Values[key]
		for _, row := range [...]struct {
			in    region.Region
			value pulumi.StringInput
		}{{args.Regions.Primary, value.Primary}, {args.Regions.Standby, value.Standby}} {
			if row.value == nil {
				return nil, fmt.Errorf("writing parameter %s: it has no value in %s: give it one in both regions", path, row.in.Name)
			}
			if err := parameters.write(ctx, row.in, key, path, row.value, value.options()...); err != nil {
				return nil, err
			}
		}
	}
	return parameters, ctx.RegisterResourceOutputs(parameters, pulumi.Map{"prefix": pulumi.String(parameters.Prefix)})
}

// options returns the options of the parameters with the value.
func (v Value) options() []pulumi.ResourceOption {
	if v.seeded {
		return []pulumi.ResourceOption{pulumi.IgnoreChanges([]string{"insecureValue", "value"})}
	}
	return nil
}

// largestValue is the most bytes that a parameter of the standard tier holds (AWS Systems Manager User Guide, "Managing parameter
// tiers").
const largestValue = 4096

// checkValue refuses a value that Parameter Store does not take, in a preview if it is known there.
func checkValue(path, text string) error {
	switch {
	case text == "":
		return fmt.Errorf("writing parameter %s: it is empty, which Parameter Store refuses", path)
	case len(text) > largestValue:
		return fmt.Errorf("writing parameter %s: it has %d bytes, and Parameter Store takes %d: shorten the settings in it",
			path, len(text), largestValue)
	case strings.Contains(text, "{{"):
		return fmt.Errorf("writing parameter %s: it contains {{, which refers to another parameter, and which Parameter Store refuses", path)
	}
	return nil
}

func (b *ReplicatedParameters) write(
	ctx *pulumi.Context, in region.Region, key, path string, value pulumi.StringInput, opts ...pulumi.ResourceOption,
) error {
	checked := value.ToStringOutput().ApplyT(func(text string) (string, error) { return text, checkValue(path, text) }).(pulumi.StringOutput)
	made, err := ssm.NewParameter(ctx, key+"-"+string(in.Role), &ssm.ParameterArgs{
		Name: pulumi.String(path), Type: ssm.ParameterTypeString,
		// Value instead of InsecureValue would hide in every preview which switch changes.
		InsecureValue: checked.ToStringPtrOutput(),
	}, in.Child(b, opts...)...)
	if err != nil {
		return fmt.Errorf("writing parameter %s in %s: %w", path, in.Name, err)
	}
	b.Resources = append(b.Resources, made)
	return nil
}
