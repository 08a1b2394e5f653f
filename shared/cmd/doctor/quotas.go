package main

import (
	"context"
	"fmt"
	"strings"

	"warmstandby/shared/contract/controller"
	"warmstandby/shared/settings"
)

// quotaRow is a quota that a deployment may meet: how many the platform needs in a region, of what AWS counts.
type quotaRow struct {
	controller.Quota
	used  usage // what it counts; empty for a quota that nothing stands against
	needs func(d *doctor, region string) float64
}

// interfaceEndpoints is how many interface endpoints each VPC has (shared/components/network).
const interfaceEndpoints = 4

// minimumConcurrency is what both functions and their spikes need in a region: new accounts have 10, where health checks alone fill three.
const minimumConcurrency = 100

// quotaRows are the quotas of the failover controller, which goes on to compare both regions' every hour.
var quotaRows = []quotaRow{
	{controller.LambdaConcurrency, "", func(*doctor, string) float64 { return minimumConcurrency }},
	{controller.VPCs, usedVPCs, func(*doctor, string) float64 { return 1 }},
	{controller.InterfaceEndpoints, "", func(*doctor, string) float64 { return interfaceEndpoints }},
	{controller.ElasticAddresses, usedAddresses, func(d *doctor, _ string) float64 { return d.addresses() }},
	{controller.DatabaseClusters, usedClusters, func(*doctor, string) float64 { return 1 }},
	{controller.DatabaseInstances, usedInstances, func(d *doctor, region string) float64 {
		if region == d.configuration.foundation.Primary.Region {
			return float64(d.configuration.data.Database.PrimaryInstances)
		}
		return float64(d.configuration.data.Database.StandbyInstances)
	}},
	{controller.LoadBalancers, usedBalancers, func(*doctor, string) float64 { return 1 }},
}

// addresses is how many Elastic IP addresses the NAT gateways of a VPC have.
func (d *doctor) addresses() float64 {
	const zones = 3
	switch d.configuration.foundation.NAT {
	case settings.NATSingle:
		return 1
	case settings.NATOnePerZone:
		return zones
	}
	return 0
}

// quotas looks at every quota of a region. What an environment that stands has already is among what is used, so that only a quota which
// is full is wrong then.
func (d *doctor) quotas(ctx context.Context, region string) []finding {
	checks := make([]func(context.Context) []finding, len(quotaRows))
	for i, row := range quotaRows {
		checks[i] = func(ctx context.Context) []finding { return []finding{d.quota(ctx, region, row)} }
	}
	return together(atOnce(ctx, checks), quotaRows)
}

// together is one finding where no quota of a region is known, and for the same reason.
func together(found []finding, rows []quotaRow) []finding {
	for i, f := range found {
		_, why, _ := strings.Cut(f.found, ": ")
		_, first, _ := strings.Cut(found[0].found, ": ")
		if f.level != notKnown || i > 0 && why != first {
			return found
		}
	}
	one := found[0]
	one.found = fmt.Sprintf("%d quotas: %s", len(rows), strings.TrimPrefix(one.found, rows[0].Name+": "))
	return []finding{one}
}

func (d *doctor) quota(ctx context.Context, region string, row quotaRow) finding {
	check := "quota " + region
	value, err := d.cloud.quota(ctx, region, row.Service, row.Code)
	if err != nil {
		f := unknown(check, "servicequotas:GetServiceQuota and servicequotas:GetAWSDefaultServiceQuota", err)
		f.found = row.Name + ": " + f.found
		return f
	}
	used := 0
	if row.used != "" {
		if used, err = d.cloud.used(ctx, region, row.used); err != nil {
			f := unknown(check, "the listing of "+string(row.used), err)
			f.found = row.Name + ": " + f.found
			return f
		}
	}
	needs := row.needs(d, region)
	standing, err := d.stands(ctx, region)
	if err == nil && standing && row.used != "" {
		needs = 0
	}
	said := fmt.Sprintf("%s: %.0f, %d used, %.0f needed", row.Name, value, used, needs)
	if value < float64(used)+needs {
		return toMend(check, said, fmt.Sprintf("aws service-quotas request-service-quota-increase --region %s --service-code %s --quota-code %s "+
			"--desired-value %.0f", region, row.Service, row.Code, float64(used)+needs))
	}
	return ok(check, "%s", said)
}

// stands says whether the environment has its VPC in a region.
func (d *doctor) stands(ctx context.Context, region string) (bool, error) {
	networks, err := d.cloud.networks(ctx, region)
	for _, n := range networks {
		if n.environment == d.environment {
			return true, nil
		}
	}
	return false, err
}

// parity looks at whether the standby's quotas are no less than the primary's: it takes the whole load when the primary is lost, and no
// quota is raised in an hour.
func (d *doctor) parity(ctx context.Context) []finding {
	const check = "quotas of the standby"
	primary, standby := d.regions()[0], d.regions()[1]
	var found []finding
	compared := 0
	for _, row := range quotaRows {
		most, err := d.cloud.quota(ctx, primary, row.Service, row.Code)
		if err != nil {
			continue // The line of the quota says that it is not known.
		}
		has, err := d.cloud.quota(ctx, standby, row.Service, row.Code)
		if err != nil {
			continue
		}
		compared++
		if has < most {
			found = append(found, toMend(check, fmt.Sprintf("%s: %.0f in %s, %.0f in %s", row.Name, has, standby, most, primary), fmt.Sprintf(
				"aws service-quotas request-service-quota-increase --region %s --service-code %s --quota-code %s --desired-value %.0f",
				standby, row.Service, row.Code, most)))
		}
	}
	switch {
	case compared == 0:
		return []finding{{level: notKnown, check: check, found: "not known here: no quota is"}}
	case len(found) == 0 && compared < len(quotaRows):
		return []finding{{level: notKnown, check: check, found: fmt.Sprintf(
			"%d of %d are no less than the primary's, the others are not known here", compared, len(quotaRows))}}
	case len(found) == 0:
		return []finding{ok(check, "no less than the primary's")}
	}
	return found
}

// neededHealthChecks is how many health checks the edge makes: one of each region's load balancer, and those of its alarms.
const neededHealthChecks = 2

func (d *doctor) healthChecks(ctx context.Context) []finding {
	const check = "quota Route 53"
	most, used, err := d.cloud.healthChecks(ctx)
	if err != nil {
		return []finding{unknown(check, "route53:GetAccountLimit", err)}
	}
	said := fmt.Sprintf("health checks: %d, %d used, %d needed", most, used, neededHealthChecks)
	if most < used+neededHealthChecks {
		return []finding{toMend(check, said, "have \"Health checks\" of Route 53 raised in Service Quotas, in us-east-1")}
	}
	return []finding{ok(check, "%s", said)}
}
