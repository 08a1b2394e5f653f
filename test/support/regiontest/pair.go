// Package regiontest has the environment of the components' tests: its regions and the suffix of its names. It is apart from
// pulumitest because the tests of package region use that package themselves.
package regiontest

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/naming"
	"warmstandby/shared/region"
)

// The environment: the value of the tag Environment, the suffix of every name, and the regions.
const (
	Environment = "dev"
	Suffix      = "blue"
	Primary     = "us-east-1"
	Standby     = "us-west-2"
)

// Pair returns both regions of the environment.
func Pair(ctx *pulumi.Context) (region.Pair, error) {
	namer, err := naming.New(Suffix)
	if err != nil {
		return region.Pair{}, err
	}
	return region.NewPair(ctx, region.PairArgs{Environment: Environment, Namer: namer, Primary: Primary, Standby: Standby})
}
