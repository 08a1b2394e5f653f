package failover

import (
	"encoding/json"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/contract/controller"
	"warmstandby/shared/naming"
)

// restoreTestPurpose is the purpose in the name of the rule on restore tests.
const restoreTestPurpose = "restoretest"

// addRestoreTests builds the rule that has the controller validate what AWS Backup restored in a test, and notify the operators of a
// restore that failed (AWS Backup Developer Guide, "Restore testing validation"). AWS Backup puts its events on the default bus.
func (c *Controller) addRestoreTests(ctx *pulumi.Context, args Args, function *lambda.Function) error {
	standby := args.Regions.Standby
	name, err := standby.Named(naming.EventRule, restoreTestPurpose)
	if err != nil {
		return err
	}
	pattern, err := json.Marshal(restoreTestPattern(standby.ARN("backup", "restore-testing-plan:"+args.RestoreTestPlan+"-")))
	if err != nil {
		return fmt.Errorf("encoding the pattern of rule %s: %w", name, err)
	}
	rule, err := cloudwatch.NewEventRule(ctx, name, &cloudwatch.EventRuleArgs{
		Name: pulumi.String(name), EventPattern: pulumi.String(pattern),
		Description: pulumi.String("Has the failover controller validate what " + args.RestoreTestPlan + " restored"),
	}, standby.Child(c)...)
	if err != nil {
		return fmt.Errorf("building rule %s: %w", name, err)
	}
	permission, err := lambda.NewPermission(ctx, name, &lambda.PermissionArgs{
		StatementId: pulumi.String("TheRestoreTestsRuleInvokes"), Action: pulumi.String("lambda:InvokeFunction"),
		Function: function.Name, Principal: pulumi.String("events.amazonaws.com"), SourceArn: rule.Arn,
	}, standby.Child(c)...)
	if err != nil {
		return fmt.Errorf("building the permission of rule %s: %w", name, err)
	}
	_, err = cloudwatch.NewEventTarget(ctx, name, &cloudwatch.EventTargetArgs{
		Rule: rule.Name, TargetId: pulumi.String("controller"), Arn: function.Arn,
	}, standby.Child(c, pulumi.DependsOn([]pulumi.Resource{permission}))...)
	if err != nil {
		return fmt.Errorf("building the target of rule %s: %w", name, err)
	}
	return nil
}

// restoreTestPattern matches the ends of the restore jobs of one plan, whose ARN begins so: its last word is AWS's.
func restoreTestPattern(planARN string) map[string]any {
	return map[string]any{
		"source":      []string{controller.BackupSource},
		"detail-type": []string{controller.RestoreDetailType},
		"detail": map[string]any{
			"restoreTestingPlanArn": []map[string]string{{"prefix": planARN}},
			"status":                []string{"ABORTED", "COMPLETED", "FAILED"},
		},
	}
}
