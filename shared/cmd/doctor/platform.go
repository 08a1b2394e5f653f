package main

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"warmstandby/shared/contract/controller"
	"warmstandby/shared/zone"
)

// linkedRoles are the service-linked roles that the platform's services assume, by the service that makes each.
var linkedRoles = []struct{ role, service string }{
	{"AWSServiceRoleForRDS", "rds.amazonaws.com"},
	{"AWSServiceRoleForElasticLoadBalancing", "elasticloadbalancing.amazonaws.com"},
	{"AWSServiceRoleForBackup", "backup.amazonaws.com"},
}

func (d *doctor) serviceRoles(ctx context.Context) []finding {
	const check = "service-linked roles"
	var absent, notAnswered []string
	var fault error
	for _, l := range linkedRoles {
		switch exists, err := d.cloud.serviceRole(ctx, l.role); {
		case err != nil:
			notAnswered, fault = append(notAnswered, l.role), err
		case !exists:
			absent = append(absent, l.service)
		}
	}
	switch {
	case len(notAnswered) > 0:
		return []finding{unknown(check, "iam:GetRole", fault)}
	case len(absent) > 0 && !d.emulated:
		return []finding{toMend(check, "not there: "+strings.Join(absent, ", "),
			"once an account: aws iam create-service-linked-role --aws-service-name SERVICE, for each; the first use of a service makes its own, "+
				"and a first deployment then fails now and then because IAM has not reached every service yet")}
	case len(absent) > 0:
		return []finding{{level: notKnown, check: check, found: "not known here: the local AWS emulator has none"}}
	}
	return []finding{ok(check, "all %d", len(linkedRoles))}
}

// backedUp are the types of resources that the backup plans back up.
var backedUp = []string{"Aurora", "S3"}

// backup looks at whether AWS Backup is opted in to what is backed up. The setting is the account's, and no stack changes it (decision 38).
func (d *doctor) backup(ctx context.Context, region string) []finding {
	check := "AWS Backup " + region
	for _, resource := range backedUp {
		switch in, err := d.cloud.backupOptIn(ctx, region, resource); {
		case err != nil:
			return []finding{unknown(check, "backup:DescribeRegionSettings", err)}
		case !in:
			return []finding{toMend(check, "not opted in to "+resource, fmt.Sprintf(
				"aws backup update-region-settings --region %s --resource-type-opt-in-preference %s=true", region, resource))}
		}
	}
	return []finding{ok(check, "opted in to %s", strings.Join(backedUp, " and "))}
}

// zoneCount is how many zones each VPC has.
const zoneCount = 3

// endpointServices are those of the VPCs' interface endpoints (shared/components/network), which a test compares.
var endpointServices = []string{"events", "logs", "secretsmanager", "ssm"}

// zones looks at whether the VPC's zones have what the platform needs in each: Lambda, by the list of zones that lack services, and each
// interface endpoint, as EC2 says.
func (d *doctor) zones(ctx context.Context, region string) []finding {
	check := "zones " + region
	offered, err := d.cloud.zones(ctx, region)
	if err != nil {
		return []finding{unknown(check, "ec2:DescribeAvailabilityZones", err)}
	}
	wanted := d.network(region).ZoneIDs
	if len(wanted) == 0 {
		wanted = slices.DeleteFunc(slices.Clone(offered), zone.Unsuited)
		slices.SortFunc(wanted, zone.Compare)
		wanted = wanted[:min(zoneCount, len(wanted))]
	}
	choose := fmt.Sprintf("make set ENV=%s STACK=foundation-network KEY=%sZoneIds VALUE=%s", d.environment, d.role(region), strings.Join(
		slices.DeleteFunc(slices.Clone(offered), zone.Unsuited), ","))
	if len(wanted) < zoneCount {
		return []finding{toMend(check, fmt.Sprintf("%d of %s suit, %d are needed", len(wanted), strings.Join(offered, ", "), zoneCount),
			"choose another region")}
	}
	for _, id := range wanted {
		if !slices.Contains(offered, id) {
			return []finding{toMend(check, id+" is not among the account's: "+strings.Join(offered, ", "), choose)}
		}
		if zone.Unsuited(id) {
			return []finding{toMend(check, id+" has no Lambda in a VPC", choose)}
		}
	}
	if d.emulated {
		return []finding{{
			level: notKnown, check: check, found: strings.Join(wanted, ", ") + "; endpoints: not known here: the emulator has none of its own",
		}}
	}
	for _, service := range endpointServices {
		has, err := d.cloud.endpointZones(ctx, region, service)
		if err != nil {
			f := unknown(check, "ec2:DescribeVpcEndpointServices", err)
			f.found = strings.Join(wanted, ", ") + "; endpoints: " + f.found
			return []finding{f}
		}
		for _, id := range wanted {
			if !slices.Contains(has, id) {
				return []finding{toMend(check, fmt.Sprintf("%s has no endpoint of %s", id, service), choose)}
			}
		}
	}
	return []finding{ok(check, "%s, with Lambda and %d endpoints", strings.Join(wanted, ", "), len(endpointServices))}
}

