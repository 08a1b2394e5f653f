package failover

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/lambda/failover/config"
	"warmstandby/shared/components/internal/schedule"
)

// newWatches sends the controller to its tasks.
func (c *Controller) newWatches(ctx *pulumi.Context, args Args, function *lambda.Function) error {
	for _, row := range [...]struct {
		task              config.Task
		rate, description string
	}{
		{config.Watch, schedule.EveryMinute, "Starts the watch over both regions"},
		{config.Validate, schedule.EveryHour, "Starts the proof that the standby could take over"},
	} {
		order, err := row.task.JSON()
		if err != nil {
			return err
		}
		if err := schedule.New(ctx, c, schedule.Args{
			Region: args.Regions.Standby, Purpose: string(row.task), Description: row.description, Rate: row.rate,
			Target: schedule.Function(function.Arn, order),
		}); err != nil {
			return err
		}
	}
	return nil
}
