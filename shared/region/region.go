// Package region holds the pair of AWS regions that the platform lives in: which plays which role, and the one explicit
// provider by which every resource of a region is made.
//
// A provider carries the required tags as default tags, so that no resource can be forgotten, and finds its endpoint and
// its credentials as every AWS SDK does (AWS_ENDPOINT_URL, AWS_PROFILE, …): nothing here knows where AWS is.
package region

import (
	"errors"
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/naming"
)

// Region is one of the two regions.
type Region struct {
	// Name is AWS's, such as us-east-1.
	Name string
	// Role is the part that the region plays in disaster recovery.
	Role naming.Role
	// Account is the 12-digit id of the account that the provider acts in.
	Account string
	// Partition is the first part of its ARNs, such as aws or aws-us-gov.
	Partition string
	// ServicePrefix begins the names of its VPC endpoint services, such as com.amazonaws.
	ServicePrefix string

	namer    naming.Namer
	provider *aws.Provider
}

// Pair is the primary region and its warm standby.
type Pair struct {
	Primary, Standby Region
}

// PairArgs says which two regions an environment lives in.
type PairArgs struct {
	// Environment is the value of the tag Environment: the stack's name.
	Environment string
	// Namer names the environment's resources.
	Namer naming.Namer
	// Primary and Standby are AWS's names of two different regions.
	Primary, Standby string
	// AllowedAccountIDs, where it is not empty, keeps the providers out of every other account.
	AllowedAccountIDs []string
}

// NewPair makes both regions' providers and asks each which account and partition it is in.
func NewPair(ctx *pulumi.Context, args PairArgs) (Pair, error) {
	primary, primaryErr := newRegion(ctx, args, args.Primary, naming.Primary)
	standby, standbyErr := newRegion(ctx, args, args.Standby, naming.Secondary)
	return Pair{Primary: primary, Standby: standby}, errors.Join(primaryErr, standbyErr)
}

func newRegion(ctx *pulumi.Context, args PairArgs, name string, role naming.Role) (Region, error) {
	tags := naming.RequiredTags(args.Environment, name, role)
	settings := &aws.ProviderArgs{
		Region:      pulumi.String(name),
		DefaultTags: aws.ProviderDefaultTagsArgs{Tags: pulumi.ToStringMap(tags)},
	}
	if len(args.AllowedAccountIDs) > 0 {
		settings.AllowedAccountIds = pulumi.ToStringArray(args.AllowedAccountIDs)
	}
	provider, err := aws.NewProvider(ctx, "aws-"+string(role), settings)
	if err != nil {
		return Region{}, fmt.Errorf("making the provider of %s: %w", name, err)
	}
	identity, err := aws.GetCallerIdentity(ctx, &aws.GetCallerIdentityArgs{}, pulumi.Provider(provider))
	if err != nil {
		return Region{}, fmt.Errorf("asking %s for the account: %w", name, err)
	}
	partition, err := aws.GetPartition(ctx, &aws.GetPartitionArgs{}, pulumi.Provider(provider))
	if err != nil {
		return Region{}, fmt.Errorf("asking %s for the partition: %w", name, err)
	}
	return Region{
		Name: name, Role: role,
		Account: identity.AccountId, Partition: partition.Partition, ServicePrefix: partition.ReverseDnsPrefix,
		namer: args.Namer, provider: provider,
	}, nil
}

// Named returns the physical name of a resource of this region, {type}-{purpose}-{role}-{environmentSuffix}; without a
// purpose the role is the purpose. What follows the role, such as a zone's number, goes into details.
func (r Region) Named(kind naming.Kind, purpose string, details ...string) (string, error) {
	words := append([]string{string(r.Role)}, details...)
	if purpose != "" {
		words = append([]string{purpose}, words...)
	}
	return r.namer.Name(kind, words...)
}

// Named returns the physical name of what has one name in both regions, {type}-{purpose}-{environmentSuffix}.
func (p Pair) Named(kind naming.Kind, purpose string, details ...string) (string, error) {
	return p.Primary.namer.Name(kind, append([]string{purpose}, details...)...)
}

// Path returns the path of a parameter, which is the same in both regions: /warmstandby/{environmentSuffix}/…
func (p Pair) Path(levels ...string) (string, error) {
	return p.Primary.namer.Path(levels...)
}

// ARN returns the ARN of a resource of this region and account: the part from the service on is given as
// "logs", "log-group:name".
func (r Region) ARN(service, resource string) string {
	return fmt.Sprintf("arn:%s:%s:%s:%s:%s", r.Partition, service, r.Name, r.Account, resource)
}

// RootARN returns the principal that stands for the whole account, by which a key policy hands its decisions to IAM.
func (r Region) RootARN() string {
	return fmt.Sprintf("arn:%s:iam::%s:root", r.Partition, r.Account)
}

// Child returns the options of a resource of this region below parent, followed by the given ones, in a slice of its own.
func (r Region) Child(parent pulumi.Resource, opts ...pulumi.ResourceOption) []pulumi.ResourceOption {
	return slices.Concat([]pulumi.ResourceOption{pulumi.Parent(parent), pulumi.Provider(r.provider)}, opts)
}

// Component returns the options of a component whose children are all of this region.
func (r Region) Component(opts ...pulumi.ResourceOption) []pulumi.ResourceOption {
	return slices.Concat([]pulumi.ResourceOption{pulumi.Providers(r.provider)}, opts)
}
