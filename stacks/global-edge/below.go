package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/components/dns"
	"warmstandby/shared/components/failover"
	"warmstandby/shared/components/monitoring"
	"warmstandby/shared/components/storage"
	"warmstandby/shared/contract"
	"warmstandby/shared/naming"
	"warmstandby/shared/region"
	"warmstandby/shared/settings"
)

// below is what the layers below tell.
type below struct {
	foundation       contract.FoundationNetwork
	data             contract.DataGlobal
	primary, standby contract.RegionApp
}

func readBelow(ctx *pulumi.Context) (below, error) {
	foundation, err := contract.ReadFoundationNetwork(ctx)
	if err != nil {
		return below{}, err
	}
	data, err := contract.ReadDataGlobal(ctx)
	if err != nil {
		return below{}, err
	}
	primary, primaryErr := contract.ReadRegionApp(ctx, contract.RegionAppEastProject)
	standby, standbyErr := contract.ReadRegionApp(ctx, contract.RegionAppWestProject)
	if err := errors.Join(primaryErr, standbyErr); err != nil {
		return below{}, err
	}
	return below{foundation, data, primary, standby}, errors.Join(
		sameRegion(ctx, contract.RegionAppEastProject, primary, foundation.Primary),
		sameRegion(ctx, contract.RegionAppWestProject, standby, foundation.Standby),
	)
}

// sameRegion refuses an application that was deployed before its region was changed.
func sameRegion(ctx *pulumi.Context, project string, app contract.RegionApp, network contract.RegionNetwork) error {
	if got, want := app.Region.Get(), network.Region.Get(); got != want {
		return fmt.Errorf("reading the outputs of %s: it is in %s, the network in %s; to deploy it there: %s",
			project, got, want, contract.DeployCommand(project, ctx.Stack()))
	}
	return nil
}

func (b below) surroundings() settings.EdgeSurroundings {
	return settings.EdgeSurroundings{
		Profile: settings.Profile(b.foundation.Profile.Get()), Suffix: b.foundation.EnvironmentSuffix.Get(),
		HTTPS: b.primary.Scheme.Get() == "https" || b.standby.Scheme.Get() == "https",
	}
}

func (b below) regions(ctx *pulumi.Context) (region.Pair, error) {
	namer, err := naming.New(b.foundation.EnvironmentSuffix.Get())
	if err != nil {
		return region.Pair{}, err
	}
	return region.NewPair(ctx, region.PairArgs{
		Environment: ctx.Stack(), Namer: namer,
		Primary: b.foundation.Primary.Region.Get(), Standby: b.foundation.Standby.Region.Get(),
		AllowedAccountIDs: b.foundation.AllowedAccountIDs.Get(),
	})
}

// names is what the global name leads to.
func (b below) names(regions region.Pair, config settings.Edge) dns.Args {
	balancer := func(app contract.RegionApp) dns.Balancer {
		return dns.Balancer{
			DNSName: app.LoadBalancerDNSName.Get(), ZoneID: app.LoadBalancerZoneID.Get(),
			Scheme: app.Scheme.Get(), Port: app.Port.Get(),
		}
	}
	return dns.Args{
		Regions: regions, DomainName: config.DomainName, HostedZoneID: config.HostedZoneID,
		Primary: balancer(b.primary), Standby: balancer(b.standby), Protection: b.foundation.Protection.Get(),
	}
}

// watched is what the dashboards and the alarms are of.
func (b below) watched(regions region.Pair, config settings.Edge, names *dns.Failover) (monitoring.Args, error) {
	controller, err := failover.NewNames(regions)
	if err != nil {
		return monitoring.Args{}, err
	}
	side := func(app contract.RegionApp, data contract.RegionData) monitoring.Side {
		return monitoring.Side{
			TopicARN:     app.TopicARN.Get(),
			LoadBalancer: app.LoadBalancerARNSuffix.Get(), TargetGroup: app.TargetGroupARNSuffix.Get(),
			Function: app.FunctionName.Get(), Cluster: data.ClusterIdentifier.Get(),
			DeadLetterQueue: lastOf(data.DeadLetterQueueARN.Get()), ForwardingRule: data.ForwardingRuleName.Get(),
			Buckets: map[string]string{documents: data.DocumentsBucketName.Get(), assets: data.AssetsBucketName.Get()},
		}
	}
	return monitoring.Args{
		Regions: regions, Environment: b.foundation.EnvironmentSuffix.Get(),
		Primary: side(b.primary, b.data.Primary), Standby: side(b.standby, b.data.Standby),
		BusName: b.data.EventBusName.Get(), ReplicationRuleID: storage.RuleID, Controller: controller.Function,
		PrimaryCheckID: names.PrimaryCheckID.ToStringOutput(), StandbyCheckID: names.StandbyCheckID.ToStringOutput(),
		Runbook: config.Runbook,
	}, nil
}

// The buckets' purposes.
const (
	documents = "documents"
	assets    = "assets"
)

// lastOf returns the last part of an ARN, which of a queue is its name.
func lastOf(arn string) string { return arn[strings.LastIndex(arn, ":")+1:] }

// controlled is what the failover controller watches over and may move.
func (b below) controlled(regions region.Pair, config settings.Edge, names *dns.Failover) (failover.Args, error) {
	_, dashboard, err := monitoring.Dashboard(regions.Standby)
	if err != nil {
		return failover.Args{}, err
	}
	alarms, err := monitoring.StandbyAlarms(regions, documents, assets)
	if err != nil {
		return failover.Args{}, fmt.Errorf("naming the alarms of %s: %w", regions.Standby.Name, err)
	}
	side := func(app contract.RegionApp, data contract.RegionData, url string) failover.Side {
		return failover.Side{
			ClusterIdentifier: data.ClusterIdentifier.Get(), ClusterARN: data.ClusterARN.Get(), URL: url,
			TopicARN: app.TopicARN.Get(), TopicKeyARN: app.KeyARN.Get(),
			DocumentsBucketName: data.DocumentsBucketName.Get(), DocumentsBucketARN: data.DocumentsBucketARN.Get(),
			DataKeyARN: data.KeyARN.Get(), EventBusARN: data.EventBusARN.Get(),
		}
	}
	return failover.Args{
		Regions: regions, Environment: b.foundation.EnvironmentSuffix.Get(),
		Architecture: config.Architecture, LogRetentionDays: config.LogRetentionDays,
		GlobalCluster: b.data.GlobalClusterIdentifier.Get(), GlobalClusterARN: b.data.GlobalClusterARN.Get(),
		BusName: b.data.EventBusName.Get(), SecretName: b.data.SecretName.Get(),
		GlobalURL: names.GlobalURL, Runbook: config.Runbook, DashboardURL: dashboard,
		Primary:             side(b.primary, b.data.Primary, names.PrimaryURL),
		Standby:             side(b.standby, b.data.Standby, names.StandbyURL),
		StandbyFunctionName: b.standby.FunctionName.Get(), StandbyFunctionARN: b.standby.FunctionARN.Get(),
		Alarms: alarms, Protection: b.foundation.Protection.Get(),
	}, nil
}
