package contract

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// keyTag is the struct tag that gives a field its output's key. A nested struct's tag is put before its fields' keys:
// primary and vpcId make primaryVpcId.
const keyTag = "key"

// export publishes every field of the contract that pointer points to.
func export(ctx *pulumi.Context, pointer any) error {
	var faults []error
	walk("", reflect.ValueOf(pointer).Elem(), func(key string, field output) {
		if field.published() == nil {
			faults = append(faults, fmt.Errorf("output %s has no value: the stack must publish every key of its contract", key))
			return
		}
		ctx.Export(key, field.published())
	})
	return errors.Join(faults...)
}

// read fills every field of the contract that pointer points to from the producer's stack of the same name as this one.
// All faults are returned together.
func read(ctx *pulumi.Context, project string, pointer any) error {
	name := reference(ctx.Organization(), project, ctx.Stack())
	if err := find(ctx, name); err != nil {
		return unread(name, project, ctx.Stack(), err)
	}
	producer, err := pulumi.NewStackReference(ctx, name, nil)
	if err != nil {
		return fmt.Errorf("opening stack %s: %w", name, err)
	}
	err = receive(pointer, func(key string) (any, error) {
		details, err := producer.GetOutputDetails(key)
		if err == nil && details.SecretValue != nil {
			err = errors.New("it is a secret, and secrets do not cross stacks: publish its ARN or name")
		}
		if err != nil {
			return nil, err
		}
		return details.Value, nil
	})
	if err != nil {
		return unread(name, project, ctx.Stack(), err)
	}
	return nil
}

// Outputs are what `pulumi stack output --json` prints of a stack, decoded into Go's values.
type Outputs map[string]any

// Into fills the contract that pointer points to, such as a [GlobalEdge], for those who are not a stack: operators' commands
// and tests. The error names each output that is missing or of another type.
func (o Outputs) Into(pointer any) error {
	return receive(pointer, func(key string) (any, error) { return o[key], nil })
}

// receive fills every field of the contract that pointer points to, and returns all faults together.
func receive(pointer any, value func(key string) (any, error)) error {
	var faults []error
	walk("", reflect.ValueOf(pointer).Elem(), func(key string, field output) {
		got, err := value(key)
		if err == nil {
			err = field.receive(got)
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("output %s: %w", key, err))
		}
	})
	return errors.Join(faults...)
}

// unread says what to do about a producer whose outputs are not all of its contract.
func unread(name, project, environment string, err error) error {
	return fmt.Errorf("reading the outputs of stack %s; to deploy it: %s\n%w", name, DeployCommand(project, environment), err)
}

// find fails when there is no stack of that name. It asks by the engine's function for outputs, whose error comes back: a
// stack reference that fails ends the program inside the engine, which says only that it does not know the stack.
func find(ctx *pulumi.Context, name string) error {
	var found struct {
		Name string `pulumi:"name"`
	}
	_, err := ctx.InvokePackageRaw("pulumi:pulumi:readStackOutputs", map[string]any{"name": name}, &found, "")
	return err
}

// reference is a stack's full name.
func reference(organization, project, stack string) string {
	return strings.Join([]string{organization, project, stack}, "/")
}

// walk visits every Value of a contract with its key.
func walk(prefix string, contract reflect.Value, visit func(key string, field output)) {
	for i := range contract.NumField() {
		key := join(prefix, contract.Type().Field(i).Tag.Get(keyTag))
		pointer := contract.Field(i).Addr().Interface()
		if field, ok := pointer.(output); ok {
			visit(key, field)
			continue
		}
		walk(key, contract.Field(i), visit)
	}
}

// join puts two keys into one in camel case.
func join(prefix, key string) string {
	if prefix == "" {
		return key
	}
	first, size := utf8.DecodeRuneInString(key)
	return prefix + string(unicode.ToUpper(first)) + key[size:]
}
