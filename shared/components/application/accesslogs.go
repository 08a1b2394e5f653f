package application

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/components/storage"
	"warmstandby/shared/naming"
	"warmstandby/shared/policy"
	"warmstandby/shared/region"
)

const (
	accessLogsType = "warmstandby:application:AccessLogs"

	// abortUploadDays is the age at which the parts of an upload that was never completed are removed. Load balancers write a file every
	// five minutes (same page as below): a day later nobody completes it.
	abortUploadDays = 1
)

type accessLogsArgs struct {
	region        region.Region
	retentionDays int
	protection    bool
}

// accessLogs is the bucket of the load balancer's access logs.
type accessLogs struct {
	pulumi.ResourceState

	bucket pulumi.StringOutput
	// policy allows the load balancer to write. It tries the bucket when logging is turned on.
	policy pulumi.Resource
}

// newAccessLogs builds the bucket. It is encrypted by S3's own key, the only encryption that Elastic Load Balancing writes to
// (Elastic Load Balancing, "Enable access logs for your Application Load Balancer", Requirements). It keeps no versions,
// because a log file is written once.
func newAccessLogs(ctx *pulumi.Context, name string, args accessLogsArgs, opts ...pulumi.ResourceOption) (*accessLogs, error) {
	logs := &accessLogs{}
	if err := ctx.RegisterComponentResource(accessLogsType, name, logs, opts...); err != nil {
		return nil, fmt.Errorf("registering access logs %s: %w", name, err)
	}
	physical, err := args.region.Named(naming.Bucket, "accesslogs", args.region.Account)
	if err != nil {
		return nil, err
	}
	made, err := s3.NewBucketV2(ctx, physical, &s3.BucketV2Args{
		Bucket: pulumi.String(physical), ForceDestroy: pulumi.Bool(!args.protection),
	}, args.region.Durable(logs, args.protection)...)
	if err != nil {
		return nil, fmt.Errorf("building bucket %s: %w", physical, err)
	}
	_, err = s3.NewBucketServerSideEncryptionConfigurationV2(ctx, physical, &s3.BucketServerSideEncryptionConfigurationV2Args{
		Bucket: made.Bucket,
		Rules: s3.BucketServerSideEncryptionConfigurationV2RuleArray{
			s3.BucketServerSideEncryptionConfigurationV2RuleArgs{
				ApplyServerSideEncryptionByDefault: s3.BucketServerSideEncryptionConfigurationV2RuleApplyServerSideEncryptionByDefaultArgs{
					SseAlgorithm: pulumi.String("AES256"),
				},
			},
		},
	}, args.region.Child(logs)...)
	if err != nil {
		return nil, fmt.Errorf("encrypting bucket %s: %w", physical, err)
	}
	_, err = s3.NewBucketLifecycleConfigurationV2(ctx, physical, &s3.BucketLifecycleConfigurationV2Args{
		Bucket: made.Bucket,
		Rules: s3.BucketLifecycleConfigurationV2RuleArray{s3.BucketLifecycleConfigurationV2RuleArgs{
			Id:         pulumi.String("expire"),
			Status:     pulumi.String("Enabled"),
			Filter:     s3.BucketLifecycleConfigurationV2RuleFilterArgs{Prefix: pulumi.String("")},
			Expiration: s3.BucketLifecycleConfigurationV2RuleExpirationArgs{Days: pulumi.Int(args.retentionDays)},
			AbortIncompleteMultipartUpload: s3.BucketLifecycleConfigurationV2RuleAbortIncompleteMultipartUploadArgs{
				DaysAfterInitiation: pulumi.Int(abortUploadDays),
			},
		}},
	}, args.region.Child(logs)...)
	if err != nil {
		return nil, fmt.Errorf("setting the lifecycle of bucket %s: %w", physical, err)
	}
	logs.bucket = made.Bucket
	logs.policy, err = storage.RestrictAccess(ctx, logs, storage.AccessArgs{
		Region: args.region, Physical: physical, Name: made.Bucket, ARN: made.Arn,
		Allow: func(bucketARN string) []policy.Statement { return logDeliveryStatements(args.region, bucketARN) },
	})
	if err != nil {
		return nil, fmt.Errorf("closing bucket %s: %w", physical, err)
	}
	return logs, ctx.RegisterResourceOutputs(logs, pulumi.Map{"bucket": logs.bucket})
}

// logDeliveryStatements allow Elastic Load Balancing to write the logs of this account's load balancers in this region (Elastic
// Load Balancing, "Enable access logs for your Application Load Balancer", "Step 2: Attach a policy to your S3 bucket").
func logDeliveryStatements(in region.Region, bucketARN string) []policy.Statement {
	return []policy.Statement{{
		Sid: "AllowLogDelivery", Effect: policy.Allow,
		Principal: &policy.Principal{Service: []string{"logdelivery.elasticloadbalancing.amazonaws.com"}},
		Actions:   []string{"s3:PutObject"},
		Resources: []string{bucketARN + "/AWSLogs/" + in.Account + "/*"},
		Condition: policy.Conditions{"ArnLike": {"aws:SourceArn": {in.ARN("elasticloadbalancing", "loadbalancer/*")}}},
	}}
}
