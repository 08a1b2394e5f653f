package database

import (
	"fmt"
	"strconv"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/naming"
	"warmstandby/shared/region"
)

const (
	memberType = "warmstandby:database:Member"

	// promotionTier is one of the two, 0 and 1, whose Serverless v2 readers are never smaller than the writer that they may have
	// to replace (Amazon Aurora User Guide, "Choosing the promotion tier for an Aurora Serverless v2 reader").
	promotionTier = 1

	// insightsRetentionDays is the retention of Performance Insights that costs nothing.
	insightsRetentionDays = 7
)

// ignoredChanges are the properties that Aurora changes after a member was created. An update must not revert them.
var ignoredChanges = [...]string{
	// The provider reads it by looking for the cluster in a global one. It is empty for a moment during a failover, and the
	// provider would then remove the member, which cannot be undone.
	"globalClusterIdentifier",
	// AWS sets it on the current secondary. The configuration has it on neither member, and the provider would promote the
	// secondary to a cluster of its own. Both members ignore it, because they swap.
	"replicationSourceIdentifier",
	// The global cluster upgrades its members. A switchover requires the same version of both.
	"engineVersion",
}

type memberArgs struct {
	global   GlobalArgs
	cluster  pulumi.IDOutput
	region   region.Region
	local    RegionArgs
	creation creation
	// maintenanceWindow is the cluster's and its instances', in RDS's form.
	maintenanceWindow string
}

// Member is one region's cluster with its instances.
type Member struct {
	pulumi.ResourceState

	// ClusterID is the cluster's identifier, ARN its ARN.
	ClusterID string
	ARN       pulumi.StringOutput
	// Endpoint is the host of the cluster's own writer endpoint, which accepts writes only while the member is the primary.
	Endpoint pulumi.StringOutput
	// ReaderEndpoint is the host of its readers.
	ReaderEndpoint pulumi.StringOutput
	// Port is the engine's default, the same for every endpoint.
	Port pulumi.IntOutput
	// LogGroup is the engine's log group.
	LogGroup *cloudwatch.LogGroup

	instances []pulumi.Resource
}

// newMember builds either member. They differ in args.creation alone.
func newMember(ctx *pulumi.Context, name string, args memberArgs, opts ...pulumi.ResourceOption) (*Member, error) {
	member := &Member{}
	if err := ctx.RegisterComponentResource(memberType, name, member, args.region.Component(opts...)...); err != nil {
		return nil, fmt.Errorf("registering member %s: %w", name, err)
	}
	var err error
	if member.ClusterID, err = args.region.Named(naming.DatabaseCluster, DatabaseName); err != nil {
		return nil, err
	}
	if args.maintenanceWindow, err = maintenanceWindow(args.region.Role, args.global.BackupWindow); err != nil {
		return nil, err
	}
	if member.LogGroup, err = member.newLogGroup(ctx, args); err != nil {
		return nil, err
	}
	subnets, err := member.newSubnetGroup(ctx, args)
	if err != nil {
		return nil, err
	}
	group, err := member.newParameterGroup(ctx, args)
	if err != nil {
		return nil, err
	}
	cluster, err := member.newCluster(ctx, args, subnets, group)
	if err != nil {
		return nil, err
	}
	for i := range args.local.Instances {
		if err := member.addInstance(ctx, args, cluster, i+1); err != nil {
			return nil, err
		}
	}
	member.ARN, member.Port = cluster.Arn, cluster.Port
	member.Endpoint, member.ReaderEndpoint = clusterEndpoint(cluster), cluster.ReaderEndpoint
	return member, ctx.RegisterResourceOutputs(member, pulumi.Map{
		"arn": member.ARN, "endpoint": member.Endpoint, "readerEndpoint": member.ReaderEndpoint, "port": member.Port,
	})
}

