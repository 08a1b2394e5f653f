package dns

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/route53"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/naming"
	"warmstandby/shared/region"
)

const (
	// writesPath answers whether a region accepts writes, readsPath whether it serves reads. Both answer within the 2 s that a
	// checker waits for the status after the connection (Amazon Route 53 Developer Guide, "How Amazon Route 53 determines whether
	// a health check is healthy").
	writesPath = "/readyz"
	readsPath  = "/healthz"

	// An endpoint is lost after three failed checks, 30 s apart: 90 s, and with the TTL of 60 s of a load balancer's alias 150 s.
	// Faster checks would save 60 s of the RTO of 15 minutes and send three times as many requests to the database's probe.
	intervalSeconds  = 30
	failureThreshold = 3
)

// checkerRegions are all regions from which Route 53 checks endpoints (Amazon Route 53 API, HealthCheckConfig, Regions). They are
// its default too, and are set because a refresh reads them: without them here, the update that follows would send an empty list,
// which Route 53 refuses. They change in place.
var checkerRegions = []string{
	"ap-northeast-1", "ap-southeast-1", "ap-southeast-2", "eu-west-1", "sa-east-1", "us-east-1", "us-west-1", "us-west-2",
}

// endpoint is one region as Route 53 checks and answers it.
type endpoint struct {
	region   region.Region
	balancer Balancer
	domain   string
	// routing is Route 53's name of the region's role in the failover, path the health check's.
	routing, path string
}

// name returns the region's own name.
func (e endpoint) name() string { return e.region.Name + "." + e.domain }

// host returns the name by which programs reach the region. With a certificate it is the region's own name, which the
// certificate is for. Without one it is the load balancer's, because a domain without a delegation cannot be resolved.
func (e endpoint) host() string {
	if e.balancer.Scheme == "https" {
		return e.name()
	}
	return e.balancer.DNSName
}

// url returns the region's own URL.
func (e endpoint) url() string { return e.balancer.url(e.host()) }

// addCheck builds the region's health check.
func (e endpoint) addCheck(ctx *pulumi.Context, parent pulumi.Resource) (pulumi.IDOutput, error) {
	name, err := e.region.Named(naming.HealthCheck, "")
	if err != nil {
		return pulumi.IDOutput{}, err
	}
	args := &route53.HealthCheckArgs{
		Type:             pulumi.String("HTTP"),
		Fqdn:             pulumi.String(e.host()),
		Port:             pulumi.Int(e.balancer.Port),
		ResourcePath:     pulumi.String(e.path),
		RequestInterval:  pulumi.Int(intervalSeconds),
		FailureThreshold: pulumi.Int(failureThreshold),
		Regions:          pulumi.ToStringArray(checkerRegions),
		MeasureLatency:   pulumi.Bool(false), // costs more, and cannot be turned off again
		Tags:             pulumi.StringMap{"Name": pulumi.String(name)},
	}
	if e.balancer.Scheme == "https" {
		args.Type, args.EnableSni = pulumi.String("HTTPS"), pulumi.Bool(true)
	}
	check, err := route53.NewHealthCheck(ctx, name, args, e.region.Child(parent)...)
	if err != nil {
		return pulumi.IDOutput{}, fmt.Errorf("building health check %s: %w", name, err)
	}
	return check.ID(), nil
}

// addRecords builds the region's part of the global name, and the region's own name. The latter has no health check: it has one
// target.
func (e endpoint) addRecords(ctx *pulumi.Context, records *FailoverRecords, check pulumi.IDOutput) error {
	role := string(e.region.Role)
	for _, row := range [...]struct {
		logical string
		record  *route53.RecordArgs
	}{
		{"global-" + role, &route53.RecordArgs{
			Name: pulumi.String(e.domain), SetIdentifier: pulumi.String(role), HealthCheckId: check.ToStringOutput(),
			FailoverRoutingPolicies: route53.RecordFailoverRoutingPolicyArray{
				route53.RecordFailoverRoutingPolicyArgs{Type: pulumi.String(e.routing)},
			},
			Aliases: e.alias(true),
		}},
		{"own-" + role, &route53.RecordArgs{Name: pulumi.String(e.name()), Aliases: e.alias(false)}},
	} {
		row.record.ZoneId, row.record.Type = records.ZoneID, pulumi.String("A")
		if _, err := route53.NewRecord(ctx, row.logical, row.record, e.region.Child(records)...); err != nil {
			return fmt.Errorf("building record %s: %w", row.logical, err)
		}
	}
	return nil
}

// alias returns the alias of the load balancer. With evaluated it is also unhealthy while none of the load balancer's targets
// is healthy.
func (e endpoint) alias(evaluated bool) route53.RecordAliasArray {
	return route53.RecordAliasArray{route53.RecordAliasArgs{
		Name: pulumi.String(e.balancer.DNSName), ZoneId: pulumi.String(e.balancer.ZoneID),
		EvaluateTargetHealth: pulumi.Bool(evaluated),
	}}
}
