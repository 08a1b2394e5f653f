// Command region-app-east is the application in the primary region: it deploys, updates and goes without touching the other.
package main

import (
	_ "embed"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/naming"
	"warmstandby/stacks/internal/regionapp"
)

// pulumiYAML declares the stack's configuration.
//
//go:embed Pulumi.yaml
var pulumiYAML []byte

func main() { pulumi.Run(deploy) }

func deploy(ctx *pulumi.Context) error {
	return regionapp.Deploy(ctx, naming.Primary, regionapp.Bundle, pulumiYAML)
}
