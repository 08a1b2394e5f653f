// Package contract defines the outputs by which the stacks pass values to each other.
//
// Each producer has one struct here, whose fields carry their output's key. Its Export publishes them from the stack that
// makes them. Its Read gives another stack the same struct with plain Go values, in a preview too: a missing output stops the
// preview, where it would otherwise become an unknown value and be missed in the update alone.
//
// An output's key is public: renaming one breaks the stacks that read it. Secrets never cross; the ARNs and names by which a
// secret is found do.
package contract

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Value is one output. A producer makes it of an input of the engine's, by [String], [Strings], [Int] or [Bool]; a consumer
// reads it as a plain value.
type Value[T string | []string | int | bool] struct {
	input pulumi.Input
	plain T
}

// Get returns the value that was read. It is the zero value in a contract that was not read.
func (v Value[T]) Get() T { return v.plain }

// String publishes a string.
func String(input pulumi.StringInput) Value[string] { return Value[string]{input: input} }

// ID publishes a resource's id.
func ID(input pulumi.IDOutput) Value[string] { return Value[string]{input: input} }

// Strings publishes a list of strings.
func Strings(input pulumi.StringArrayInput) Value[[]string] { return Value[[]string]{input: input} }

// Int publishes a whole number.
func Int(input pulumi.IntInput) Value[int] { return Value[int]{input: input} }

// Bool publishes a truth value.
func Bool(input pulumi.BoolInput) Value[bool] { return Value[bool]{input: input} }

// output is a Value of any type.
type output interface {
	published() pulumi.Input
	decode(raw any) error
}

func (v *Value[T]) published() pulumi.Input { return v.input }

// decode sets the plain value from one of the producer's state: a string, a float64, a bool or a list of any.
func (v *Value[T]) decode(raw any) error {
	var ok bool
	switch plain := any(&v.plain).(type) {
	case *string:
		*plain, ok = raw.(string)
		ok = ok && *plain != ""
	case *bool:
		*plain, ok = raw.(bool)
	case *int:
		number, isNumber := raw.(float64)
		*plain, ok = int(number), isNumber && number == float64(int(number))
	case *[]string:
		*plain, ok = stringList(raw)
	}
	if !ok {
		return fmt.Errorf("allowed %s, got %s", allowed(v.plain), kindOf(raw))
	}
	return nil
}

func stringList(value any) ([]string, bool) {
	list, ok := value.([]any)
	if !ok {
		return nil, false
	}
	texts := make([]string, len(list))
	for i, element := range list {
		text, ok := element.(string)
		if !ok || text == "" {
			return nil, false
		}
		texts[i] = text
	}
	return texts, true
}

// allowed describes the values that a Value of the same type takes.
func allowed(plain any) string {
	switch plain.(type) {
	case string:
		return "a string that is not empty"
	case []string:
		return "a list of strings, none empty"
	case int:
		return "a whole number"
	default:
		return "true or false"
	}
}

// kindOf names the kind of a value without showing it.
func kindOf(value any) string {
	switch value {
	case nil:
		return "nothing"
	case "":
		return "an empty string"
	}
	return fmt.Sprintf("a %T", value)
}
