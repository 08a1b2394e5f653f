// Command pulumi-resource-aws is the AWS plugin as built from Go modules: HashiCorp's AWS provider behind Pulumi's Terraform
// bridge, cut down to the types that the stacks use (tokens.json). It stands in for the official plugin where that cannot
// be downloaded, and has its interface: the properties that SDK v6 sends have their v6 names here.
//
// With -properties it prints, as JSON, each mapped type's properties and ends; a test compares them with the SDK's.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"

	pf "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
)

// pluginVersion is the release of pulumi-aws whose interface this is; the SDK in the product's go.mod is the same.
const pluginVersion = "6.83.2"

func main() {
	ctx := context.Background()
	info, err := providerInfo(ctx)
	if err == nil && slices.Contains(os.Args[1:], "-properties") {
		err = json.NewEncoder(os.Stdout).Encode(describe(info))
		if err == nil {
			return
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "pulumi-resource-aws:", err)
		os.Exit(1)
	}
	pf.MainWithMuxer(ctx, info.Name, info, fmt.Appendf(nil, `{"name":%q,"version":%q}`, info.Name, info.Version))
}
