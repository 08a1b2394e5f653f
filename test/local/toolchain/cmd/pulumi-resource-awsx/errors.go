package main

import "fmt"

// officialError is a fault in the official plugin's own words, capitals and punctuation included, so that a program
// sees the same text whichever of the two plugins refuses it.
type officialError string

// Error gives the text.
func (e officialError) Error() string { return string(e) }

func officialErrorf(format string, args ...any) error {
	return officialError(fmt.Sprintf(format, args...))
}

// notImplemented is the error for whatever only the official plugin does; what names the input or the combination.
func notImplemented(what string) error {
	return fmt.Errorf("%s: not implemented by this stand-in; use the official pulumi-awsx plugin v%s (TOOLCHAIN=official)",
		what, pluginVersion)
}
