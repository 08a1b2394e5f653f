// Package regionapp is the program of both regional stacks: it reads settings and contracts, builds the application, and exports a
// contract. The stacks' own files name the role of their region, and nothing else.
package regionapp

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/components/application"
	"warmstandby/shared/naming"
	"warmstandby/shared/region"
	"warmstandby/shared/settings"
)

// Bundle is the folder with the function's code as it is deployed, relative to a stack's folder.
const Bundle = "../../lambda/app/dist"

// bundled is the module that the function's handler is in.
const bundled = "index.mjs"

// Deploy builds the application in the region that plays the role, with the configuration that the stack's Pulumi.yaml declares. It
// reads the outputs of the earlier layers, and none of the other region's stack.
func Deploy(ctx *pulumi.Context, role naming.Role, bundle string, pulumiYAML []byte) error {
	inputs, err := readUpstream(ctx, role)
	if err != nil {
		return err
	}
	config, err := settings.LoadApplication(pulumiYAML, ctx.Stack(), inputs.constraints())
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(bundle, bundled)); err != nil {
		return fmt.Errorf("finding the function's code: %w: run `make lambda`", err)
	}
	namer, err := naming.New(inputs.foundation.EnvironmentSuffix.Get())
	if err != nil {
		return err
	}
	in, err := region.New(ctx, region.Args{
		Environment: ctx.Stack(), Namer: namer, Name: inputs.network.Region.Get(), Role: role,
		AllowedAccountIDs: inputs.foundation.AllowedAccountIDs.Get(),
	})
	if err != nil {
		return err
	}
	app, err := application.New(ctx, "app", inputs.args(in, config, pulumi.NewFileArchive(bundle)))
	if err != nil {
		return err
	}
	return outputs(in, app).Export(ctx)
}
