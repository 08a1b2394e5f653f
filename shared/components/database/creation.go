package database

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/region"
)

// creation is what the members differ in: a cluster is created as the primary or as a secondary, each with parameters of its own.
type creation interface {
	// apply sets the properties that the members differ in.
	apply(cluster *rds.ClusterArgs)
	// parameters are the rows of the member's parameter group besides those of both.
	parameters() []parameter
	// dependencies are what must exist before the cluster does.
	dependencies() []pulumi.Resource
}

// primaryCreation creates a cluster with a database and a master user.
type primaryCreation struct{ args GlobalArgs }

// apply takes the secret's password and does not ignore its changes: the database follows the secret, so that they never
// differ.
func (p primaryCreation) apply(cluster *rds.ClusterArgs) {
	cluster.DatabaseName = pulumi.String(DatabaseName)
	cluster.MasterUsername = pulumi.String(p.args.Username)
	cluster.MasterPassword = p.args.Password.ToStringOutput().ToStringPtrOutput()
}

// parameters limit the loss of data.
func (p primaryCreation) parameters() []parameter { return rpoParameter(p.args.RPOSeconds) }

func (primaryCreation) dependencies() []pulumi.Resource { return nil }

// secondaryCreation creates a cluster that replicates the primary. It has no database and no user of its own, which are
// replicated (Amazon RDS API, CreateDBCluster, MasterUsername). It has the primary's region, because the provider presigns the
// request that lets RDS read encrypted storage there.
type secondaryCreation struct {
	primaryRegion region.Region
	primary       *Member
}

func (s secondaryCreation) apply(cluster *rds.ClusterArgs) {
	cluster.SourceRegion = pulumi.String(s.primaryRegion.Name)
}

// parameters are none: in two regions the secondary keeps the default of rds.global_db_rpo. A promoted secondary with the
// parameter would count the lost region as lagging and let its own commits wait (Amazon Aurora User Guide, "Managing RPOs for
// Aurora PostgreSQL-based global databases", Important).
func (secondaryCreation) parameters() []parameter { return nil }

func (s secondaryCreation) dependencies() []pulumi.Resource { return s.primary.instances }
