//go:build e2e

package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
)

// checkGlobalEdge verifies the edge in both regions, and leaves the controller paused.
func checkGlobalEdge(t *testing.T, p *platform) {
	checks := map[string]string{}
	t.Run("health checks ask the primary for writes and the standby for reads", func(t *testing.T) { checks = checkHealthChecks(t, p) })
	t.Run("records have both load balancers, and each by the name of its region", func(t *testing.T) { checkRecords(t, p, checks) })
	for _, deployed := range deployedRegions {
		t.Run(
			"the alarms of "+deployed.region+" notify its topic and name existing resources",
			func(t *testing.T) { checkAlarms(t, p, deployed.region, deployed.role, checks) },
		)
	}
	t.Run("both regions have the same dashboard", func(t *testing.T) { checkDashboards(t, p) })
	t.Run("the controller receives the heartbeat and publishes metrics in both regions", func(t *testing.T) { checkController(t, p) })
	t.Run("a controller that was paused is no drift, and stays paused", func(t *testing.T) {
		p.awaitMake(t, "pause-failover")
		for _, goal := range [][]string{{"preview", "STACK=global-edge", noDrift}, {"up", "STACK=global-edge"}} {
			p.make(t, goal...)
			for _, deployed := range deployedRegions {
				if mode := p.parameters(t, deployed.region)["failover/mode"]; mode != "advisory" {
					t.Errorf("after make %s the mode in %s is %q, want advisory", goal[0], deployed.region, mode)
				}
			}
		}
	})
}

// route53 returns a client of Route 53, which is global.
func (p *platform) route53(t testing.TB) *route53.Client {
	return route53.NewFromConfig(p.aws(t, east))
}

// healthChecks returns the environment's health checks by the role of the region.
func (p *platform) healthChecks(t testing.TB) map[string]types.HealthCheck {
	t.Helper()
	client, found := p.route53(t), map[string]types.HealthCheck{}
	for _, check := range require(client.ListHealthChecks(t.Context(), &route53.ListHealthChecksInput{}))(t).HealthChecks {
		tags := require(client.ListTagsForResource(t.Context(), &route53.ListTagsForResourceInput{
			ResourceId: check.Id, ResourceType: types.TagResourceTypeHealthcheck,
		}))(t).ResourceTagSet.Tags
		for _, tag := range tags {
			if name, own := strings.CutSuffix(aws.ToString(tag.Value), "-"+p.name); own && aws.ToString(tag.Key) == "Name" {
				found[strings.TrimPrefix(name, "hc-")] = check
			}
		}
	}
	return found
}

// checkHealthChecks returns the ids of the health checks by role.
func checkHealthChecks(t *testing.T, p *platform) map[string]string {
	found, ids := p.healthChecks(t), map[string]string{}
	if len(found) != len(deployedRegions) {
		t.Errorf("there are %d health checks, want one a region", len(found))
	}
	for _, deployed := range deployedRegions {
		check := found[deployed.role]
		ids[deployed.role] = aws.ToString(check.Id)
		config := check.HealthCheckConfig
		if config == nil {
			t.Errorf("there is no health check of the %s region", deployed.role)
			continue
		}
		got := fmt.Sprint(config.Type, aws.ToBool(config.EnableSNI), aws.ToString(config.FullyQualifiedDomainName), aws.ToInt32(config.Port),
			aws.ToString(config.ResourcePath), aws.ToInt32(config.RequestInterval), aws.ToInt32(config.FailureThreshold),
			aws.ToBool(config.MeasureLatency), aws.ToBool(config.Disabled), aws.ToBool(config.Inverted))
		path := map[string]string{"primary": "/readyz", "secondary": "/healthz"}[deployed.role]
		want := fmt.Sprint(types.HealthCheckTypeHttp, false, p.balancerName(t, deployed), httpPort, path, 30, 3, false, false, false)
		if p.traits.https {
			own := deployed.region + "." + p.domain()
			want = fmt.Sprint(types.HealthCheckTypeHttps, true, own, httpsPort, path, 30, 3, false, false, false)
		}
		if got != want {
			t.Errorf("the check of the %s region is %s, want %s", deployed.role, got, want)
		}
	}
	return ids
}

