package storage

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/policy"
	"warmstandby/shared/region"
)

// AccessArgs are the inputs of [RestrictAccess].
type AccessArgs struct {
	Region region.Region
	// Physical is the bucket's name as the program knows it, and the logical name of the resources.
	Physical string
	// Name and ARN are the bucket's outputs.
	Name, ARN pulumi.StringOutput
	// Allow returns, for the bucket's ARN, the statements that allow a service of AWS access. Nil allows none.
	Allow func(bucketARN string) []policy.Statement
}

// RestrictAccess leaves access to what IAM of this account and args.Allow allow, by TLS alone. It blocks public access and
// access control lists, so that every object belongs to this account. It returns the bucket's policy, on which a service that
// is allowed depends.
func RestrictAccess(ctx *pulumi.Context, parent pulumi.Resource, args AccessArgs) (*s3.BucketPolicy, error) {
	block, err := s3.NewBucketPublicAccessBlock(ctx, args.Physical, &s3.BucketPublicAccessBlockArgs{
		Bucket:                args.Name,
		BlockPublicAcls:       pulumi.Bool(true),
		BlockPublicPolicy:     pulumi.Bool(true),
		IgnorePublicAcls:      pulumi.Bool(true),
		RestrictPublicBuckets: pulumi.Bool(true),
	}, args.Region.Child(parent)...)
	if err != nil {
		return nil, fmt.Errorf("blocking public access: %w", err)
	}
	_, err = s3.NewBucketOwnershipControls(ctx, args.Physical, &s3.BucketOwnershipControlsArgs{
		Bucket: args.Name,
		Rule:   s3.BucketOwnershipControlsRuleArgs{ObjectOwnership: pulumi.String("BucketOwnerEnforced")},
	}, args.Region.Child(parent)...)
	if err != nil {
		return nil, fmt.Errorf("enforcing ownership: %w", err)
	}
	document := args.ARN.ApplyT(func(bucketARN string) (string, error) {
		statements := policy.Document{denyInsecureTransport(bucketARN)}
		if args.Allow != nil {
			statements = append(statements, args.Allow(bucketARN)...)
		}
		return statements.JSON()
	}).(pulumi.StringOutput)
	// S3 refuses the second of two changes of access to one bucket that arrive together (OperationAborted).
	attached, err := s3.NewBucketPolicy(ctx, args.Physical, &s3.BucketPolicyArgs{
		Bucket: args.Name, Policy: document,
	}, args.Region.Child(parent, pulumi.DependsOn([]pulumi.Resource{block}))...)
	if err != nil {
		return nil, fmt.Errorf("attaching the policy: %w", err)
	}
	return attached, nil
}

// denyInsecureTransport denies requests without TLS to every principal (Amazon S3 User Guide, "Security best practices for
// Amazon S3", "Enforce encryption of data in transit").
func denyInsecureTransport(bucketARN string) policy.Statement {
	return policy.DenyInsecureTransport("s3:*", bucketARN, bucketARN+"/*")
}
