package failover

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/components/internal/schedule"
	"warmstandby/shared/contract/controller"
)

// addSchedules builds the schedules of the controller's tasks.
func (c *Controller) addSchedules(ctx *pulumi.Context, args Args, function *lambda.Function) error {
	for _, row := range [...]struct {
		task              controller.Task
		rate, description string
	}{
		{controller.TaskWatch, schedule.EveryMinute, "Starts the watch over both regions"},
		{controller.TaskValidate, schedule.EveryHour, "Starts the proof that the standby could take over"},
	} {
		event, err := row.task.JSON()
		if err != nil {
			return err
		}
		if err := schedule.New(ctx, c, schedule.Args{
			Region: args.Regions.Standby, Purpose: string(row.task), Description: row.description, Rate: row.rate,
			Target: schedule.Function(function.Arn, event),
		}); err != nil {
			return err
		}
	}
	return nil
}
