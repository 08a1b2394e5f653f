// Package dns builds the names by which users reach the platform: a global name that Route 53 answers with the healthy region,
// and a name for each region, which reaches that region whatever its health is.
//
// A failover changes none of these resources. Route 53's control plane is in us-east-1 and may be lost with it, its DNS servers
// and its health checks are not (AWS Fault Isolation Boundaries, "Route 53").
package dns

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/region"
)

const failoverRecordsType = "warmstandby:dns:Failover"

// Args are the inputs of the failover records.
type Args struct {
	Regions region.Pair
	// DomainName is the global name. Each region's own is {region}.{DomainName}.
	DomainName string
	// HostedZoneID is that of an existing public zone that contains DomainName. Empty, a zone called DomainName is built.
	HostedZoneID     string
	Primary, Standby Balancer
	// Protection keeps a zone with records of other origin from being destroyed.
	Protection bool
}

// Balancer is a region's load balancer.
type Balancer struct {
	// DNSName and ZoneID are the target of an alias record.
	DNSName, ZoneID string
	// Scheme is http or https, Port the load balancer's port.
	Scheme string
	Port   int
}

// FailoverRecords is the records of the global name and of the regions' names, with the health checks that decide between them.
type FailoverRecords struct {
	pulumi.ResourceState

	// ZoneID is the hosted zone's. The parent zone must delegate to NameServers.
	ZoneID      pulumi.StringOutput
	NameServers pulumi.StringArrayOutput
	// PrimaryCheckID and StandbyCheckID are the health checks'.
	PrimaryCheckID, StandbyCheckID pulumi.IDOutput
	// GlobalURL follows the health checks, PrimaryURL and StandbyURL each reach one region. They have neither a path nor a slash
	// at the end.
	GlobalURL, PrimaryURL, StandbyURL string
	// GlobalName, PrimaryName and StandbyName are the names of those records in the zone, whose name servers can be asked for them.
	GlobalName, PrimaryName, StandbyName string
}

// NewFailoverRecords builds the records. The primary's check asks whether it accepts writes, the standby's whether it serves
// reads. After a failover the primary, which is no longer the writer, is out of rotation until an operator fails back.
func NewFailoverRecords(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*FailoverRecords, error) {
	built := &FailoverRecords{}
	if err := ctx.RegisterComponentResource(failoverRecordsType, name, built, args.Regions.Primary.Component(opts...)...); err != nil {
		return nil, fmt.Errorf("registering failover records of %s: %w", args.DomainName, err)
	}
	primary := endpoint{args.Regions.Primary, args.Primary, args.DomainName, "PRIMARY", writesPath}
	standby := endpoint{args.Regions.Standby, args.Standby, args.DomainName, "SECONDARY", readsPath}
	if err := built.addZone(ctx, args); err != nil {
		return nil, err
	}
	for _, row := range [...]struct {
		endpoint endpoint
		check    *pulumi.IDOutput
	}{{primary, &built.PrimaryCheckID}, {standby, &built.StandbyCheckID}} {
		check, err := row.endpoint.addCheck(ctx, built)
		if err != nil {
			return nil, err
		}
		if err := row.endpoint.addRecords(ctx, built, check); err != nil {
			return nil, err
		}
		*row.check = check
	}
	built.GlobalURL = args.Primary.url(args.DomainName)
	built.PrimaryURL, built.StandbyURL = primary.url(), standby.url()
	built.GlobalName, built.PrimaryName, built.StandbyName = args.DomainName, primary.name(), standby.name()
	return built, ctx.RegisterResourceOutputs(built, pulumi.Map{
		"zoneId": built.ZoneID, "primaryCheckId": built.PrimaryCheckID, "standbyCheckId": built.StandbyCheckID,
	})
}

// url returns the URL of a host behind the load balancer, with the port unless it is the scheme's default.
func (b Balancer) url(host string) string {
	if b.Port == map[string]int{"http": 80, "https": 443}[b.Scheme] {
		return b.Scheme + "://" + host
	}
	return fmt.Sprintf("%s://%s:%d", b.Scheme, host, b.Port)
}
