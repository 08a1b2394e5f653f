// Command global-edge is the last layer, above both regions: one name that fails over, the eyes on both, and the controller
// that moves the writer.
package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/components/dns"
	"warmstandby/shared/components/failover"
	"warmstandby/shared/components/monitoring"
	"warmstandby/shared/settings"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error { return deploy(ctx, binaries) })
}

func deploy(ctx *pulumi.Context, binaries string) error {
	told, err := readBelow(ctx)
	if err != nil {
		return err
	}
	config, err := settings.LoadEdge(ctx.Project(), ctx.Stack(), told.surroundings())
	if err != nil {
		return err
	}
	code, err := controllerCode(binaries, config)
	if err != nil {
		return err
	}
	regions, err := told.regions(ctx)
	if err != nil {
		return err
	}
	names, err := dns.NewFailover(ctx, "names", told.names(regions, config))
	if err != nil {
		return err
	}
	watched, err := told.watched(regions, config, names)
	if err != nil {
		return err
	}
	controlled, err := told.controlled(regions, config, names)
	if err != nil {
		return err
	}
	controlled.Code = code
	controller, err := failover.New(ctx, "controller", controlled)
	if err != nil {
		return err
	}
	eyes, err := monitoring.New(ctx, "monitoring", watched)
	if err != nil {
		return err
	}
	return tell(config, names, controller, eyes).Export(ctx)
}
