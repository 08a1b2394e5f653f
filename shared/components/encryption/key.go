// Package encryption builds the customer managed keys that a region's data is encrypted with.
//
// A key stays in its region: what is replicated is encrypted again there by that region's own, so that the loss of one
// region's KMS takes no data of the other with it.
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

// KeyArgs says what a key is for.
type KeyArgs struct {
	// Region is where the key is.
	Region region.Region
	// Purpose is the word for it in the alias, such as data.
	Purpose string
	// Description says for an operator what it encrypts.
	Description string
	// LogGroups are the names of the log groups of the region that CloudWatch Logs may encrypt with it.
	LogGroups []string
	// AlarmTopics lets CloudWatch use it when an alarm of the region is published to a topic that it encrypts.
	AlarmTopics bool
	// Protection gives an operator the longest time to undo the key's deletion; without it the shortest.
	Protection bool
}

// Key is a customer managed key with its alias.
type Key struct {
	pulumi.ResourceState

	// ARN is what resources of its region name it by, and those that copy to its region.
	ARN pulumi.StringOutput
}

// NewKey builds a key that KMS rotates every year. Whether a principal of the account may use it is for IAM to say. S3, RDS,
// Secrets Manager and AWS Backup use it for such a principal; CloudWatch does so in its own name, and is admitted for the
// named log groups and for alarms alone.
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