// role is primary or standby.
func (d *doctor) role(region string) string {
	if region == d.configuration.foundation.Primary.Region {
		return "primary"
	}
	return "standby"
}

// engine looks at whether the database's version can be created in a region.
func (d *doctor) engine(ctx context.Context, region string) []finding {
	check := "engine " + region
	database := d.configuration.data.Database
	version := "Aurora PostgreSQL " + database.EngineVersion
	upgrade := fmt.Sprintf("aws rds describe-db-engine-versions --region %s --engine aurora-postgresql lists those that can; then "+
		"make set ENV=%s STACK=data-global KEY=engineVersion VALUE=VERSION", region, d.environment)
	switch e, err := d.cloud.engine(ctx, region, database.EngineVersion); {
	case err != nil:
		return []finding{unknown(check, "rds:DescribeDBEngineVersions and rds:DescribeOrderableDBInstanceOptions", err)}
	case !e.offered:
		return []finding{toMend(check, version+" cannot be created", upgrade)}
	case !e.global:
		return []finding{toMend(check, version+" has no global databases", upgrade)}
	case !e.serverless && d.emulated:
		return []finding{{level: notKnown, check: check, found: version + "; serverless instances: not known here: the emulator lists none"}}
	case !e.serverless:
		return []finding{toMend(check, version+" has no serverless instances", upgrade)}
	case e.most > 0 && database.MaxCapacity > e.most:
		return []finding{
			toMend(check, fmt.Sprintf("%s has at most %.1f ACU, and maxCapacity is %.1f", version, e.most, database.MaxCapacity), upgrade),
		}
	}
	return []finding{ok(check, "%s, to %.1f ACU", version, database.MaxCapacity)}
}

// weakKeys begin the names of keys that ACM's documents no longer recommend.
const weakKeys = "RSA_1024"

func (d *doctor) certificates(ctx context.Context) []finding {
	var found []finding
	for i, region := range d.regions() {
		stack, arn := "region-app-east", d.configuration.east.CertificateARN
		if i > 0 {
			stack, arn = "region-app-west", d.configuration.west.CertificateARN
		}
		found = append(found, d.certificate(ctx, region, stack, arn))
	}
	return found
}

func (d *doctor) certificate(ctx context.Context, region, stack, arn string) finding {
	check := "certificate " + region
	if arn == "" {
		return ok(check, "none, plain HTTP, as %s of this profile may", stack)
	}
	domain := d.configuration.edge.DomainName
	wanted := []string{domain, region + "." + domain}
	request := fmt.Sprintf("aws acm request-certificate --region %s --domain-name %s --subject-alternative-names %s --validation-method DNS "+
		"--key-algorithm EC_prime256v1", region, wanted[0], wanted[1])
	c, err := d.cloud.certificate(ctx, region, arn)
	if err != nil {
		return unknown(check, "acm:DescribeCertificate", err)
	}
	var absent []string
	for _, name := range wanted {
		if !covers(c.names, name) {
			absent = append(absent, name)
		}
	}
	switch left := time.Until(c.until); {
	case c.status == "":
		return toMend(check, "there is no "+arn+" in "+region, request)
	case c.status != "ISSUED":
		return toMend(check, "it is "+c.status, "create the DNS records that `aws acm describe-certificate` lists, and wait until it is ISSUED")
	case len(absent) > 0:
		return toMend(check, "it is not for "+strings.Join(absent, ", "), request)
	case c.algorithm == weakKeys:
		return toMend(check, "its key is "+c.algorithm, request)
	case left < controller.CertificateValidity:
		return toMend(check, "it ends on "+c.until.Format(time.DateOnly),
			"ACM has not renewed it: its DNS records of validation are gone, or it is imported and is to be imported anew")
	}
	return ok(check, "%s, to %s, for %s", c.algorithm, c.until.Format(time.DateOnly), strings.Join(wanted, " and "))
}

