package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/components/backup"
	"warmstandby/shared/components/dns"
	"warmstandby/shared/components/failover"
	"warmstandby/shared/components/monitoring"
	"warmstandby/shared/components/storage"
	"warmstandby/shared/contract"
	"warmstandby/shared/naming"
	"warmstandby/shared/region"
	"warmstandby/shared/settings"
)

// upstream holds the contracts of the stacks that this one references.
type upstream struct {
	foundation       contract.FoundationNetwork
	data             contract.DataGlobal
	primary, standby contract.RegionApp
}

func readUpstream(ctx *pulumi.Context) (upstream, error) {
	foundation, err := contract.ReadFoundationNetwork(ctx)
	if err != nil {
		return upstream{}, err
	}
	data, err := contract.ReadDataGlobal(ctx)
	if err != nil {
		return upstream{}, err
	}
	primary, primaryErr := contract.ReadRegionApp(ctx, contract.RegionAppEastProject)
	standby, standbyErr := contract.ReadRegionApp(ctx, contract.RegionAppWestProject)
	if err := errors.Join(primaryErr, standbyErr); err != nil {
		return upstream{}, err
	}
	return upstream{foundation: foundation, data: data, primary: primary, standby: standby}, errors.Join(
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

func (u upstream) constraints() settings.EdgeUpstreamConstraints {
	return settings.EdgeUpstreamConstraints{
		Profile: settings.Profile(u.foundation.Profile.Get()), Suffix: u.foundation.EnvironmentSuffix.Get(),
		HTTPS: u.primary.Scheme.Get() == "https" || u.standby.Scheme.Get() == "https",
	}
}

func (u upstream) regions(ctx *pulumi.Context) (region.Pair, error) {
	namer, err := naming.New(u.foundation.EnvironmentSuffix.Get())
	if err != nil {
		return region.Pair{}, err
	}
	return region.NewPair(ctx, region.PairArgs{
		Environment: ctx.Stack(), Namer: namer,
		Primary: u.foundation.Primary.Region.Get(), Standby: u.foundation.Standby.Region.Get(),
		AllowedAccountIDs: u.foundation.AllowedAccountIDs.Get(),
	})
}

// dnsArgs are what the global name leads to.
func (u upstream) dnsArgs(regions region.Pair, config settings.Edge) dns.Args {
	balancer := func(app contract.RegionApp) dns.Balancer {
		return dns.Balancer{
			DNSName: app.LoadBalancerDNSName.Get(), ZoneID: app.LoadBalancerZoneID.Get(),
			Scheme: app.Scheme.Get(), Port: app.Port.Get(),
		}
	}
	return dns.Args{
		Regions: regions, DomainName: config.DomainName, HostedZoneID: config.HostedZoneID,
		Primary: balancer(u.primary), Standby: balancer(u.standby), Protection: u.foundation.Protection.Get(),
	}
}

// monitoringArgs are what the dashboards and the alarms are of.
func (u upstream) monitoringArgs(regions region.Pair, config settings.Edge, records *dns.FailoverRecords) (monitoring.Args, error) {
	controller, err := failover.NewNames(regions)
	if err != nil {
		return monitoring.Args{}, err
	}
	regionArgs := func(app contract.RegionApp, data contract.RegionData) monitoring.RegionArgs {
		return monitoring.RegionArgs{
			TopicARN:     app.TopicARN.Get(),
			LoadBalancer: app.LoadBalancerARNSuffix.Get(), TargetGroup: app.TargetGroupARNSuffix.Get(),
			Function: app.FunctionName.Get(), Cluster: data.ClusterIdentifier.Get(),
			DeadLetterQueue: lastOf(data.DeadLetterQueueARN.Get()), ForwardingRule: data.ForwardingRuleName.Get(),
			Buckets: map[string]string{documents: data.DocumentsBucketName.Get(), assets: data.AssetsBucketName.Get()},
		}
	}
	return monitoring.Args{
		Regions: regions, Environment: u.foundation.EnvironmentSuffix.Get(),
		Primary: regionArgs(u.primary, u.data.Primary), Standby: regionArgs(u.standby, u.data.Standby),
		BusName: u.data.EventBusName.Get(), ReplicationRuleID: storage.RuleID, ControllerFunction: controller.Function,
		PrimaryCheckID: records.PrimaryCheckID.ToStringOutput(), StandbyCheckID: records.StandbyCheckID.ToStringOutput(),
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

// failoverArgs are what the failover controller watches, and may move.
func (u upstream) failoverArgs(
	regions region.Pair, config settings.Edge, code pulumi.Archive, records *dns.FailoverRecords, monitored *monitoring.Monitoring,
) (failover.Args, error) {
	restoreTest, err := backup.RestoreTestName(regions.Standby)
	if err != nil {
		return failover.Args{}, err
	}
	regionArgs := func(app contract.RegionApp, data contract.RegionData, url string) failover.RegionArgs {
		return failover.RegionArgs{
			ClusterIdentifier: data.ClusterIdentifier.Get(), ClusterARN: data.ClusterARN.Get(), URL: url,
			TopicARN: app.TopicARN.Get(), TopicKeyARN: app.KeyARN.Get(),
			DocumentsBucketName: data.DocumentsBucketName.Get(), DocumentsBucketARN: data.DocumentsBucketARN.Get(),
			DataKeyARN: data.KeyARN.Get(), EventBusARN: data.EventBusARN.Get(),
		}
	}
	return failover.Args{
		Regions: regions, Environment: u.foundation.EnvironmentSuffix.Get(),
		Code: code, Architecture: config.Architecture, LogRetentionDays: config.LogRetentionDays,
		GlobalCluster: u.data.GlobalClusterIdentifier.Get(), GlobalClusterARN: u.data.GlobalClusterARN.Get(),
		BusName: u.data.EventBusName.Get(), SecretName: u.data.SecretName.Get(),
		Zone: failover.Zone{
			NameServers: records.NameServers,
			GlobalName:  records.GlobalName, PrimaryName: records.PrimaryName, StandbyName: records.StandbyName,
		},
		GlobalURL: records.GlobalURL, Runbook: config.Runbook, DashboardURL: monitored.StandbyURL,
		Primary:             regionArgs(u.primary, u.data.Primary, records.PrimaryURL),
		Standby:             regionArgs(u.standby, u.data.Standby, records.StandbyURL),
		StandbyFunctionName: u.standby.FunctionName.Get(), StandbyFunctionARN: u.standby.FunctionARN.Get(),
		RestoreTestPlan: restoreTest,
		Alarms:          monitored.StandbyAlarms, Protection: u.foundation.Protection.Get(),
	}, nil
}
