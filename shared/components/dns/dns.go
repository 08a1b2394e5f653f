// Package dns builds the names by which users reach the platform: one that Route 53 answers with the region that is healthy,
// and one a region beside it, which reaches that region whatever its health is.
//
// All of it is made beforehand and never edited in a failover: Route 53's control plane is in us-east-1 and may be lost with
// it, its answers and its health checks are not (AWS Fault Isolation Boundaries, "Route 53").
package dns

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/region"
)

const failoverType = "warmstandby:dns:Failover"

// Args says which names there are, and what they lead to.
type Args struct {
	Regions region.Pair
	// DomainName is the name that fails over. Each region's own is {region}.{DomainName}.
	DomainName string
	// HostedZoneID names an existing public zone that DomainName lies in. Empty, a zone called DomainName is made.
	HostedZoneID     string
	Primary, Standby Balancer
	// Protection keeps a zone that holds records of other origin from being destroyed.
	Protection bool
}

// Balancer is a region's load balancer.
type Balancer struct {
	// DNSName and ZoneID are what an alias record leads to.
	DNSName, ZoneID string
	// Scheme is http or https, Port what the load balancer listens on.
	Scheme string
	Port   int
}

// Failover is the names and what decides between them.
type Failover struct {
	pulumi.ResourceState

	// ZoneID is the hosted zone's, NameServers are those that the parent zone must delegate to.
	ZoneID      pulumi.StringOutput
	NameServers pulumi.StringArrayOutput
	// PrimaryCheckID and StandbyCheckID are the health checks'.
	PrimaryCheckID, StandbyCheckID pulumi.IDOutput
	// GlobalURL follows the health checks, PrimaryURL and StandbyURL each reach one region. They have no path and no slash
	// at the end.
	GlobalURL, PrimaryURL, StandbyURL string
	// GlobalName, PrimaryName and StandbyName are the names of those records in the zone, whose name servers can be asked for them.
	GlobalName, PrimaryName, StandbyName string
}

// NewFailover builds the names. The primary's check asks whether it accepts writes, the standby's whether it can serve
// reads: after a failover the primary, which is no longer the writer, stays out of rotation until an operator fails back.
func NewFailover(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*Failover, error) {
	built := &Failover{}
	if err := ctx.RegisterComponentResource(failoverType, name, built, args.Regions.Primary.Component(opts...)...); err != nil {
		return nil, fmt.Errorf("registering failover of %s: %w", args.DomainName, err)
	}
	primary := endpoint{args.Regions.Primary, args.Primary, args.DomainName, "PRIMARY", writesPath}
	standby := endpoint{args.Regions.Standby, args.Standby, args.DomainName, "SECONDARY", readsPath}
	if err := built.addZone(ctx, args); err != nil {
		return nil, err
	}
	for _, row := range [...]struct {
		end   endpoint
		check *pulumi.IDOutput
	}{{primary, &built.PrimaryCheckID}, {standby, &built.StandbyCheckID}} {
		check, err := row.end.addCheck(ctx, built)
		if err != nil {
			return nil, err
		}
		if err := row.end.addRecords(ctx, built, check); err != nil {
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

// url is that of a host behind the load balancer, with the port where it is not the scheme's own.
func (b Balancer) url(host string) string {
	if b.Port == map[string]int{"http": 80, "https": 443}[b.Scheme] {
		return b.Scheme + "://" + host
	}
	return fmt.Sprintf("%s://%s:%d", b.Scheme, host, b.Port)
}
