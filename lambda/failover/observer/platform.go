package main

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"

	"warmstandby/lambda/failover/awsclient"
	"warmstandby/shared/contract/controller"
	"warmstandby/shared/naming"
)

// open reads the failover controller's configuration in the standby region, and the AWS settings.
func open(ctx context.Context, environment, region string) (controller.Config, aws.Config, error) {
	namer, err := naming.New(environment)
	if err != nil {
		return controller.Config{}, aws.Config{}, fmt.Errorf("--env: %w", err)
	}
	path, err := namer.Path(controller.ConfigParameterPath()...)
	if err != nil {
		return controller.Config{}, aws.Config{}, err
	}
	account, err := awsclient.Open(ctx, region)
	if err != nil {
		return controller.Config{}, aws.Config{}, err
	}
	deployed, err := account.Configuration(ctx, path)
	if err != nil {
		return controller.Config{}, aws.Config{}, fmt.Errorf("%w: environment %s is not reached in %s: %w", errUnknown, environment, region, err)
	}
	settings, err := config.LoadDefaultConfig(ctx, config.WithRegion(region))
	if err != nil {
		return controller.Config{}, aws.Config{}, fmt.Errorf("loading AWS settings for %s: %w", region, err)
	}
	return deployed, settings, nil
}

// in returns the settings for a region.
func in(settings aws.Config, region string) aws.Config {
	settings = settings.Copy()
	settings.Region = region
	return settings
}
