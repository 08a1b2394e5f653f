// Package failover builds what the failover controller runs on, in the standby region: its function and schedules, its table,
// its parameters, its permissions, and the heartbeat from the primary region.
package failover

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/components/encryption"
	"warmstandby/shared/contract/controller"
	"warmstandby/shared/naming"
	"warmstandby/shared/region"
)

const (
	controllerType = "warmstandby:failover:Controller"

	// purpose is the controller's in names of resources.
	purpose = "failover"
)

// Controller is the failover controller.
type Controller struct {
	pulumi.ResourceState
	Names
}

// Names are the names of the controller's resources.
type Names struct {
	// Function and Table are in the standby region. The table has the controller's state.
	Function, Table string
	// ConfigParameter and ModeParameter are paths in Parameter Store of both regions: of the controller's configuration, and of
	// its mode.
	ConfigParameter, ModeParameter string
}

// NewNames returns the names. Monitoring is built before the controller and takes the function's name from here.
func NewNames(regions region.Pair) (Names, error) {
	function, functionErr := regions.Standby.Named(naming.Function, purpose)
	table, tableErr := regions.Standby.Named(naming.Table, purpose)
	configuration, configErr := regions.Path(controller.ConfigParameterPath()...)
	mode, modeErr := regions.Path(controller.ModeParameterPath()...)
	return Names{function, table, configuration, mode}, errors.Join(functionErr, tableErr, configErr, modeErr)
}

// New builds the controller in the standby region. In the primary region it builds the schedule that sends the heartbeat, and
// copies of the parameters, which operators read when the standby is lost.
func New(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*Controller, error) {
	built := &Controller{}
	if err := ctx.RegisterComponentResource(controllerType, name, built, opts...); err != nil {
		return nil, fmt.Errorf("registering failover controller %s: %w", name, err)
	}
	var err error
	if built.Names, err = NewNames(args.Regions); err != nil {
		return nil, err
	}
	standby := args.Regions.Standby
	key, err := encryption.NewKey(ctx, name+"-"+string(standby.Role), encryption.KeyArgs{
		Region: standby, Purpose: purpose, Description: "The failover controller's state and log",
		LogGroups: []string{logGroupName(built.Function)}, Protection: args.Protection,
	}, pulumi.Parent(built))
	if err != nil {
		return nil, err
	}
	table, err := built.newTable(ctx, args, key)
	if err != nil {
		return nil, err
	}
	parameters, err := built.newParameters(ctx, args)
	if err != nil {
		return nil, err
	}
	// The first run follows at once. By then the controller has its configuration and its table.
	function, err := built.newFunction(ctx, args, key, pulumi.DependsOn(append(parameters, table)))
	if err != nil {
		return nil, err
	}
	if err := built.addSchedules(ctx, args, function); err != nil {
		return nil, err
	}
	if err := built.addHeartbeat(ctx, args, function); err != nil {
		return nil, err
	}
	if err := built.addRestoreTests(ctx, args, function); err != nil {
		return nil, err
	}
	return built, ctx.RegisterResourceOutputs(built, pulumi.Map{
		"function": pulumi.String(built.Function), "table": pulumi.String(built.Table),
	})
}
