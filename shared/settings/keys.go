package settings

// Type is the type of a configuration key, in the words of Pulumi.yaml.
type Type string

// The types that the platform's keys have. A list's items are strings; what a
// map's values are is for the parser to say. There is no type for a fraction, nor
// for a number that may be left out: such keys are texts.
const (
	Text    Type = "string"
	Integer Type = "integer"
	Boolean Type = "boolean"
	List    Type = "array"
	Map     Type = "object"
)

// Key is one configuration key that a stack declares in its Pulumi.yaml.
type Key struct {
	// Name is the key without the project's namespace.
	Name string
	// Type is what the engine checks the value against.
	Type Type
	// Default is the value of a key that is not set, in the form in which the
	// engine hands values to a program: text as it is, anything else as JSON.
	// Every key has one, because the engine refuses a typed key without any.
	Default string
	// Description is what `pulumi config` users read; Pulumi.yaml repeats it.
	Description string
}
