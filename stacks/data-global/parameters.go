package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/components/database"
	"warmstandby/shared/components/parameters"
	"warmstandby/shared/settings"
)

// parameters are what the application reads at run time, by path: the same paths in both regions, and values of the region
// that reads them. The path of a feature switch begins with features/.
func (d data) parameters(config settings.Data) map[string]parameters.Value {
	primary, standby := d.records.Primary, d.records.Standby
	values := map[string]parameters.Value{
		"database/name":            parameters.Shared(pulumi.String(database.DatabaseName)),
		"database/writer-endpoint": parameters.Shared(d.records.WriterEndpoint),
		"database/port":            parameters.Shared(pulumi.Sprintf("%d", primary.Port)),
		// The region's own cluster: the endpoint by which the application sees whether its region has the writer, the readers, the port.
		"database/cluster-endpoint": {Primary: primary.Endpoint, Standby: standby.Endpoint},
		"database/reader-endpoint":  {Primary: primary.ReaderEndpoint, Standby: standby.ReaderEndpoint},
		"database/cluster-port":     {Primary: pulumi.Sprintf("%d", primary.Port), Standby: pulumi.Sprintf("%d", standby.Port)},
		// The other region's cluster: the writer's certificate may be issued to its name.
		"database/peer-cluster-endpoint": {Primary: standby.Endpoint, Standby: primary.Endpoint},
		"database/secret-name":           parameters.Shared(pulumi.String(d.master.Name)),
		"documents/bucket":               {Primary: d.stored.documents.Primary.Name, Standby: d.stored.documents.Standby.Name},
		"assets/bucket":                  {Primary: d.stored.assets.Primary.Name, Standby: d.stored.assets.Standby.Name},
		"events/bus":                     parameters.Shared(d.buses.Primary.Name),
		"auth/issuer":                    parameters.Shared(pulumi.String(config.Tokens.Issuer)),
		"auth/audience":                  parameters.Shared(pulumi.String(config.Tokens.Audience)),
		"auth/keys":                      parameters.Shared(pulumi.String(config.Tokens.KeySet)),
	}
	// A value that is the application's default has no parameter.
	if claim := config.Tokens.AudienceClaim; claim != settings.AudClaim {
		values["auth/audience-claim"] = parameters.Shared(pulumi.String(claim))
	}
	if prefix := config.Tokens.ScopePrefix; prefix != "" {
		values["auth/scope-prefix"] = parameters.Shared(pulumi.String(prefix))
	}
	if claim := config.Tokens.TenantClaim; claim != "" {
		values["auth/tenant-claim"] = parameters.Shared(pulumi.String(claim))
	}
	if tenant := config.Tokens.DefaultTenant; tenant != "" {
		values["auth/default-tenant"] = parameters.Shared(pulumi.String(tenant))
	}
	for name, on := range config.FeatureSwitches {
		values["features/"+name] = parameters.Switch(on)
	}
	return values
}
