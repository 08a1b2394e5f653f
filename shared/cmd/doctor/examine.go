package main

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"warmstandby/shared/settings"
)

// doctor is one examination.
type doctor struct {
	request
	cloud         cloud
	configuration configuration
}

// examine asks everything, a few questions at once, and returns the findings in the order of the checks. Without credentials nothing of
// AWS is asked: that is one finding.
func examine(ctx context.Context, r request, c cloud) report {
	d := &doctor{request: r, cloud: c}
	var found report
	configuration, err := r.readConfiguration()
	if err != nil {
		found = append(found, toMend("settings", oneLine(err.Error()), "mend the file; make settings ENV="+r.environment+" explains every key"))
	}
	d.configuration = configuration
	if d.configuration.foundation.Primary.Region == "" {
		d.configuration.foundation.Primary.Region = "us-east-1"
	}
	if d.configuration.foundation.Standby.Region == "" {
		d.configuration.foundation.Standby.Region = "us-west-2"
	}
	if r.only == "" && err == nil {
		if len(configuration.faults) > 0 {
			found = append(found, configuration.faults...)
		} else {
			found = append(found, ok("settings", "of all stacks, profile %s", configuration.foundation.Profile))
		}
	}
	found = append(found, d.backendNamed()...)
	if err := c.credentials(ctx); err != nil {
		return append(found, toMend("credentials", "there are none that AWS's tools find",
			"log in (aws sso login), or set AWS_PROFILE; everything else of AWS was not looked at"))
	}
	checks := []func(context.Context) []finding{d.identity, d.bucket, d.secretsKey}
	if r.only == "" {
		checks = append(checks, d.perRegion(d.quotas), d.parity, d.healthChecks, d.serviceRoles, d.perRegion(d.backup), d.perRegion(d.zones),
			d.perRegion(d.engine), d.certificates, d.delegation, d.perRegion(d.ranges))
	}
	return append(found, atOnce(ctx, checks)...)
}

// mostAtOnce is how many questions are asked at once: more would be throttled.
const mostAtOnce = 6

// atOnce runs checks side by side and returns their findings in the order of the checks.
func atOnce(ctx context.Context, checks []func(context.Context) []finding) []finding {
	results := make([][]finding, len(checks))
	slots := make(chan struct{}, mostAtOnce)
	var running sync.WaitGroup
	for i, check := range checks {
		running.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			results[i] = check(ctx)
		})
	}
	running.Wait()
	return slices.Concat(results...)
}

// regions are the primary and the standby region.
func (d *doctor) regions() []string {
	return []string{d.configuration.foundation.Primary.Region, d.configuration.foundation.Standby.Region}
}

// network is the configuration of a region's VPC.
func (d *doctor) network(region string) settings.Network {
	if region == d.configuration.foundation.Primary.Region {
		return d.configuration.foundation.Primary
	}
	return d.configuration.foundation.Standby
}

// perRegion asks the same of both regions.
func (d *doctor) perRegion(check func(context.Context, string) []finding) func(context.Context) []finding {
	return func(ctx context.Context) []finding {
		var found []finding
		for _, region := range d.regions() {
			found = append(found, check(ctx, region)...)
		}
		return found
	}
}

// longestSkew is how far a clock may be off: AWS refuses signatures that are five minutes old (AWS Signature Version 4), so a minute leaves
// room for a slow request.
const longestSkew = time.Minute

// identity looks at who is asking, whether that account is allowed, and at this machine's clock. It asks the standby region: credentials
// must work while the primary is lost.
func (d *doctor) identity(ctx context.Context) []finding {
	standby := d.configuration.foundation.Standby.Region
	who, err := d.cloud.identity(ctx, standby)
	if err != nil {
		return []finding{toMend("credentials", "AWS refuses them in "+standby+": "+reason(err), "log in anew, or set AWS_PROFILE")}
	}
	found := []finding{ok("credentials", "%s, asked in %s", who.arn, standby)}
	allowed := d.configuration.foundation.AllowedAccountIDs
	switch {
	case len(allowed) > 0 && !slices.Contains(allowed, who.account):
		found = append(found, toMend("account", fmt.Sprintf("%s, and allowedAccountIds has %s", who.account, strings.Join(allowed, ", ")),
			"use the credentials of that account, or set allowedAccountIds"))
	case len(allowed) == 0 && d.configuration.foundation.Profile == "prod":
		found = append(found, toMend("account", who.account+", and allowedAccountIds is not set", fmt.Sprintf(
			"make set ENV=%s STACK=foundation-network KEY=allowedAccountIds VALUE=%s", d.environment, who.account)))
	default:
		found = append(found, ok("account", "%s", who.account))
	}
	if who.now.IsZero() {
		return append(found, finding{level: notKnown, check: "clock", found: "not known here: the answer has no date"})
	}
	if skew := time.Since(who.now).Abs().Round(time.Second); skew > longestSkew {
		return append(found, toMend("clock", fmt.Sprintf("%s off AWS's", skew), "set this machine's clock by NTP: AWS refuses what it signs"))
	}
	return append(found, ok("clock", "within %s of AWS's", longestSkew))
}

