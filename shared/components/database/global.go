// Package database builds the Aurora PostgreSQL global database: a primary member that is written to, and in the other
// region a secondary that follows it with running readers.
//
// Which member is the primary is AWS's to know after the first deployment: a failover swaps them, and nothing here may
// swap them back. What Aurora changes by itself is therefore left alone from then on.
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

	// longest is how long a cluster may take to come or to go. A member that leaves the global database is promoted first,
	// and the provider waits for that as long as for a creation.
	longest = "90m"
)

// GlobalArgs says what the global database is like.
type GlobalArgs struct {
	// Regions are those of the members: the primary is built in the primary region.
	Regions region.Pair
	// Primary and Standby say where in its region each member lies.
	Primary, Standby Place
	// EngineVersion is exact, such as 16.8; both members have it.
	EngineVersion string
	// Username and Password are the master user's, whom the primary is created with.
	Username string
	Password pulumi.StringInput
	// MinCapacity and MaxCapacity bound each instance, in Aurora capacity units.
	MinCapacity, MaxCapacity float64
	// BackupRetentionDays are the days of point-in-time recovery, in each region by itself.
	BackupRetentionDays int
	// BackupWindow is when the daily snapshots are taken, hh:mm-hh:mm in UTC.
	BackupWindow string
	// RPOSeconds is the lag of the secondary at which the commits of the member that is built as the primary wait; 0 is never.
	RPOSeconds int
	// PerformanceInsights records what the instances' load is made of.
	PerformanceInsights bool
	// LogRetentionDays is how long the engine's log, with the audit records, is kept.
	LogRetentionDays int
	// Protection refuses deletion, takes a last snapshot, and keeps backups and logs.
	Protection bool
}

// Place is where a member lies.
type Place struct {
	// SubnetIDs are those of isolated subnets, in two zones or more.
	SubnetIDs pulumi.StringArrayInput
	// SecurityGroupID is that of the group that lets the region's functions in.
	SecurityGroupID pulumi.StringInput
	// KeyARN is the region's own key.
	KeyARN pulumi.StringInput
	// Instances are how many the member runs, at least one: a member without any is not warm.
	Instances int
}

// check refuses, before anything is built, what AWS would take and what would not be a warm standby.
func (a GlobalArgs) check() error {
	_, err := major(a.EngineVersion)
	errs := []error{err}
	for _, row := range [...]struct {
		member string
		place  Place
	}{{"primary", a.Primary}, {"standby", a.Standby}} {
		if row.place.Instances < 1 {
			errs = append(errs, fmt.Errorf("counting the instances of the %s: at least one keeps it warm; got %d", row.member, row.place.Instances))
		}
	}
	return errors.Join(errs...)
}

// Global is the global database.
type Global struct {
	pulumi.ResourceState

	// ID is the global cluster's identifier, and ARN its ARN, which names no region.
	ID  string
	ARN pulumi.StringOutput
	// WriterEndpoint is the host that leads to the writer wherever it is. It follows managed switchovers and failovers.
	WriterEndpoint pulumi.StringOutput
	// Primary and Standby are the members, by the region that they were built in.
	Primary, Standby *Member
}

// NewGlobal builds the global cluster, then the primary member, then the secondary. Members join a global cluster that
// exists: one that was made of its first member would depend on what depends on it. The secondary comes when the primary
// has its instances, and so goes before them: Aurora keeps a primary's last instance while there is a secondary.
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
	}, args.Regions.Primary.Durable(global, args.Protection, pulumi.Timeouts(&pulumi.CustomTimeouts{Delete: longest}))...)
	if err != nil {
		return nil, fmt.Errorf("building global cluster %s: %w", global.ID, err)
	}
	global.ARN, global.WriterEndpoint = cluster.Arn, cluster.Endpoint

	global.Primary, err = newMember(ctx, "primary", memberArgs{
		global: args, cluster: cluster.ID(), in: args.Regions.Primary, place: args.Primary, part: asPrimary{args},
	}, pulumi.Parent(global))
	if err != nil {
		return nil, err
	}
	global.Standby, err = newMember(ctx, "standby", memberArgs{
		global: args, cluster: cluster.ID(), in: args.Regions.Standby, place: args.Standby,
		part: asSecondary{of: args.Regions.Primary, primary: global.Primary},
	}, pulumi.Parent(global))
	if err != nil {
		return nil, err
	}
	return global, ctx.RegisterResourceOutputs(global, pulumi.Map{
		"id": pulumi.String(global.ID), "arn": global.ARN, "writerEndpoint": global.WriterEndpoint,
	})
}
