package dns

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/route53"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// addZone builds the hosted zone, or looks up the existing one.
func (f *FailoverRecords) addZone(ctx *pulumi.Context, args Args) error {
	primary := args.Regions.Primary
	if args.HostedZoneID == "" {
		// ForceDestroy deletes records of other origin, such as those that validate a certificate, with the zone.
		zone, err := route53.NewZone(ctx, "zone", &route53.ZoneArgs{
			Name: pulumi.String(args.DomainName), ForceDestroy: pulumi.Bool(!args.Protection),
			Comment: pulumi.String("The names of the platform, " + primary.Name + " and " + args.Regions.Standby.Name),
		}, primary.Durable(f, args.Protection)...)
		if err != nil {
			return fmt.Errorf("building hosted zone %s: %w", args.DomainName, err)
		}
		f.ZoneID, f.NameServers = zone.ZoneId, zone.NameServers
		return nil
	}
	zone, err := route53.LookupZone(ctx, &route53.LookupZoneArgs{ZoneId: pulumi.StringRef(args.HostedZoneID)}, pulumi.Parent(f))
	if err != nil {
		return fmt.Errorf("looking up hosted zone %s: %w", args.HostedZoneID, err)
	}
	if zone.PrivateZone != nil && *zone.PrivateZone {
		return fmt.Errorf("looking up hosted zone %s: it is private, and users are outside of the VPCs: "+
			"set the id of a public zone as hostedZoneId", args.HostedZoneID)
	}
	apex := strings.TrimSuffix(zone.Name, ".")
	if args.DomainName != apex && !strings.HasSuffix(args.DomainName, "."+apex) {
		return fmt.Errorf("looking up hosted zone %s: it is of %s, which %s does not lie in: set another hostedZoneId or domainName",
			args.HostedZoneID, apex, args.DomainName)
	}
	f.ZoneID, f.NameServers = pulumi.String(args.HostedZoneID).ToStringOutput(), pulumi.ToStringArray(zone.NameServers).ToStringArrayOutput()
	return nil
}
