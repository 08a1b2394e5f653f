// Package contract is what the stacks tell each other.
//
// Each producer has one struct here, whose fields carry their output's key. Its Export publishes them from the stack that
// makes them; its Read gives another stack the same struct with plain Go values, in preview too, so that a missing output
// stops a preview instead of turning into an unknown value there and into nothing in the update.
//
// An output's name is public: renaming one breaks the stacks that read it. Secrets never cross; what crosses are the ARNs
// and names by which a secret is found.
package contract

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Value is one output: on the producer's side an input of the engine's, made by [String], [Strings], [Int] or [Bool]; on the
// consumer's side a plain value.
type Value[T string | []string | int | bool] struct {
	input pulumi.Input
	plain T
}

// Get returns what the consumer read. On the producer's side it is the zero value.
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

// output is what the walk over a contract's fields asks of a Value.
type output interface {
	published() pulumi.Input
	receive(value any) error
}

func (v *Value[T]) published() pulumi.Input { return v.input }

// receive takes what the engine read from the producer's state: a string, a float64, a bool or a list of any.
func (v *Value[T]) receive(value any) error {
	var ok bool
	switch plain := any(&v.plain).(type) {
	case *string:
		*plain, ok = value.(string)
		ok = ok && *plain != ""
	case *bool:
		*plain, ok = value.(bool)
	case *int:
		number, isNumber := value.(float64)
		*plain, ok = int(number), isNumber && number == float64(int(number))
	case *[]string:
		*plain, ok = stringList(value)
	}
	if !ok {
		return fmt.Errorf("allowed %s, got %s", allowed(v.plain), got(value))
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

// allowed names what a Value of the same type takes.
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

// got names the kind of a value without showing it.
func got(value any) string {
	switch value {
	case nil:
		return "nothing"
	case "":
		return "an empty string"
	}
	return fmt.Sprintf("a %T", value)
}
