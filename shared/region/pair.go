package region

import (
	"errors"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/naming"
)

// Pair is the primary region and its warm standby.
type Pair struct {
	Primary, Standby Region
}

// PairArgs are the inputs of a pair of regions.
type PairArgs struct {
	// Environment is the value of the tag Environment: the stack's name.
	Environment string
	// Namer names the environment's resources.
	Namer naming.Namer
	// Primary and Standby are AWS's names of two different regions.
	Primary, Standby string
	// AllowedAccountIDs are the accounts that the providers may act in. Empty, every account is allowed.
	AllowedAccountIDs []string
}

// NewPair returns both regions.
func NewPair(ctx *pulumi.Context, args PairArgs) (Pair, error) {
	regionArgs := Args{Environment: args.Environment, Namer: args.Namer, AllowedAccountIDs: args.AllowedAccountIDs}
	regionArgs.Name, regionArgs.Role = args.Primary, naming.Primary
	primary, primaryErr := New(ctx, regionArgs)
	if errors.Is(primaryErr, ErrPartition) {
		return Pair{}, primaryErr // The standby's error would be the same: credentials are of one partition.
	}
	regionArgs.Name, regionArgs.Role = args.Standby, naming.Secondary
	standby, standbyErr := New(ctx, regionArgs)
	return Pair{Primary: primary, Standby: standby}, errors.Join(primaryErr, standbyErr)
}

// Named returns the physical name of a resource that has one name in both regions, {type}-{purpose}-{environmentSuffix}.
func (p Pair) Named(kind naming.Kind, purpose string, details ...string) (string, error) {
	return p.Primary.namer.Name(kind, append([]string{purpose}, details...)...)
}

// Path returns the path of a parameter, which is the same in both regions: /warmstandby/{environmentSuffix}/…
func (p Pair) Path(levels ...string) (string, error) {
	return p.Primary.namer.Path(levels...)
}
