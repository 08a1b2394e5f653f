package failover

import (
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/components/parameters"
	"warmstandby/shared/contract/controller"
)

// newParameters writes the controller's configuration and its mode, which is automatic until an operator pauses the controller.
func (c *Controller) newParameters(ctx *pulumi.Context, args Args) ([]pulumi.Resource, error) {
	document := args.Zone.NameServers.ToStringArrayOutput().ApplyT(func(nameServers []string) (string, error) {
		return c.configuration(args, nameServers).JSON()
	}).(pulumi.StringOutput)
	replicated, err := parameters.NewReplicated(ctx, "controller", parameters.Args{Regions: args.Regions, Values: map[string]parameters.Value{
		strings.Join(controller.ConfigParameterPath(), "/"): parameters.Shared(document),
		strings.Join(controller.ModeParameterPath(), "/"):   parameters.Seeded(string(controller.Automatic)),
	}}, pulumi.Parent(c))
	if err != nil {
		return nil, err
	}
	return replicated.Resources, nil
}

// configuration returns the document that the controller reads.
func (c *Controller) configuration(args Args, nameServers []string) controller.Config {
	return controller.Config{
		Environment:            args.Environment,
		PrimaryRegion:          args.Regions.Primary.Name,
		StandbyRegion:          args.Regions.Standby.Name,
		GlobalCluster:          args.GlobalCluster,
		PrimaryCluster:         args.Primary.ClusterIdentifier,
		StandbyCluster:         args.Standby.ClusterIdentifier,
		PrimaryClusterARN:      args.Primary.ClusterARN,
		StandbyClusterARN:      args.Standby.ClusterARN,
		PrimaryURL:             args.Primary.URL,
		StandbyURL:             args.Standby.URL,
		GlobalURL:              args.GlobalURL,
		NameServers:            nameServers,
		GlobalName:             args.Zone.GlobalName,
		PrimaryName:            args.Zone.PrimaryName,
		StandbyName:            args.Zone.StandbyName,
		Table:                  c.Table,
		ModeParameter:          c.ModeParameter,
		PrimaryTopicARN:        args.Primary.TopicARN,
		StandbyTopicARN:        args.Standby.TopicARN,
		BusName:                args.BusName,
		SecretName:             args.SecretName,
		PrimaryDocumentsBucket: args.Primary.DocumentsBucketName,
		StandbyDocumentsBucket: args.Standby.DocumentsBucketName,
		StandbyFunction:        args.StandbyFunctionName,
		Alarms:                 args.Alarms,
		MetricNamespace:        controller.MetricNamespace,
		DashboardURL:           args.DashboardURL,
		RunbookURL:             args.Runbook,
	}
}