// covers says whether one of a certificate's names is a host's; an asterisk stands for one label.
func covers(names []string, host string) bool {
	_, parent, _ := strings.Cut(host, ".")
	return slices.ContainsFunc(names, func(name string) bool {
		return strings.EqualFold(name, host) || strings.EqualFold(name, "*."+parent)
	})
}

// delegation looks at whether public DNS leads to the hosted zone of the domain.
func (d *doctor) delegation(ctx context.Context) []finding {
	const check = "delegation"
	edge := d.configuration.edge
	if strings.HasSuffix(edge.DomainName, ".test") || edge.DomainName == "" {
		return []finding{ok(check, "not needed: %s is not delegated", edge.DomainName)}
	}
	if edge.HostedZoneID == "" {
		servers, err := d.cloud.delegation(ctx, edge.DomainName)
		if err != nil || len(servers) == 0 {
			return []finding{
				toMend(
					check,
					"nobody delegates "+edge.DomainName+", whose zone the stack makes",
					"after the first make up have the parent zone delegate to global-edge's output nameServers; "+
						"or make the zone first and set hostedZoneId",
				),
			}
		}
		return []finding{ok(check, "%s is delegated to %s", edge.DomainName, strings.Join(servers, ", "))}
	}
	z, err := d.cloud.zone(ctx, edge.HostedZoneID)
	switch {
	case err != nil:
		return []finding{unknown(check, "route53:GetHostedZone", err)}
	case z.name == "":
		return []finding{toMend(check, "there is no hosted zone "+edge.HostedZoneID, "set hostedZoneId to a public zone of "+edge.DomainName)}
	case z.private:
		return []finding{toMend(check, edge.HostedZoneID+" is private", "set hostedZoneId to a public zone of "+edge.DomainName)}
	case z.name != edge.DomainName && !strings.HasSuffix(edge.DomainName, "."+z.name):
		return []finding{toMend(check, edge.HostedZoneID+" is of "+z.name, "set hostedZoneId to a zone of "+edge.DomainName+" or of a parent")}
	}
	servers, err := d.cloud.delegation(ctx, z.name)
	if err != nil {
		return []finding{{level: notKnown, check: check, found: "not known here: " + reason(err)}}
	}
	if !sameServers(servers, z.nameServers) {
		return []finding{toMend(check, fmt.Sprintf("%s is delegated to %s, and the zone is at %s", z.name, strings.Join(servers, ", "),
			strings.Join(z.nameServers, ", ")), "have the parent zone delegate to the zone's own name servers")}
	}
	return []finding{ok(check, "%s leads to %s", z.name, edge.HostedZoneID)}
}

func sameServers(a, b []string) bool {
	plain := func(servers []string) []string {
		var names []string
		for _, s := range servers {
			names = append(names, strings.ToLower(strings.TrimSuffix(s, ".")))
		}
		slices.Sort(names)
		return names
	}
	return len(a) > 0 && slices.Equal(plain(a), plain(b))
}

// ranges looks at whether a range of the platform overlaps that of another network of the account: the two could never be connected, and
// a route that is there already would lead elsewhere.
func (d *doctor) ranges(ctx context.Context, region string) []finding {
	check := "address range " + region
	own := d.network(region).CIDR
	networks, err := d.cloud.networks(ctx, region)
	if err != nil {
		return []finding{unknown(check, "ec2:DescribeVpcs", err)}
	}
	var overlapping []string
	for _, n := range networks {
		if n.environment == d.environment {
			continue
		}
		for _, text := range n.ranges {
			if other, err := netip.ParsePrefix(text); err == nil && other.Overlaps(own) {
				overlapping = append(overlapping, n.id+" ("+text+")")
			}
		}
	}
	if len(overlapping) > 0 {
		return []finding{toMend(check, fmt.Sprintf("%s overlaps %s", own, strings.Join(overlapping, ", ")), fmt.Sprintf(
			"if they will ever be connected, before the first make up: make set ENV=%s STACK=foundation-network KEY=%sCidr VALUE=RANGE",
			d.environment, d.role(region)))}
	}
	return []finding{ok(check, "%s, of which no other VPC has any (%d looked at)", own, len(networks))}
}
