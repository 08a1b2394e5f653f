package database

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/naming"
	"warmstandby/shared/region"
)

// LogGroupName returns the name of the log group of a region's member, for the policy of the key that encrypts it. The name is
// RDS's and not the platform's (Amazon Aurora User Guide, "Publishing Aurora PostgreSQL logs to Amazon CloudWatch Logs").
func LogGroupName(in region.Region) (string, error) {
	cluster, err := in.Named(naming.DatabaseCluster, DatabaseName)
	if err != nil {
		return "", err
	}
	return "/aws/rds/cluster/" + cluster + "/" + logExport, nil
}

func (m *Member) newLogGroup(ctx *pulumi.Context, args memberArgs) (*cloudwatch.LogGroup, error) {
	name, err := LogGroupName(args.region)
	if err != nil {
		return nil, err
	}
	group, err := cloudwatch.NewLogGroup(ctx, name, &cloudwatch.LogGroupArgs{
		Name:            pulumi.String(name),
		RetentionInDays: pulumi.Int(args.global.LogRetentionDays),
		KmsKeyId:        args.local.KeyARN.ToStringOutput().ToStringPtrOutput(),
		SkipDestroy:     pulumi.Bool(args.global.Protection),
	}, args.region.Durable(m, args.global.Protection)...)
	if err != nil {
		return nil, fmt.Errorf("building log group %s: %w", name, err)
	}
	return group, nil
}

// SubnetGroupName returns the name of the subnet group of a region's member, in which a test of its backups is restored, too.
func SubnetGroupName(in region.Region) (string, error) {
	return in.Named(naming.DatabaseSubnetGroup, DatabaseName)
}

func (m *Member) newSubnetGroup(ctx *pulumi.Context, args memberArgs) (*rds.SubnetGroup, error) {
	name, err := SubnetGroupName(args.region)
	if err != nil {
		return nil, err
	}
	group, err := rds.NewSubnetGroup(ctx, name, &rds.SubnetGroupArgs{
		Name:        pulumi.String(name),
		Description: pulumi.String("Isolated subnets of the " + string(args.region.Role) + " region"),
		SubnetIds:   args.local.SubnetIDs,
	}, args.region.Child(m)...)
	if err != nil {
		return nil, fmt.Errorf("building DB subnet group %s: %w", name, err)
	}
	return group, nil
}

// newParameterGroup builds the parameter group. Its name contains the major version: another family is another group, which is
// built before the old one is deleted.
func (m *Member) newParameterGroup(ctx *pulumi.Context, args memberArgs) (*rds.ClusterParameterGroup, error) {
	version, err := major(args.global.EngineVersion)
	if err != nil {
		return nil, err
	}
	name, err := args.region.Named(naming.DatabaseParameterGroup, DatabaseName, "pg"+version)
	if err != nil {
		return nil, err
	}
	rows := rds.ClusterParameterGroupParameterArray{}
	for _, row := range append(parameters(), args.creation.parameters()...) {
		method := "immediate"
		if row.static {
			method = "pending-reboot"
		}
		rows = append(rows, rds.ClusterParameterGroupParameterArgs{
			Name: pulumi.String(row.name), Value: pulumi.String(row.value), ApplyMethod: pulumi.String(method),
		})
	}
	group, err := rds.NewClusterParameterGroup(ctx, name, &rds.ClusterParameterGroupArgs{
		Name:        pulumi.String(name),
		Description: pulumi.String("Encrypted connections, audit log and RPO of the " + string(args.region.Role) + " region"),
		Family:      pulumi.String(engine + version),
		Parameters:  rows,
	}, args.region.Child(m)...)
	if err != nil {
		return nil, fmt.Errorf("building DB cluster parameter group %s: %w", name, err)
	}
	return group, nil
}
