// Package database builds the Aurora PostgreSQL global database: a primary member that is written to, and in the other region a
// secondary that replicates it, with running readers.
//
// A failover swaps the members, and no deployment may swap them back. What Aurora changes after the first deployment is
// therefore ignored.
package database

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/naming"
	"warmstandby/shared/region"
)

const (
	globalType = "warmstandby:database:Global"

	// clusterTimeout is how long a cluster may take to be created or deleted. A member that leaves the global database is
	// promoted first, and the provider waits for that as long as for a creation.
	clusterTimeout = "90m"
)

// GlobalArgs are the inputs of the global database.
type GlobalArgs struct {
	// Regions are the members'. The primary is built in the primary region.
	Regions region.Pair
	// Primary and Standby are the members, by the region that they are in.
	Primary, Standby RegionArgs
	// EngineVersion is exact, such as 16.8. Both members have it.
	EngineVersion string
	// Username and Password are the master user's, with which the primary is created.
	Username string
	Password pulumi.StringInput
	// MinCapacity and MaxCapacity bound each instance, in Aurora capacity units.
	MinCapacity, MaxCapacity float64
	// BackupRetentionDays are the days of point-in-time recovery, in each region on its own.
	BackupRetentionDays int
	// BackupWindow is the time of the daily snapshots, hh:mm-hh:mm in UTC, [LongestBackupWindow] at most. The weekly maintenance
	// window comes after it.
	BackupWindow string
	// RPOSeconds is the secondary's lag at which the commits of the member that is built as the primary wait. 0 turns this off.
	RPOSeconds int
	// PerformanceInsights turns on the analysis of the instances' load.
	PerformanceInsights bool
	// LogRetentionDays is how long the engine's log, with the audit records, is kept.
	LogRetentionDays int
	// Protection refuses deletion, takes a final snapshot, and keeps backups and logs.
	Protection bool
	// FinalSnapshot has each member leave a final snapshot when it is deleted without protection, too: the time in the
	// snapshots' names, as naming.SnapshotTime. RDS takes a name once, so that each deletion needs a time of its own. Empty, only
	// protection has one taken.
	FinalSnapshot string
	// Before are made before the instances, and deleted after them, which takes AWS minutes.
	Before []pulumi.Resource
}

// RegionArgs are the inputs of one region's member.
type RegionArgs struct {
	// SubnetIDs are those of isolated subnets, in two zones or more.
	SubnetIDs pulumi.StringArrayInput
	// SecurityGroupID is that of the group that allows the functions to connect.
	SecurityGroupID pulumi.StringInput
	// KeyARN is the region's own key.
	KeyARN pulumi.StringInput
	// Instances is the number of instances, at least one: a member without an instance is no warm standby.
	Instances int
}

// check refuses, before anything is built, arguments that AWS would take and that make no warm standby.
func (a GlobalArgs) check() error {
	_, versionErr := major(a.EngineVersion)
	_, windowErr := maintenanceWindow(naming.Primary, a.BackupWindow)
	errs := []error{versionErr, windowErr}
	for _, row := range [...]struct {
		member string
		args   RegionArgs
	}{{"primary", a.Primary}, {"standby", a.Standby}} {
		if row.args.Instances < 1 {
			errs = append(errs, fmt.Errorf("counting the instances of the %s: at least one keeps it warm; got %d", row.member, row.args.Instances))
		}
	}
	return errors.Join(errs...)
}

// Global is the global database.
type Global struct {
	pulumi.ResourceState

	// ID is the global cluster's identifier. ARN is its ARN, which has no region.
	ID  string
	ARN pulumi.StringOutput
	// WriterEndpoint is the host of the writer in either region. It follows managed switchovers and failovers.
	WriterEndpoint pulumi.StringOutput
	// Primary and Standby are the members, by the region that they were built in.
	Primary, Standby *Member
}

// Settled are the primary's instances: when they are there, AWS has had minutes for what was made at the beginning of an update.
func (g *Global) Settled() []pulumi.Resource { return g.Primary.instances }

// ofItsPrimary are properties of a global cluster that are given when it is made, and that one which is made of a cluster, after the
// promotion of a restore, has from that (Amazon RDS API, CreateGlobalCluster, SourceDBClusterIdentifier). Another value of one would
// replace the global cluster, with a database in it.
var ofItsPrimary = [...]string{"databaseName", "storageEncrypted", "sourceDbClusterIdentifier"}

// NewGlobal builds the global cluster, then the primary member, then the secondary. The global cluster is not made from its
// first member, which would make a cycle of dependencies. The secondary depends on the primary's instances, and is deleted
// before them: Aurora does not delete a primary's last instance while there is a secondary.
func NewGlobal(ctx *pulumi.Context, name string, args GlobalArgs, opts ...pulumi.ResourceOption) (*Global, error) {
	if err := args.check(); err != nil {
		return nil, fmt.Errorf("building global database %s: %w", name, err)
	}
	global := &Global{}
	if err := ctx.RegisterComponentResource(globalType, name, global, opts...); err != nil {
		return nil, fmt.Errorf("registering global database %s: %w", name, err)
	}
	var err error
	if global.ID, err = args.Regions.Named(naming.GlobalDatabase, DatabaseName); err != nil {
		return nil, err
	}
	cluster, err := rds.NewGlobalCluster(ctx, global.ID, &rds.GlobalClusterArgs{
		GlobalClusterIdentifier: pulumi.String(global.ID),
		Engine:                  pulumi.String(engine),
		EngineVersion:           pulumi.String(args.EngineVersion),
		DatabaseName:            pulumi.String(DatabaseName),
		StorageEncrypted:        pulumi.Bool(true),
		DeletionProtection:      pulumi.Bool(args.Protection),
	}, args.Regions.Primary.Durable(global, args.Protection,
		pulumi.IgnoreChanges(ofItsPrimary[:]), pulumi.Timeouts(&pulumi.CustomTimeouts{Delete: clusterTimeout}),
	)...)
	if err != nil {
		return nil, fmt.Errorf("building global cluster %s: %w", global.ID, err)
	}
	global.ARN, global.WriterEndpoint = cluster.Arn, cluster.Endpoint

	global.Primary, err = newMember(ctx, "primary", memberArgs{
		global: args, cluster: cluster.ID(), region: args.Regions.Primary, local: args.Primary, creation: primaryCreation{args},
	}, pulumi.Parent(global))
	if err != nil {
		return nil, err
	}
	global.Standby, err = newMember(ctx, "standby", memberArgs{
		global: args, cluster: cluster.ID(), region: args.Regions.Standby, local: args.Standby,
		creation: secondaryCreation{primaryRegion: args.Regions.Primary, primary: global.Primary},
	}, pulumi.Parent(global))
	if err != nil {
		return nil, err
	}
	return global, ctx.RegisterResourceOutputs(global, pulumi.Map{
		"id": pulumi.String(global.ID), "arn": global.ARN, "writerEndpoint": global.WriterEndpoint,
	})
}
