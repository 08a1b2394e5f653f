package database

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/region"
)

// creation is all in which the members differ: what a cluster is created with as the primary or as a secondary.
type creation interface {
	// apply adds it to what both have in common.
	apply(cluster *rds.ClusterArgs)
	// dependencies is what must exist before the cluster does.
	dependencies() []pulumi.Resource
}

// asPrimary creates a cluster with a database and a master user.
type primaryCreation struct{ args GlobalArgs }

// apply takes the password from what the secret holds and does not ignore its changes: the database follows the secret,
// so that the one can never be without the other's password.
func (p primaryCreation) apply(cluster *rds.ClusterArgs) {
	cluster.DatabaseName = pulumi.String(DatabaseName)
	cluster.MasterUsername = pulumi.String(p.args.Username)
	cluster.MasterPassword = p.args.Password.ToStringOutput().ToStringPtrOutput()
}

func (primaryCreation) dependencies() []pulumi.Resource { return nil }

// asSecondary creates a cluster that follows another. It takes no database and no user, which come with the data (Amazon
// RDS API, CreateDBCluster, MasterUsername), and names the region of the other so that the provider signs the request that
// lets it read encrypted storage there.
type secondaryCreation struct {
	primaryRegion region.Region
	primary       *Member
}

func (s secondaryCreation) apply(cluster *rds.ClusterArgs) {
	cluster.SourceRegion = pulumi.String(s.primaryRegion.Name)
}

func (s secondaryCreation) dependencies() []pulumi.Resource { return s.primary.instances }
