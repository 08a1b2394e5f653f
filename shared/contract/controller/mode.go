package controller

// Mode is whether the controller moves the writer by itself.
type Mode string

// The modes. Any other, such as one that could not be read, is treated as Advisory.
const (
	Automatic Mode = "automatic"
	Advisory  Mode = "advisory"
)
