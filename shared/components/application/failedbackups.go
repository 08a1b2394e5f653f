package application

import (
	"encoding/json"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/naming"
	"warmstandby/shared/region"
)

const (
	failedBackupsType = "warmstandby:application:FailedBackups"

	// failedBackups is the purpose in the rule's name.
	failedBackups = "backup-failed"
)

type failedBackupsArgs struct {
	region region.Region
	vault  string
	topic  *alarmTopic
}

// failedBackupsRule notifies the operators of each backup and copy of the region's vault that did not succeed.
type failedBackupsRule struct {
	pulumi.ResourceState
}

// newFailedBackups builds the rule on the default bus, where AWS Backup puts its events, by best effort (AWS Backup Developer Guide,
// "Monitoring AWS Backup events using Amazon EventBridge"). A job that is not even started has no event: for that there are alarms.
func newFailedBackups(
	ctx *pulumi.Context, name string, args failedBackupsArgs, opts ...pulumi.ResourceOption,
) (*failedBackupsRule, error) {
	built := &failedBackupsRule{}
	if err := ctx.RegisterComponentResource(failedBackupsType, name, built, opts...); err != nil {
		return nil, fmt.Errorf("registering rule %s: %w", name, err)
	}
	physical, err := args.region.Named(naming.EventRule, failedBackups)
	if err != nil {
		return nil, err
	}
	pattern, err := failedJobs(args.region.ARN("backup", "backup-vault:"+args.vault))
	if err != nil {
		return nil, err
	}
	rule, err := cloudwatch.NewEventRule(ctx, physical, &cloudwatch.EventRuleArgs{
		Name: pulumi.String(physical), EventPattern: pulumi.String(pattern),
		Description: pulumi.String("Notifies the operators of failed and expired backups of " + args.vault),
	}, args.region.Child(built)...)
	if err != nil {
		return nil, fmt.Errorf("building rule %s: %w", physical, err)
	}
	_, err = cloudwatch.NewEventTarget(ctx, physical, &cloudwatch.EventTargetArgs{
		Rule: rule.Name, TargetId: pulumi.String("operators"), Arn: args.topic.arn,
	}, args.region.Child(built, pulumi.DependsOn([]pulumi.Resource{args.topic.policy}))...)
	if err != nil {
		return nil, fmt.Errorf("building the target of rule %s: %w", physical, err)
	}
	return built, ctx.RegisterResourceOutputs(built, pulumi.Map{})
}

// failedJobs matches the events of jobs that ended without success, of one vault alone: another environment's are its own operators'.
// Backup jobs name their vault, copy jobs the one that they copy from (AWS Backup Developer Guide,
// "Monitoring AWS Backup events using Amazon EventBridge").
func failedJobs(vaultARN string) (string, error) {
	vault := []string{vaultARN}
	text, err := json.Marshal(map[string]any{
		"source":      []string{"aws.backup"},
		"detail-type": []string{"Backup Job State Change", "Copy Job State Change"},
		"detail": map[string]any{
			"state": []string{"ABORTED", "EXPIRED", "FAILED", "PARTIAL"},
			"$or":   []map[string][]string{{"backupVaultArn": vault}, {"sourceBackupVaultArn": vault}},
		},
	})
	if err != nil {
		return "", fmt.Errorf("encoding the pattern of the failed jobs of %s: %w", vaultARN, err)
	}
	return string(text), nil
}
