// Package region holds the AWS regions that the platform lives in, one or the pair: which plays which role, and the one
// explicit provider by which every resource of a region is made.
//
// A provider carries the required tags as default tags, so that no resource can be forgotten, and finds its endpoint and
// its credentials as every AWS SDK does (AWS_ENDPOINT_URL, AWS_PROFILE, …): nothing here knows where AWS is.
package region

import (
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

// Args says which one region a stack lives in.
type Args struct {
	// Environment is the value of the tag Environment: the stack's name.
	Environment string
	// Namer names the environment's resources.
	Namer naming.Namer
	// Name is AWS's, and Role the part that the region plays.
	Name string
	Role naming.Role
	// AllowedAccountIDs, where it is not empty, keeps the provider out of every other account.
	AllowedAccountIDs []string
}

// New makes the provider of one region and asks the region which account and partition it is in. It asks no other: a stack
// of one region deploys while every other is lost.
func New(ctx *pulumi.Context, args Args) (Region, error) {
	tags := naming.RequiredTags(args.Environment, args.Name, args.Role)
	settings := &aws.ProviderArgs{
		Region:      pulumi.String(args.Name),
		DefaultTags: aws.ProviderDefaultTagsArgs{Tags: pulumi.ToStringMap(tags)},
	}
	if len(args.AllowedAccountIDs) > 0 {
		settings.AllowedAccountIds = pulumi.ToStringArray(args.AllowedAccountIDs)
	}
	provider, err := aws.NewProvider(ctx, "aws-"+string(args.Role), settings)
	if err != nil {
		return Region{}, fmt.Errorf("making the provider of %s: %w", args.Name, err)
	}
	identity, err := aws.GetCallerIdentity(ctx, &aws.GetCallerIdentityArgs{}, pulumi.Provider(provider))
	if err != nil {
		return Region{}, fmt.Errorf("asking %s for the account: %w", args.Name, err)
	}
	partition, err := aws.GetPartition(ctx, &aws.GetPartitionArgs{}, pulumi.Provider(provider))
	if err != nil {
		return Region{}, fmt.Errorf("asking %s for the partition: %w", args.Name, err)
	}
	return Region{
		Name: args.Name, Role: args.Role,
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

// Durable returns the options of a resource whose loss nothing makes good, as Child does of any other. With protection Pulumi
// refuses every plan that deletes or replaces it, before anything of the plan is done: AWS's own guards lie deepest in a stack,
// and a destroy meets them when all that lies above has gone. Which types are durable is listed in
// test/support/pulumitest/check_guards.go, and every stack is held to it.
func (r Region) Durable(parent pulumi.Resource, protection bool, opts ...pulumi.ResourceOption) []pulumi.ResourceOption {
	return r.Child(parent, slices.Concat([]pulumi.ResourceOption{pulumi.Protect(protection)}, opts)...)
}

// Component returns the options of a component whose children are all of this region.
func (r Region) Component(opts ...pulumi.ResourceOption) []pulumi.ResourceOption {
	return slices.Concat([]pulumi.ResourceOption{pulumi.Providers(r.provider)}, opts)
}
