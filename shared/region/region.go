// Package region holds the AWS regions of the platform, one or the pair: each region's role, and the one explicit provider by
// which every resource of the region is built.
//
// A provider has the required tags as default tags, so that no resource lacks them. It finds its endpoint and its credentials
// as every AWS SDK does (AWS_ENDPOINT_URL, AWS_PROFILE, …).
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
	// Role is the region's role in disaster recovery.
	Role naming.Role
	// Account is the 12-digit id of the provider's account.
	Account string
	// Partition is the second part of its ARNs, such as aws or aws-us-gov.
	Partition string
	// ServicePrefix is the beginning of the names of its VPC endpoint services, such as com.amazonaws.
	ServicePrefix string

	namer    naming.Namer
	provider *aws.Provider
}

// Args are the inputs of a region.
type Args struct {
	// Environment is the value of the tag Environment: the stack's name.
	Environment string
	// Namer names the environment's resources.
	Namer naming.Namer
	// Name is AWS's, Role the region's role in disaster recovery.
	Name string
	Role naming.Role
	// AllowedAccountIDs are the accounts that the provider may act in. Empty, every account is allowed.
	AllowedAccountIDs []string
}

// dnsSuffix ends the names of services in the regions that are supported. Principals and conditions of policies name services by
// it. In China's regions endpoints end in amazonaws.com.cn (Getting Started with Amazon Web Services in China, "Endpoints and ARNs
// for Amazon Web Services in China"), and some principals do.
const dnsSuffix = "amazonaws.com"

// ErrPartition says that a region is of a partition in which the platform does not deploy.
var ErrPartition = errors.New("this partition of AWS is not supported")

// New builds the provider of one region and asks the region for its account and partition. It calls no other region: a stack of
// one region deploys while every other is lost. The error wraps [ErrPartition] for a region of another partition's names.
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
	if partition.DnsSuffix != dnsSuffix {
		return Region{}, fmt.Errorf("%w: %s is in the partition %s, whose services are under %s; choose a region whose services are under %s, "+
			"such as us-east-1", ErrPartition, args.Name, partition.Partition, partition.DnsSuffix, dnsSuffix)
	}
	return Region{
		Name: args.Name, Role: args.Role,
		Account: identity.AccountId, Partition: partition.Partition, ServicePrefix: partition.ReverseDnsPrefix,
		namer: args.Namer, provider: provider,
	}, nil
}

// Named returns the physical name of a resource of this region, {type}-{purpose}-{role}-{details}-{environmentSuffix}. Without
// a purpose the role is the purpose. Details are, for example, a zone's number.
func (r Region) Named(kind naming.Kind, purpose string, details ...string) (string, error) {
	words := append([]string{string(r.Role)}, details...)
	if purpose != "" {
		words = append([]string{purpose}, words...)
	}
	return r.namer.Name(kind, words...)
}

// ARN returns the ARN of a resource of this region and account, given its service and resource, such as "logs" and
// "log-group:name".
func (r Region) ARN(service, resource string) string {
	return fmt.Sprintf("arn:%s:%s:%s:%s:%s", r.Partition, service, r.Name, r.Account, resource)
}

// RootARN returns the principal of the whole account, for which IAM decides.
func (r Region) RootARN() string {
	return fmt.Sprintf("arn:%s:iam::%s:root", r.Partition, r.Account)
}

// Child returns the options of a resource of this region that is a child of parent, followed by opts, in a slice of its own.
func (r Region) Child(parent pulumi.Resource, opts ...pulumi.ResourceOption) []pulumi.ResourceOption {
	return slices.Concat([]pulumi.ResourceOption{pulumi.Parent(parent), pulumi.Provider(r.provider)}, opts)
}

// Durable returns the options of a resource with data that nothing restores, as Child does of any other. With protection Pulumi
// refuses every plan that deletes or replaces it, before any step of the plan. AWS's own guards refuse only when a destroy
// reaches the resource, and by then what depends on it is gone. test/support/pulumitest/check_guards.go lists the durable types
// and checks every stack.
func (r Region) Durable(parent pulumi.Resource, protection bool, opts ...pulumi.ResourceOption) []pulumi.ResourceOption {
	return r.Child(parent, slices.Concat([]pulumi.ResourceOption{pulumi.Protect(protection)}, opts)...)
}

// Component returns the options of a component whose children are all in this region.
func (r Region) Component(opts ...pulumi.ResourceOption) []pulumi.ResourceOption {
	return slices.Concat([]pulumi.ResourceOption{pulumi.Providers(r.provider)}, opts)
}
