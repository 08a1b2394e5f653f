package database

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/region"
)

// part is all in which the members differ: what a cluster is created with as the primary or as a secondary, and which of its
// parameters only that one has.
type part interface {
	// create adds it to what both have in common.
	create(cluster *rds.ClusterArgs)
	// parameters are rows of the cluster's parameter group beside those of both.
	parameters() []parameter
	// after is what must exist before the cluster does.
	after() []pulumi.Resource
}

// asPrimary creates a cluster with a database and a master user.
type asPrimary struct{ args GlobalArgs }

// create takes the password from what the secret holds and does not ignore its changes: the database follows the secret,
// so that the one can never be without the other's password.
func (p asPrimary) create(cluster *rds.ClusterArgs) {
	cluster.DatabaseName = pulumi.String(DatabaseName)
	cluster.MasterUsername = pulumi.String(p.args.Username)
	cluster.MasterPassword = p.args.Password.ToStringOutput().ToStringPtrOutput()
}

// parameters bound the loss of data.
func (p asPrimary) parameters() []parameter { return rpoParameter(p.args.RPOSeconds) }

func (asPrimary) after() []pulumi.Resource { return nil }

// asSecondary creates a cluster that follows another. It takes no database and no user, which come with the data (Amazon
// RDS API, CreateDBCluster, MasterUsername), and names the region of the other so that the provider signs the request that
// lets it read encrypted storage there.
type asSecondary struct {
	of      region.Region
	primary *Member
}

func (s asSecondary) create(cluster *rds.ClusterArgs) {
	cluster.SourceRegion = pulumi.String(s.of.Name)
}

// parameters are none: of two regions the secondary's group keeps the default of rds.global_db_rpo. A secondary that is
// promoted with it in its group finds that the lost region lags, and lets its own commits wait (Amazon Aurora User Guide,
// "Managing RPOs for Aurora PostgreSQL-based global databases", Important).
func (asSecondary) parameters() []parameter { return nil }

func (s asSecondary) after() []pulumi.Resource { return s.primary.instances }
