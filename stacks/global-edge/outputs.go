package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/components/dns"
	"warmstandby/shared/components/failover"
	"warmstandby/shared/components/monitoring"
	"warmstandby/shared/contract"
	"warmstandby/shared/settings"
)

// binaries is the folder with the failover controller as it is deployed, a folder for each machine, seen from this one.
const binaries = "../../.state/make/failover"

// controllerCode is the controller for its machine, as a zip file: of a folder Pulumi would make one in which nothing is
// executable (pulumi/pulumi, issue 3593).
func controllerCode(binaries string, config settings.Edge) (pulumi.Archive, error) {
	file := filepath.Join(binaries, config.System+"-"+config.Architecture, "bootstrap.zip")
	if _, err := os.Stat(file); err != nil {
		return nil, fmt.Errorf("finding the failover controller: %w: run `make controller ARCHITECTURE=%s`", err, config.Architecture)
	}
	return pulumi.NewFileArchive(file), nil
}

// outputs are the stack's contract.
func outputs(
	config settings.Edge, records *dns.FailoverRecords, controller *failover.Controller, monitored *monitoring.Monitoring,
) contract.GlobalEdge {
	text := func(value string) contract.Value[string] { return contract.String(pulumi.String(value)) }
	return contract.GlobalEdge{
		GlobalURL:              text(records.GlobalURL),
		PrimaryURL:             text(records.PrimaryURL),
		StandbyURL:             text(records.StandbyURL),
		DomainName:             text(config.DomainName),
		HostedZoneID:           contract.String(records.ZoneID),
		NameServers:            contract.Strings(records.NameServers),
		PrimaryHealthCheckID:   contract.ID(records.PrimaryCheckID),
		StandbyHealthCheckID:   contract.ID(records.StandbyCheckID),
		PrimaryDashboardName:   text(monitored.PrimaryDashboard),
		StandbyDashboardName:   text(monitored.StandbyDashboard),
		PrimaryDashboardURL:    text(monitored.PrimaryURL),
		StandbyDashboardURL:    text(monitored.StandbyURL),
		ControllerFunctionName: text(controller.Function),
		ControllerTableName:    text(controller.Table),
		ConfigParameter:        text(controller.ConfigParameter),
		ModeParameter:          text(controller.ModeParameter),
	}
}
