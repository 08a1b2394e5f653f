package tools

import (
	"path"
	"slices"
)

// The pinned versions. They move together: the stacks' SDKs (the product's go.mod), the modules that the source build
// compiles (toolchain/go.mod) and the releases that are downloaded are of the same versions.
const (
	PulumiVersion = "v3.228.0" // the last one whose pkg module compiles with the bridge that the source-built AWS plugin needs
	AWSVersion    = "v6.83.2"  // pulumi-aws
	AWSXVersion   = "v2.22.0"  // pulumi-awsx, the last of v2, which is the one that goes with pulumi-aws v6
)

// The least versions of what must be on the machine already.
const (
	MinimumGo     = "1.26.3" // what every go.mod here asks for
	MinimumNode   = "20"     // the oldest that the application function's bundle runs on
	MinimumPython = "3.10"   // the oldest that the emulator's packages install on
)

// group is the binaries that always come from one origin.
type group string

const (
	cli     group = "cli"     // the Pulumi CLI and its Go language host: one release, and one process starts the other
	plugins group = "plugins" // the plugins: the built ones were tested together on the local AWS emulator
)

// groups lists all groups, in the order in which they are got: a download that fails does so before a long build.
func groups() []group { return []group{cli, plugins} }

// title names the binaries of a group and their version in messages.
func (g group) title() string {
	if g == cli {
		return "the Pulumi CLI and Go language host " + PulumiVersion
	}
	return "the plugins aws " + AWSVersion + " and awsx " + AWSXVersion
}

// binary is one executable of the toolchain.
type binary struct {
	name  string // of its file
	group group
	dir   string // where it stands below the tools folder
	pkg   string // what the source build compiles it from, as seen from the toolchain's module
}

// binaries lists all that the tools are. Pulumi looks for plugins in PULUMI_HOME/plugins/<kind>-<name>-<version>,
// which must be a real folder (a symbolic link is not followed), and for language hosts on PATH.
func binaries() []binary {
	return []binary{
		{"pulumi", cli, "bin", "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"},
		{"pulumi-language-go", cli, "bin", "./cmd/pulumi-language-go"},
		{"pulumi-resource-aws", plugins, "home/plugins/resource-aws-" + AWSVersion, "./cmd/pulumi-resource-aws"},
		{"pulumi-resource-awsx", plugins, "home/plugins/resource-awsx-" + AWSXVersion, "./cmd/pulumi-resource-awsx"},
	}
}

// binariesOf lists the binaries of the given groups.
func binariesOf(of []group) []binary {
	return slices.DeleteFunc(binaries(), func(b binary) bool { return !slices.Contains(of, b.group) })
}

func (b binary) path() string { return path.Join(b.dir, b.name) }
