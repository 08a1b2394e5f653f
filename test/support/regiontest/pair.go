// Package regiontest is the environment that components are tested in: where it lies and what its names end with. It stands
// apart from pulumitest, which the tests of package region use themselves.
package regiontest

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/naming"
	"warmstandby/shared/region"
)

// The environment: the value of the tag Environment, the end of every name, and the platform's own regions.
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
