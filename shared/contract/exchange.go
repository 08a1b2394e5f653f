package contract

import (
	"errors"
	"fmt"
	"iter"
	"reflect"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// keyTag is the struct tag that gives a field its output's key. A nested struct's tag is put before its fields' keys:
// primary and vpcId make primaryVpcId.
const keyTag = "key"

// Fields iterates over the outputs of the contract that pointer points to: each output's key, and a pointer to its [Value], in
// the order of the struct's fields.
func Fields(pointer any) iter.Seq2[string, any] {
	return func(yield func(key string, value any) bool) {
		fieldsOf("", reflect.ValueOf(pointer).Elem(), yield)
	}
}

// fieldsOf yields the outputs of a contract, or of a struct nested in one, until yield returns false.
func fieldsOf(prefix string, contract reflect.Value, yield func(key string, value any) bool) bool {
	for i := range contract.NumField() {
		key, pointer := joinKeys(prefix, contract.Type().Field(i).Tag.Get(keyTag)), contract.Field(i).Addr().Interface()
		if _, isOutput := pointer.(output); isOutput {
			if !yield(key, pointer) {
				return false
			}
		} else if !fieldsOf(key, contract.Field(i), yield) {
			return false
		}
	}
	return true
}

// joinKeys puts two keys into one in camel case.
func joinKeys(prefix, key string) string {
	if prefix == "" {
		return key
	}
	first, size := utf8.DecodeRuneInString(key)
	return prefix + string(unicode.ToUpper(first)) + key[size:]
}

// export publishes every output of the contract that pointer points to.
func export(ctx *pulumi.Context, pointer any) error {
	var faults []error
	for key, value := range Fields(pointer) {
		input := value.(output).published()
		if input == nil {
			faults = append(faults, fmt.Errorf("output %s has no value: the stack must publish every key of its contract", key))
			continue
		}
		ctx.Export(key, input)
	}
	return errors.Join(faults...)
}

// read decodes the outputs of the producer's stack of the same name as this one into the contract that pointer points to.
// All faults are returned together.
func read(ctx *pulumi.Context, project string, pointer any) error {
	name := strings.Join([]string{ctx.Organization(), project, ctx.Stack()}, "/")
	if err := checkExists(ctx, name); err != nil {
		return readError(name, project, ctx.Stack(), err)
	}
	producer, err := pulumi.NewStackReference(ctx, name, nil)
	if err != nil {
		return fmt.Errorf("opening stack %s: %w", name, err)
	}
	err = decodeInto(pointer, func(key string) (any, error) {
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
		return readError(name, project, ctx.Stack(), err)
	}
	return nil
}

// Outputs are a stack's outputs as `pulumi stack output --json` prints them, decoded into Go's values.
type Outputs map[string]any

// Decode sets the contract that pointer points to, such as a [GlobalEdge]. It is for readers outside of a stack: operators'
// commands and tests. The error names each output that is missing or of another type.
func (o Outputs) Decode(pointer any) error {
	return decodeInto(pointer, func(key string) (any, error) { return o[key], nil })
}

// decodeInto sets every output of the contract that pointer points to, and returns all faults together.
func decodeInto(pointer any, lookUp func(key string) (any, error)) error {
	var faults []error
	for key, value := range Fields(pointer) {
		raw, err := lookUp(key)
		if err == nil {
			err = value.(output).decode(raw)
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("output %s: %w", key, err))
		}
	}
	return errors.Join(faults...)
}

// readError adds the producer's name and the command that deploys it to an error about its outputs.
func readError(name, project, environment string, err error) error {
	return fmt.Errorf("reading the outputs of stack %s; to deploy it: %s\n%w", name, DeployCommand(project, environment), err)
}

// checkExists fails when there is no stack of that name. It calls the engine's function for outputs, which returns an error: a
// stack reference that fails ends the program inside the engine, with nothing but the message that the stack is unknown.
func checkExists(ctx *pulumi.Context, name string) error {
	var found struct {
		Name string `pulumi:"name"`
	}
	_, err := ctx.InvokePackageRaw("pulumi:pulumi:readStackOutputs", map[string]any{"name": name}, &found, "")
	return err
}
