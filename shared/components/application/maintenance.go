package application

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/components/internal/schedule"
	"warmstandby/shared/region"
)

const (
	maintenanceType = "warmstandby:application:Maintenance"

	// maintainEvent is the event that starts the function's maintenance.
	maintainEvent = `{"task":"maintain"}`

	// scheduleRetries are made within the minute. After it the next event comes.
	scheduleRetries = 3
)

type maintenanceArgs struct {
	region      region.Region
	function    *function
	deadLetters *deadLetterQueue
	keyARN      pulumi.StringOutput
}

// maintenance is the schedule of the function's maintenance: it migrates the schema, publishes the outbox and removes expired
// rows.
type maintenance struct {
	pulumi.ResourceState
}

func newMaintenance(ctx *pulumi.Context, name string, args maintenanceArgs, opts ...pulumi.ResourceOption) (*maintenance, error) {
	built := &maintenance{}
	if err := ctx.RegisterComponentResource(maintenanceType, name, built, opts...); err != nil {
		return nil, fmt.Errorf("registering maintenance %s: %w", name, err)
	}
	err := schedule.New(ctx, built, schedule.Args{
		Region: args.region, Purpose: "maintain", Rate: schedule.EveryMinute, Retries: scheduleRetries,
		Description:     "Migrates the schema, publishes what is left in the outbox, removes what is out of date",
		Target:          schedule.Function(args.function.arn, maintainEvent),
		DeadLetterQueue: &schedule.Queue{ARN: args.deadLetters.arn, KeyARN: args.keyARN},
	}, pulumi.DependsOn([]pulumi.Resource{args.deadLetters.policy}))
	if err != nil {
		return nil, err
	}
	return built, ctx.RegisterResourceOutputs(built, pulumi.Map{})
}