func checkRecords(t *testing.T, p *platform, checks map[string]string) {
	domain := p.domain() + "."
	zone := p.zone(t)
	if zone == nil {
		t.Fatalf("there is no zone %s", domain)
	}
	var got, want []string
	listed := require(p.route53(t).ListResourceRecordSets(t.Context(), &route53.ListResourceRecordSetsInput{HostedZoneId: zone}))(t)
	for _, record := range listed.ResourceRecordSets {
		if record.Type == types.RRTypeNs || record.Type == types.RRTypeSoa {
			continue
		}
		if record.AliasTarget == nil {
			t.Errorf("%s is no alias", aws.ToString(record.Name))
			continue
		}
		got = append(
			got,
			fmt.Sprint(aws.ToString(record.Name), " ", record.Type, " ", record.Failover, " ", aws.ToString(record.SetIdentifier), " ",
				aws.ToString(record.HealthCheckId), " ", strings.TrimSuffix(aws.ToString(record.AliasTarget.DNSName), "."), " ",
				aws.ToString(record.AliasTarget.HostedZoneId), " ", record.AliasTarget.EvaluateTargetHealth),
		)
	}
	for _, deployed := range deployedRegions {
		balancer := p.loadBalancer(t, deployed.region, deployed.role)
		to := aws.ToString(balancer.DNSName) + " " + aws.ToString(balancer.CanonicalHostedZoneId)
		part := map[string]types.ResourceRecordSetFailover{
			"primary": types.ResourceRecordSetFailoverPrimary, "secondary": types.ResourceRecordSetFailoverSecondary,
		}[deployed.role]
		want = append(want,
			fmt.Sprint(domain, " A ", part, " ", deployed.role, " ", checks[deployed.role], " ", to, " true"),
			fmt.Sprint(deployed.region, ".", domain, " A    ", to, " false"))
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the records are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// zone returns the id of the environment's hosted zone, nil if there is none.
func (p *platform) zone(t testing.TB) *string {
	t.Helper()
	for _, zone := range require(p.route53(t).ListHostedZones(t.Context(), &route53.ListHostedZonesInput{}))(t).HostedZones {
		if aws.ToString(zone.Name) == p.domain()+"." {
			return zone.Id
		}
	}
	return nil
}

// status is the part of the output of `make status JSON=yes` that the tests need.
type status struct {
	ExitCode int `json:"exitCode"`
	Status   struct {
		Writer, Mode     string
		HeartbeatAge     *float64 `json:"heartbeatAgeSeconds"`
		DataAge          *float64 `json:"dataAgeSeconds"`
		Primary, Standby string
	}
}

// status asks for it as an operator does.
func (p *platform) status(t testing.TB) (status, error) {
	t.Helper()
	output, err := p.tryMake(t.Context(), t, "status", "JSON=yes")
	if err != nil {
		return status{}, fmt.Errorf("make status: %w: %s", err, output)
	}
	var current status
	if err := json.Unmarshal([]byte(output[max(0, strings.Index(output, "{")):]), &current); err != nil {
		return current, fmt.Errorf("reading %s: %w", output, err)
	}
	return current, nil
}

// checkController waits for the first heartbeat, a minute after the creation of the schedule, and for the metrics of the first
// watch.
func checkController(t *testing.T, p *platform) {
	awaitEvery(t, commandInterval, "waiting for the first heartbeat and its watch", func() error {
		current, err := p.status(t)
		switch s := current.Status; {
		case err != nil:
			return err
		case s.Writer != east || s.Mode != "automatic" || !strings.HasSuffix(s.Primary, "200") || !strings.HasSuffix(s.Standby, "200"):
			return fmt.Errorf("the status is %+v", s)
		case s.HeartbeatAge == nil || *s.HeartbeatAge > 120:
			return errors.New("no heartbeat has been heard")
		}
		for _, deployed := range deployedRegions {
			for _, name := range []string{"FailoverReadiness", "HeartbeatAge", "ReplicationLag"} {
				if _, err := p.latest(t, deployed.region, name); err != nil {
					return err
				}
			}
			for region, want := range map[string]float64{east: 1, west: 0} {
				if value, err := p.latest(t, deployed.region, "WriterActive", "Region", region); err != nil || value != want {
					return fmt.Errorf("in %s the writer's metric of %s is %v, %w; want %v", deployed.region, region, value, err, want)
				}
			}
		}
		return nil
	})
}
