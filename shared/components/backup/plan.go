package backup

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/backup"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/components/internal/role"
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

// managedPolicies are AWS's own. What a backup of each service needs changes with the service, and AWS keeps them up to date
// (AWS Backup Developer Guide, "Managed policies for AWS Backup"). Operators restore by a role of their own.
var managedPolicies = [...]struct{ logical, path string }{
	{"backup", "service-role/AWSBackupServiceRolePolicyForBackup"},
	{"s3-backup", "AWSBackupServiceRolePolicyForS3Backup"},
}

// addPlan backs up a region's tagged resources to the local vault, daily, and copies each backup to the peer's.
func (c *VaultPair) addPlan(ctx *pulumi.Context, in region.Region, local, peer *backup.Vault, retentionDays int) error {
	name, err := in.Named(naming.BackupPlan, "")
	if err != nil {
		return err
	}
	retention := pulumi.Int(retentionDays)
	plan, err := backup.NewPlan(ctx, name, &backup.PlanArgs{
		Name: pulumi.String(name),
		// Copies are made after the backup, within hours, and are no part of the RPO: see the package's comment.
		Rules: backup.PlanRuleArray{backup.PlanRuleArgs{
			RuleName:         pulumi.String("daily"),
			TargetVaultName:  local.Name,
			Schedule:         pulumi.String(daily),
			StartWindow:      pulumi.Int(startMinutes),
			CompletionWindow: pulumi.Int(completionMinutes),
			Lifecycle:        backup.PlanRuleLifecycleArgs{DeleteAfter: retention},
			CopyActions: backup.PlanRuleCopyActionArray{backup.PlanRuleCopyActionArgs{
				DestinationVaultArn: peer.Arn,
				Lifecycle:           backup.PlanRuleCopyActionLifecycleArgs{DeleteAfter: retention},
			}},
		}},
	}, in.Child(c)...)
	if err != nil {
		return fmt.Errorf("building plan %s: %w", name, err)
	}
	backupRole, attachments, err := c.newRole(ctx, in)
	if err != nil {
		return err
	}
	selection, err := in.Named(naming.BackupSelection, "")
	if err != nil {
		return err
	}
	_, err = backup.NewSelection(ctx, selection, &backup.SelectionArgs{
		Name: pulumi.String(selection), PlanId: plan.ID(), IamRoleArn: backupRole.Arn,
		SelectionTags: backup.SelectionSelectionTagArray{backup.SelectionSelectionTagArgs{
			Type:  pulumi.String("STRINGEQUALS"),
			Key:   pulumi.String(naming.TagBackup),
			Value: pulumi.String(naming.BackupWanted),
		}},
	}, in.Child(c, pulumi.DependsOn(attachments))...)
	if err != nil {
		return fmt.Errorf("building selection %s: %w", selection, err)
	}
	return nil
}

// newRole builds the role by which AWS Backup reads and copies in one region, and returns it with its policy attachments.
func (c *VaultPair) newRole(ctx *pulumi.Context, in region.Region) (*iam.Role, []pulumi.Resource, error) {
	// The trust policy is AWS's, without a condition on the source: AWS Backup's documentation promises none of the condition
	// keys in this call, and no other account can pass this role (AWS Backup Developer Guide, "IAM service roles").
	made, err := role.New(ctx, c, role.Args{
		Region: in, Purpose: "backup",
		Description: "Backs up the " + string(in.Role) + " region and copies its backups",
		Service:     "backup.amazonaws.com", Sid: "AllowBackup",
	})
	if err != nil {
		return nil, nil, err
	}
	var attachments []pulumi.Resource
	for _, managed := range managedPolicies {
		logical := managed.logical + "-" + string(in.Role)
		attachment, err := iam.NewRolePolicyAttachment(ctx, logical, &iam.RolePolicyAttachmentArgs{
			Role:      made.Name,
			PolicyArn: pulumi.String("arn:" + in.Partition + ":iam::aws:policy/" + managed.path),
		}, in.Child(c)...)
		if err != nil {
			return nil, nil, fmt.Errorf("attaching %s to the role of %s: %w", managed.path, in.Name, err)
		}
		attachments = append(attachments, attachment)
	}
	return made, attachments, nil
}
