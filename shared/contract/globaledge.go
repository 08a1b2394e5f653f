package contract

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// GlobalEdgeProject is the project of DNS, monitoring and the failover controller.
const GlobalEdgeProject = "global-edge"

// GlobalEdge holds the outputs of global-edge. It is the last layer, so that no stack reads them: operators, tests and drills do.
type GlobalEdge struct {
	// GlobalURL follows the health checks; PrimaryURL and StandbyURL each reach one region. They have no path.
	GlobalURL  Value[string] `key:"globalUrl"`
	PrimaryURL Value[string] `key:"primaryUrl"`
	StandbyURL Value[string] `key:"standbyUrl"`
	// DomainName is the name that fails over, HostedZoneID its zone, and NameServers are the zone's: its parent zone must
	// delegate to them.
	DomainName   Value[string]   `key:"domainName"`
	HostedZoneID Value[string]   `key:"hostedZoneId"`
	NameServers  Value[[]string] `key:"nameServers"`
	// The health checks by which Route 53 decides.
	PrimaryHealthCheckID Value[string] `key:"primaryHealthCheckId"`
	StandbyHealthCheckID Value[string] `key:"standbyHealthCheckId"`
	// The regions' dashboards, which have the same widgets: their names, and their URLs in the console.
	PrimaryDashboardName Value[string] `key:"primaryDashboardName"`
	StandbyDashboardName Value[string] `key:"standbyDashboardName"`
	PrimaryDashboardURL  Value[string] `key:"primaryDashboardUrl"`
	StandbyDashboardURL  Value[string] `key:"standbyDashboardUrl"`
	// ControllerFunctionName and ControllerTableName are the failover controller's, in the standby region.
	ControllerFunctionName Value[string] `key:"controllerFunctionName"`
	ControllerTableName    Value[string] `key:"controllerTableName"`
	// ConfigParameter and ModeParameter are paths in both regions: the controller's configuration, and whether it may move the
	// writer by itself.
	ConfigParameter Value[string] `key:"configParameter"`
	ModeParameter   Value[string] `key:"modeParameter"`
}

// Export publishes the contract from global-edge. It fails when a field was not set.
func (g GlobalEdge) Export(ctx *pulumi.Context) error { return export(ctx, &g) }