// backendNamed looks at where the state is kept, by its URL alone.
func (d *doctor) backendNamed() []finding {
	switch {
	case d.emulated:
		return []finding{ok("backend", "files of the local AWS emulator's state folder")}
	case d.backend == "":
		return []finding{toMend("backend", "nothing says where the state is kept", fmt.Sprintf(
			"create a versioned bucket in %s and export PULUMI_BACKEND_URL=s3://BUCKET?region=%s",
			d.configuration.foundation.Standby.Region, d.configuration.foundation.Standby.Region))}
	case strings.HasPrefix(d.backend, "file:"):
		return []finding{toMend("backend", d.backend+" is on one machine", "use a bucket, unless the environment goes with the machine")}
	}
	return nil
}

// bucket looks at the bucket of the state: it exists, outside the primary region, with versions, and its URL has its region.
func (d *doctor) bucket(ctx context.Context) []finding {
	address, err := url.Parse(d.backend)
	if d.emulated || err != nil || address.Scheme != "s3" {
		return nil
	}
	name, region := address.Host, address.Query().Get("region")
	asked := region
	if asked == "" {
		asked = d.configuration.foundation.Standby.Region
	}
	b, err := d.cloud.bucket(ctx, name, asked)
	primary, standby := d.regions()[0], d.regions()[1]
	switch {
	case err != nil:
		return []finding{unknown("backend", "s3:ListBucket and s3:GetBucketVersioning of "+name, err)}
	case b.region == "":
		return []finding{toMend("backend", "there is no bucket "+name, fmt.Sprintf(
			"aws s3api create-bucket --bucket %s --region %s --create-bucket-configuration LocationConstraint=%s, then switch versioning on",
			name, standby, standby))}
	}
	var found []finding
	if b.region == primary {
		found = append(found, toMend("backend", name+" is in the primary region, "+primary,
			"move the state to a bucket in "+standby+": while the primary is lost no stack could be deployed"))
	}
	if !b.versioned {
		found = append(found, toMend("backend", name+" has no versions, so a broken state is lost",
			"aws s3api put-bucket-versioning --bucket "+name+" --versioning-configuration Status=Enabled"))
	}
	if region != b.region {
		found = append(found, toMend("backend", fmt.Sprintf("PULUMI_BACKEND_URL has the region %q, and %s is in %s", region, name, b.region),
			fmt.Sprintf("export PULUMI_BACKEND_URL='s3://%s?region=%s'", name, b.region)))
	}
	if len(found) == 0 {
		found = append(found, ok("backend", "%s in %s, versioned", name, b.region))
	}
	return found
}

// secretsKey looks at what encrypts the secrets in the state.
func (d *doctor) secretsKey(ctx context.Context) []finding {
	const check = "secrets provider"
	if d.emulated {
		return []finding{ok(check, "the local AWS emulator's passphrase")}
	}
	provider, err := d.provider()
	if err != nil {
		return []finding{toMend(check, oneLine(err.Error()), "mend the file")}
	}
	primary, standby := d.regions()[0], d.regions()[1]
	init := fmt.Sprintf("make init ENV=%s SECRETS='awskms://alias/NAME?region=%s'", d.environment, standby)
	switch address, err := url.Parse(provider); {
	case provider == "" && !d.passphrase:
		return []finding{toMend(check, "none is chosen", init+", or set PULUMI_CONFIG_PASSPHRASE_FILE")}
	case (provider == "" || provider == "passphrase") && d.passphrase:
		return []finding{ok(check, "a passphrase, which this shell has")}
	case provider == "passphrase":
		return []finding{toMend(check, "a passphrase, which this shell has not", "set PULUMI_CONFIG_PASSPHRASE_FILE")}
	case err != nil || address.Scheme != "awskms":
		return []finding{{level: notKnown, check: check, found: "not known here: " + provider + " is not AWS's"}}
	default:
		region := address.Query().Get("region")
		if region == primary {
			return []finding{toMend(check, "a key in the primary region, "+primary, "a key in "+standby+
				", then in each stack's folder: pulumi stack change-secrets-provider")}
		}
		id := strings.TrimPrefix(address.Host+address.Path, "/")
		k, err := d.cloud.key(ctx, id, region)
		switch {
		case err != nil:
			return []finding{unknown(check, "kms:DescribeKey", err)}
		case k.state != enabled:
			return []finding{
				toMend(check, fmt.Sprintf("the key %s in %s is %s", id, region, stateOf(k.state)), "enable it, or choose another: "+init),
			}
		}
		return []finding{ok(check, "the key %s in %s", id, region)}
	}
}

func stateOf(state string) string {
	if state == "" {
		return "not there"
	}
	return state
}
