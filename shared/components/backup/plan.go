package backup

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/backup"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/naming"
	"warmstandby/shared/region"
)

const (
	// daily is 05:00 UTC, which is night in both regions.
	daily = "cron(0 5 * * ? *)"
	// startMinutes is the shortest start window that AWS Backup takes (AWS Backup API, BackupRuleInput, StartWindowMinutes).
	startMinutes = 60
	// completionMinutes is a day: a slower backup would overlap the next one.
	completionMinutes = 24 * 60
)

// regionPlan is what the plan of one region is made from.
type regionPlan struct {
	region        region.Region
	local, peer   RegionArgs
	vault         *backup.Vault // the local one
	peerVault     *backup.Vault
	environment   string
	retentionDays int
}

// addPlan backs up a region's resources to the local vault, daily, and copies each backup to the peer's.
func (c *VaultPair) addPlan(ctx *pulumi.Context, args regionPlan) error {
	name, err := args.region.Named(naming.BackupPlan, "")
	if err != nil {
		return err
	}
	retention := pulumi.Int(args.retentionDays)
	plan, err := backup.NewPlan(ctx, name, &backup.PlanArgs{
		Name: pulumi.String(name),
		// Copies are made after the backup, within hours, and are no part of the RPO: see the package's comment.
		Rules: backup.PlanRuleArray{backup.PlanRuleArgs{
			RuleName:         pulumi.String("daily"),
			TargetVaultName:  args.vault.Name,
			Schedule:         pulumi.String(daily),
			StartWindow:      pulumi.Int(startMinutes),
			CompletionWindow: pulumi.Int(completionMinutes),
			Lifecycle:        backup.PlanRuleLifecycleArgs{DeleteAfter: retention},
			CopyActions: backup.PlanRuleCopyActionArray{backup.PlanRuleCopyActionArgs{
				DestinationVaultArn: args.peerVault.Arn,
				Lifecycle:           backup.PlanRuleCopyActionLifecycleArgs{DeleteAfter: retention},
			}},
		}},
	}, args.region.Child(c)...)
	if err != nil {
		return fmt.Errorf("building plan %s: %w", name, err)
	}
	backupRole, granted, err := c.newRole(ctx, args)
	if err != nil {
		return err
	}
	return c.addSelection(ctx, args, plan, backupRole.Arn, granted)
}

// addSelection assigns to the plan the region's own resources: those of the list that also carry the tags of [selected].
//
// A resource must meet all Conditions, and only one of a ListOfTags; so a list of tags, Backup=true among them, would take the
// resources of every environment of the account (AWS Backup API, BackupSelection, "Conditions differs from ListOfTags"). The list
// of ARNs names types of resources, which AWS Backup filters first, and tags after that; for a type that is named the account's
// opt-in is not asked, except for Aurora (AWS Backup Developer Guide, "Select AWS services to backup").
//
// A selection cannot be changed, and its name is the plan's once: a new one is created after the old one was deleted.
func (c *VaultPair) addSelection(
	ctx *pulumi.Context, args regionPlan, plan *backup.Plan, roleARN pulumi.StringOutput, granted pulumi.Resource,
) error {
	name, err := args.region.Named(naming.BackupSelection, "")
	if err != nil {
		return err
	}
	var conditions backup.SelectionConditionStringEqualArray
	for _, tag := range selected(args.environment) {
		conditions = append(conditions, backup.SelectionConditionStringEqualArgs{
			Key: pulumi.String("aws:ResourceTag/" + tag.key), Value: pulumi.String(tag.value),
		})
	}
	_, err = backup.NewSelection(ctx, name, &backup.SelectionArgs{
		Name: pulumi.String(name), PlanId: plan.ID(), IamRoleArn: roleARN,
		Resources:  args.local.resources(),
		Conditions: backup.SelectionConditionArray{backup.SelectionConditionArgs{StringEquals: conditions}},
	}, args.region.Child(c, pulumi.DependsOn([]pulumi.Resource{granted}), pulumi.DeleteBeforeReplace(true))...)
	if err != nil {
		return fmt.Errorf("building selection %s: %w", name, err)
	}
	return nil
}

// tag is a tag of a resource.
type tag struct{ key, value string }

// selected returns the tags that a resource must carry to be backed up: that it is wanted, and whose it is.
func selected(environment string) []tag {
	return []tag{{naming.TagBackup, naming.BackupWanted}, {naming.TagEnvironment, environment}}
}

// resources returns the ARNs of all that is backed up in the region.
func (r RegionArgs) resources() pulumi.StringArray {
	return append(pulumi.StringArray{r.ClusterARN}, r.BucketARNs...)
}
