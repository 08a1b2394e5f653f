package dns

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/naming"
	"warmstandby/test/support/pulumitest"
	"warmstandby/test/support/regiontest"
)

const (
	zoneToken   = "aws:route53/zone:Zone"
	checkToken  = "aws:route53/healthCheck:HealthCheck"
	recordToken = "aws:route53/record:Record"
	lookupToken = "aws:route53/getZone:getZone"

	domain = "app.example.org"
)

// testRegion is one region as the tests expect it.
type testRegion struct{ role, region, balancer, zone, routing, path string }

var testRegions = [...]testRegion{
	{"primary", "us-east-1", "alb-east.example", "ZEAST", "PRIMARY", "/readyz"},
	{"secondary", "us-west-2", "alb-west.example", "ZWEST", "SECONDARY", "/healthz"},
}

// buildErr builds the records with the arguments that change changes.
func buildErr(t *testing.T, change func(*Args), opts ...pulumitest.Option) (*pulumitest.Recording, *FailoverRecords, error) {
	t.Helper()
	var built *FailoverRecords
	recording, err := pulumitest.RunErr(t, "project", "dev", nil, func(ctx *pulumi.Context) error {
		pair, err := regiontest.Pair(ctx)
		if err != nil {
			return err
		}
		balancer := func(r testRegion) Balancer {
			return Balancer{DNSName: r.balancer, ZoneID: r.zone, Scheme: "https", Port: 443}
		}
		args := Args{Regions: pair, DomainName: domain, Primary: balancer(testRegions[0]), Standby: balancer(testRegions[1])}
		change(&args)
		if built, err = NewFailoverRecords(ctx, "names", args); err != nil {
			return err
		}
		ctx.Export("zoneId", built.ZoneID)
		ctx.Export("nameServers", built.NameServers)
		ctx.Export("primaryCheckId", built.PrimaryCheckID)
		ctx.Export("standbyCheckId", built.StandbyCheckID)
		return nil
	}, opts...)
	return recording, built, err
}

func build(t *testing.T, change func(*Args), opts ...pulumitest.Option) (*pulumitest.Recording, *FailoverRecords) {
	t.Helper()
	recording, built, err := buildErr(t, change, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return recording, built
}

func unchanged(*Args) {}

// withoutCertificate sets both load balancers to plain HTTP, each on a port of its own.
func withoutCertificate(args *Args) {
	args.Primary.Scheme, args.Primary.Port = "http", 80
	args.Standby.Scheme, args.Standby.Port = "http", 8080
}

// existing answers the lookup of a zone.
func existing(name string, private bool) pulumitest.Option {
	return pulumitest.Answer(lookupToken, func(_ string, args resource.PropertyMap) (resource.PropertyMap, error) {
		return resource.NewPropertyMapFromMap(map[string]any{
			"id": args["zoneId"].StringValue(), "zoneId": args["zoneId"].StringValue(), "name": name, "privateZone": private,
			"nameServers": []any{"ns-1.example", "ns-2.example"},
		}), nil
	})
}

func rules(protection bool) pulumitest.Rules {
	return pulumitest.TwoRegionRules("blue", testRegions[0].region, testRegions[1].region, protection,
		map[string]naming.Role{"zone": naming.Primary})
}
