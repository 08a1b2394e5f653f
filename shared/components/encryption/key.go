// Package encryption builds the customer managed keys that encrypt a region's data.
//
// A key is for one region. Replicas are encrypted by the key of their own region, so that the loss of one region's KMS makes no
// data of the other unreadable.
package encryption

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/naming"
	"warmstandby/shared/region"
)

const (
	keyType = "warmstandby:encryption:Key"

	// The bounds of a key's waiting period (AWS KMS API, ScheduleKeyDeletion).
	minDeletionDays = 7
	maxDeletionDays = 30
)

// KeyArgs are the inputs of a key.
type KeyArgs struct {
	// Region is the key's region.
	Region region.Region
	// Purpose is the alias's purpose, such as data.
	Purpose string
	// Description is for operators: what the key encrypts.
	Description string
	// LogGroups are the names of the region's log groups that CloudWatch Logs may encrypt with the key.
	LogGroups []string
	// AlarmTopics allows CloudWatch and EventBridge to use the key for topics that the region's alarms and rules notify.
	AlarmTopics bool
	// Protection sets the longest waiting period before the key is deleted; without it the shortest.
	Protection bool
}

// Key is a customer managed key with its alias.
type Key struct {
	pulumi.ResourceState

	// ARN is the key's ARN.
	ARN pulumi.StringOutput
}

// NewKey builds a key that KMS rotates every year. IAM decides which principals of the account may use it. S3, RDS, Secrets
// Manager and AWS Backup use it on behalf of such a principal. CloudWatch uses it as itself, and is allowed to for the named
// log groups and for alarms alone.
func NewKey(ctx *pulumi.Context, name string, args KeyArgs, opts ...pulumi.ResourceOption) (*Key, error) {
	key := &Key{}
	if err := ctx.RegisterComponentResource(keyType, name, key, opts...); err != nil {
		return nil, fmt.Errorf("registering key %s: %w", name, err)
	}
	alias, err := args.Region.Named(naming.KMSAlias, args.Purpose)
	if err != nil {
		return nil, err
	}
	document, err := keyPolicy(args)
	if err != nil {
		return nil, fmt.Errorf("building key %s: %w", alias, err)
	}
	deletionDays := minDeletionDays
	if args.Protection {
		deletionDays = maxDeletionDays
	}
	logical := args.Purpose + "-" + string(args.Region.Role)
	made, err := kms.NewKey(ctx, logical, &kms.KeyArgs{
		Description:          pulumi.String(args.Description),
		EnableKeyRotation:    pulumi.Bool(true),
		DeletionWindowInDays: pulumi.Int(deletionDays),
		Policy:               pulumi.String(document),
	}, args.Region.Durable(key, args.Protection)...)
	if err != nil {
		return nil, fmt.Errorf("building key %s: %w", alias, err)
	}
	_, err = kms.NewAlias(ctx, logical, &kms.AliasArgs{Name: pulumi.String(alias), TargetKeyId: made.KeyId}, args.Region.Child(key)...)
	if err != nil {
		return nil, fmt.Errorf("building key alias %s: %w", alias, err)
	}
	key.ARN = made.Arn
	return key, ctx.RegisterResourceOutputs(key, pulumi.Map{"arn": key.ARN})
}
