// Package failover builds the failover controller: the function that watches over both regions from the standby region, what
// it remembers, what it may touch, and the heartbeat that it listens to.
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

	// purpose is the controller's word in names.
	purpose = "failover"
)

// Controller is the failover controller.
type Controller struct {
	pulumi.ResourceState
	Names
}

// Names are what the controller's parts are called.
type Names struct {
	// Function and Table are of the standby region; the table has the controller's state.
	Function, Table string
	// ConfigParameter and ModeParameter are paths in Parameter Store of both regions: the controller's configuration, and
	// whether it may move the writer by itself.
	ConfigParameter, ModeParameter string
}

// NewNames returns the names beforehand, for what is to watch the controller.
func NewNames(regions region.Pair) (Names, error) {
	function, functionErr := regions.Standby.Named(naming.Function, purpose)
	table, tableErr := regions.Standby.Named(naming.Table, purpose)
	configuration, configErr := regions.Path(controller.ConfigParameterPath()...)
	mode, modeErr := regions.Path(controller.ModeParameterPath()...)
	return Names{function, table, configuration, mode}, errors.Join(functionErr, tableErr, configErr, modeErr)
}

// New builds the controller in the standby region. Of the primary region it has the schedule that sends the heartbeat, and
// copies of its parameters, which operators read when the standby is lost.
func New(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*Controller, error) {
	built := &Controller{}
	if err := ctx.RegisterComponentResource(controllerType, name, built, opts...); err != nil {
		return nil, fmt.Errorf("registering failover controller %s: %w", name, err)
	}
	var err error
	if built.Names, err = NewNames(args.Regions); err != nil {
		return nil, err
	}
	home := args.Regions.Standby
	key, err := encryption.NewKey(ctx, name+"-"+string(home.Role), encryption.KeyArgs{
		Region: home, Purpose: purpose, Description: "The failover controller's state and log",
		LogGroups: []string{logGroupOf(built.Function)}, Protection: args.Protection,
	}, pulumi.Parent(built))
	if err != nil {
		return nil, err
	}
	table, err := built.newTable(ctx, args, key)
	if err != nil {
		return nil, err
	}
	written, err := built.newParameters(ctx, args)
	if err != nil {
		return nil, err
	}
	// The first watch comes at once: by then the controller has its configuration and a table to keep its state in.
	function, err := built.newFunction(ctx, args, key, pulumi.DependsOn(append(written, table)))
	if err != nil {
		return nil, err
	}
	if err := built.newWatches(ctx, args, function); err != nil {
		return nil, err
	}
	if err := built.newHeartbeat(ctx, args, function); err != nil {
		return nil, err
	}
	return built, ctx.RegisterResourceOutputs(built, pulumi.Map{
		"function": pulumi.String(built.Function), "table": pulumi.String(built.Table),
	})
}
