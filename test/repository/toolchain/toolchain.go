// Package toolchain names the packages of the module test/local/toolchain that tests and scans of this repository load.
package toolchain

// Module is the module's folder in the repository.
const Module = "test/local/toolchain"

// Packages returns the patterns of the packages, relative to Module. The AWS plugin's package is left out: loading it compiles the whole
// provider, which takes a quarter of an hour. It has no tests; test/local/tools tests the plugin as it is built.
func Packages() []string {
	return []string{"./cmd/pulumi-resource-awsx/...", "./cmd/pulumi-language-go/..."}
}