// newCluster builds the cluster without a port: the security groups allow the engine's default.
func (m *Member) newCluster(
	ctx *pulumi.Context, args memberArgs, subnets *rds.SubnetGroup, group *rds.ClusterParameterGroup,
) (*rds.Cluster, error) {
	inputs := &rds.ClusterArgs{
		ClusterIdentifier:           pulumi.String(m.ClusterID),
		GlobalClusterIdentifier:     args.cluster.ToStringOutput().ToStringPtrOutput(),
		Engine:                      pulumi.String(engine),
		EngineVersion:               pulumi.String(args.global.EngineVersion),
		DbSubnetGroupName:           subnets.Name,
		DbClusterParameterGroupName: group.Name,
		VpcSecurityGroupIds:         pulumi.StringArray{args.local.SecurityGroupID},
		Serverlessv2ScalingConfiguration: rds.ClusterServerlessv2ScalingConfigurationArgs{
			MinCapacity: pulumi.Float64(args.global.MinCapacity), MaxCapacity: pulumi.Float64(args.global.MaxCapacity),
		},
		StorageEncrypted:             pulumi.Bool(true),
		KmsKeyId:                     args.local.KeyARN.ToStringOutput().ToStringPtrOutput(),
		BackupRetentionPeriod:        pulumi.Int(args.global.BackupRetentionDays),
		PreferredBackupWindow:        pulumi.String(args.global.BackupWindow),
		PreferredMaintenanceWindow:   pulumi.String(args.maintenanceWindow),
		CopyTagsToSnapshot:           pulumi.Bool(true),
		EnabledCloudwatchLogsExports: pulumi.StringArray{pulumi.String(logExport)},
		// A change is applied by the end of the update, not in the next maintenance window.
		ApplyImmediately:       pulumi.Bool(true),
		DeletionProtection:     pulumi.Bool(args.global.Protection),
		SkipFinalSnapshot:      pulumi.Bool(!args.global.leavesSnapshot()),
		DeleteAutomatedBackups: pulumi.Bool(!args.global.Protection),
		Tags:                   pulumi.StringMap{naming.TagBackup: pulumi.String(naming.BackupWanted)},
	}
	if args.global.leavesSnapshot() {
		snapshot, err := args.region.Named(naming.DatabaseSnapshot, DatabaseName, args.global.snapshotWords()...)
		if err != nil {
			return nil, err
		}
		inputs.FinalSnapshotIdentifier = pulumi.String(snapshot)
	}
	args.creation.apply(inputs)
	// RDS would create the log group itself, without retention and encryption, and leave it behind.
	dependencies := append([]pulumi.Resource{m.LogGroup}, args.creation.dependencies()...)
	cluster, err := rds.NewCluster(ctx, m.ClusterID, inputs, args.region.Durable(m, args.global.Protection,
		pulumi.DependsOn(dependencies),
		pulumi.IgnoreChanges(ignoredChanges[:]),
		pulumi.Timeouts(&pulumi.CustomTimeouts{Create: clusterTimeout, Delete: clusterTimeout}),
	)...)
	if err != nil {
		return nil, fmt.Errorf("building cluster %s: %w", m.ClusterID, err)
	}
	return cluster, nil
}

// leavesSnapshot reports whether a member that is deleted leaves a final snapshot.
func (a GlobalArgs) leavesSnapshot() bool { return a.Protection || a.FinalSnapshot != "" }

// snapshotWords are what a final snapshot's name has beside the database's, the region's and the environment's.
func (a GlobalArgs) snapshotWords() []string {
	if a.FinalSnapshot == "" {
		return nil
	}
	return []string{a.FinalSnapshot}
}

// addInstance adds an instance, by its number from 1. The global cluster decides its minor version: an instance that upgraded
// itself would prevent a switchover.
func (m *Member) addInstance(ctx *pulumi.Context, args memberArgs, cluster *rds.Cluster, number int) error {
	name, err := args.region.Named(naming.DatabaseInstance, DatabaseName, strconv.Itoa(number))
	if err != nil {
		return err
	}
	inputs := &rds.ClusterInstanceArgs{
		Identifier:                 pulumi.String(name),
		ClusterIdentifier:          cluster.ID().ToStringOutput(),
		Engine:                     pulumi.String(engine),
		InstanceClass:              pulumi.String(instanceClass),
		AutoMinorVersionUpgrade:    pulumi.Bool(false),
		PubliclyAccessible:         pulumi.Bool(false),
		PromotionTier:              pulumi.Int(promotionTier),
		PreferredMaintenanceWindow: pulumi.String(args.maintenanceWindow),
		ApplyImmediately:           pulumi.Bool(true),
		PerformanceInsightsEnabled: pulumi.Bool(args.global.PerformanceInsights),
	}
	if args.global.PerformanceInsights {
		inputs.PerformanceInsightsKmsKeyId = args.local.KeyARN.ToStringOutput().ToStringPtrOutput()
		inputs.PerformanceInsightsRetentionPeriod = pulumi.Int(insightsRetentionDays)
	}
	instance, err := rds.NewClusterInstance(ctx, name, inputs,
		args.region.Durable(m, args.global.Protection, pulumi.DependsOn(args.global.Before))...)
	if err != nil {
		return fmt.Errorf("building instance %s: %w", name, err)
	}
	m.instances = append(m.instances, instance)
	return nil
}
