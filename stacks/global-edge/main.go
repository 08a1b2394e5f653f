// Command global-edge is the last layer, above both regions: one name that fails over, dashboards and alarms over both, and the controller
// that moves the writer.
package main

import (
	_ "embed"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/components/dns"
	"warmstandby/shared/components/failover"
	"warmstandby/shared/components/monitoring"
	"warmstandby/shared/settings"
)

// pulumiYAML declares the stack's configuration.
//
//go:embed Pulumi.yaml
var pulumiYAML []byte

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error { return deploy(ctx, binaries) })
}

func deploy(ctx *pulumi.Context, binaries string) error {
	inputs, err := readUpstream(ctx)
	if err != nil {
		return err
	}
	config, err := settings.LoadEdge(pulumiYAML, ctx.Stack(), inputs.constraints())
	if err != nil {
		return err
	}
	code, err := controllerCode(binaries, config)
	if err != nil {
		return err
	}
	regions, err := inputs.regions(ctx)
	if err != nil {
		return err
	}
	records, err := dns.NewFailoverRecords(ctx, "names", inputs.dnsArgs(regions, config))
	if err != nil {
		return err
	}
	monitoringArgs, err := inputs.monitoringArgs(regions, config, records)
	if err != nil {
		return err
	}
	monitored, err := monitoring.New(ctx, "monitoring", monitoringArgs)
	if err != nil {
		return err
	}
	failoverArgs, err := inputs.failoverArgs(regions, config, code, records, monitored)
	if err != nil {
		return err
	}
	controller, err := failover.New(ctx, "controller", failoverArgs)
	if err != nil {
		return err
	}
	return outputs(config, records, controller, monitored).Export(ctx)
}
