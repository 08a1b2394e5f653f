// Package regionapp is the program of both regional stacks: settings and contracts in, the application, the contract out.
// The stacks' own files name their region's role, and nothing else.
package regionapp

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/components/application"
	"warmstandby/shared/contract"
	"warmstandby/shared/naming"
	"warmstandby/shared/region"
	"warmstandby/shared/settings"
)

// Bundle is the folder with the function's code as it is deployed, seen from a stack's folder.
const Bundle = "../../lambda/app/dist"

// bundled is the module that the function's handler is in.
const bundled = "index.mjs"

// Deploy builds the application in the region that plays the role, with the configuration that the stack's Pulumi.yaml declares. It
// asks nothing of the other region: what it must know of the layers under it, it reads from their stacks.
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

// outputs are the stack's contract.
func outputs(in region.Region, app *application.Application) contract.RegionApp {
	return contract.RegionApp{
		Region:                contract.String(pulumi.String(in.Name)),
		Role:                  contract.String(pulumi.String(in.Role)),
		Scheme:                contract.String(pulumi.String(app.Scheme)),
		Port:                  contract.Int(pulumi.Int(app.Port)),
		LoadBalancerDNSName:   contract.String(app.LoadBalancerDNSName),
		LoadBalancerZoneID:    contract.String(app.LoadBalancerZoneID),
		LoadBalancerARN:       contract.String(app.LoadBalancerARN),
		LoadBalancerARNSuffix: contract.String(app.LoadBalancerARNSuffix),
		TargetGroupARNSuffix:  contract.String(app.TargetGroupARNSuffix),
		FunctionName:          contract.String(app.FunctionName),
		FunctionARN:           contract.String(app.FunctionARN),
		LogGroup:              contract.String(app.LogGroup),
		TopicARN:              contract.String(app.TopicARN),
		KeyARN:                contract.String(app.KeyARN),
		FailedQueueARN:        contract.String(app.DeadLetterQueueARN),
		FailedQueueName:       contract.String(app.DeadLetterQueueName),
	}
}
