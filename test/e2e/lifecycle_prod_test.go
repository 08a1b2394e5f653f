//go:build e2e

package e2e

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sns"
)

const (
	// onCall is who is notified of alarms.
	onCall = "operations@example.com"
	// auditRetention is the days that prod keeps the audit trail: six years.
	auditRetention = 2192
	// prodInstances is how many database instances prod has in each region.
	prodInstances = 2
	// prodMemory is the default of the function's memory in MB, and raisedMemory what the test changes it to.
	prodMemory, raisedMemory = 1024, 1536
)

// TestLifecycleProd takes an environment of the profile prod, with all that prod demands, from its first update to its end: it is
// deployed, looked at, changed, switched over and back, protected, unprotected and destroyed.
func TestLifecycleProd(t *testing.T) {
	requireEmulator(t) // On AWS certificates want a domain that is delegated, and what protection keeps would stay.
	t.Parallel()
	p := withPeople(t, newPlatform(t))
	unprotected := false
	t.Cleanup(func() {
		if !unprotected { // What is protected could not be destroyed.
			p.cleanUp(t, "unprotect", "CONFIRM="+p.name)
		}
	})
	p.configureProd(t)
	output := p.make(t, "up")
	for _, c := range []struct {
		name  string
		check func(*testing.T, *platform)
	}{
		{"up again, preview and refresh change nothing", checkNothingChanges},
		{"make summary prints JSON for programs", checkSummary},
		{"the commands that make up ends with work as they are printed", func(t *testing.T, p *platform) { checkHints(t, p, output) }},
		{"every resource has its tags and name, is encrypted and not exposed", checkEveryResource},
		{"every kind of resource is found again when its creation was cut off", checkResumable},
		{"a sweep finds every deployed kind", checkSweep},
		{"roles may do what they name and nothing else", checkPermissions},
		{"foundation-network", checkFoundationNetwork},
		{"each zone has a NAT gateway", checkNATGateways},
		{"clients are served by HTTPS, and sent there", checkHTTPS},
		{"region-app", checkApplication},
		{"what prod keeps and whom it notifies", checkProdsApplication},
		{"global-edge", checkGlobalEdge},
		{"data-global", checkDataGlobal},
		{"AWS WAF limits the rate of an address before both load balancers", checkFirewalls},
		{"a setting is raised", checkRaised},
		{"up, switchover, up and preview", func(t *testing.T, p *platform) { checkMoved(t, p, switchOver) }},
		{"failback, up and preview", func(t *testing.T, p *platform) {
			checkMoved(t, p, func(t *testing.T, p *platform) { p.awaitMake(t, "failback") })
		}},
		{"a destroy is refused before anything is touched", checkDestroyRefused},
		{"an update that would replace what is protected is refused", checkReplacementRefused},
		{"protection is removed in place", func(t *testing.T, p *platform) {
			checkUnprotected(t, p, stacks[:])
			unprotected = !t.Failed()
		}},
	} {
		t.Run(c.name, func(t *testing.T) { c.check(t, p) })
	}
	t.Run("then a destroy keeps the final snapshots of the database, and nothing else", func(t *testing.T) {
		if !unprotected {
			t.Fatal("it is protected still")
		}
		for _, stack := range slices.Backward(stacks[:]) {
			p.make(t, "destroy", "STACK="+stack)
		}
		p.asAdministrator().make(t, "local-up") // It may have begun anew, without its people.
		checkOnlySnapshotsLeft(t, p)
		p.deleteFinalSnapshots(t)
		checkNothingLeft(t, p)
	})
}

// configureProd sets what the profile prod demands and what a production has beside it, as a user does.
func (p *platform) configureProd(t *testing.T) {
	t.Helper()
	p.traits = traits{domain: p.name + ".example.com", https: true, nat: true, firewall: true}
	settings := []struct{ stack, key, value string }{
		{"foundation-network", "profile", "prod"},
		{"foundation-network", "allowedAccountIds", emulatedAccount + ",123456789012"},
		{"foundation-network", "natStrategy", "onePerZone"},
		{"foundation-network", "protection", "true"},
		{"global-edge", "domainName", p.domain()},
		{"global-edge", "runbookUrl", "https://wiki.example.com/runbook"},
	}
	for _, deployed := range deployedRegions {
		stack := map[string]string{east: "region-app-east", west: "region-app-west"}[deployed.region]
		settings = append(settings, []struct{ stack, key, value string }{
			{stack, "certificateArn", p.issueCertificate(t, deployed.region)},
			{stack, "notificationEmails", onCall},
		}...)
	}
	for _, s := range settings {
		p.make(t, "set", "STACK="+s.stack, "KEY="+s.key, "VALUE="+s.value)
	}
}

// issueCertificate has ACM issue a certificate for the name that fails over and that of a region, and returns its ARN.
func (p *platform) issueCertificate(t *testing.T, region string) string {
	t.Helper()
	return aws.ToString(require(acm.NewFromConfig(p.aws(t, region)).RequestCertificate(t.Context(), &acm.RequestCertificateInput{
		DomainName: aws.String(p.domain()), SubjectAlternativeNames: []string{p.domain(), region + "." + p.domain()},
		ValidationMethod: acmtypes.ValidationMethodDns,
	}))(t).CertificateArn)
}

// checkNATGateways checks that each zone has a NAT gateway with an address, in its public subnet.
func checkNATGateways(t *testing.T, p *platform) {
	for _, deployed := range deployedRegions {
		client := ec2.NewFromConfig(p.aws(t, deployed.region))
		seen := describeNetwork(t, client, p.name)
		described := require(client.DescribeNatGateways(t.Context(), &ec2.DescribeNatGatewaysInput{Filter: filter("vpc-id", seen.vpc)}))(t)
		zones := map[string]bool{}
		for _, gateway := range described.NatGateways {
			if gateway.State != types.NatGatewayStateAvailable || len(gateway.NatGatewayAddresses) != 1 {
				t.Errorf("%s of %s is %s with %d addresses", aws.ToString(gateway.NatGatewayId), deployed.region, gateway.State,
					len(gateway.NatGatewayAddresses))
			}
			for _, subnet := range seen.subnets {
				if aws.ToString(subnet.SubnetId) == aws.ToString(gateway.SubnetId) && tagged(subnet.Tags, "SubnetType") == "Public" {
					zones[aws.ToString(subnet.AvailabilityZone)] = true
				}
			}
		}
		if len(zones) != 3 || len(described.NatGateways) != 3 {
			t.Errorf("%s has %d NAT gateways in the public subnets of %d zones, want one in each of three", deployed.region,
				len(described.NatGateways), len(zones))
		}
	}
}

// checkHTTPS asks the name that fails over and both regions, by HTTPS and by HTTP, which leads to HTTPS.
func checkHTTPS(t *testing.T, p *platform) {
	client := &http.Client{
		Transport: p.transport(t), Timeout: requestTime,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	get := func(url string) reply {
		t.Helper()
		response, err := client.Get(url)
		if err != nil {
			t.Fatalf("asking for %s: %v", url, err)
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatalf("asking for %s: %v", url, err)
		}
		return reply{response.StatusCode, response.Header, body}
	}
	for host, region := range map[string]string{p.domain(): east, east + "." + p.domain(): east, west + "." + p.domain(): west} {
		var health struct{ Region string }
		got := get("https://" + host + "/healthz")
		if got.decode(t, &health); got.status != http.StatusOK || health.Region != region {
			t.Errorf("https://%s is answered %s, want 200 by %s", host, got, region)
		}
		got = get("http://" + host + "/records/search?next=a%2Fb")
		location, want := got.header.Get("Location"), "https://"+host+":443/records/search?next=a%2Fb"
		if got.status != http.StatusMovedPermanently || location != want {
			t.Errorf("http://%s is answered %d to %s, want 301 to %s", host, got.status, location, want)
		}
	}
	for _, deployed := range deployedRegions {
		balancer := p.loadBalancer(t, deployed.region, deployed.role)
		balancing := elasticloadbalancingv2.NewFromConfig(p.aws(t, deployed.region))
		described := require(balancing.DescribeListeners(t.Context(), &elasticloadbalancingv2.DescribeListenersInput{
			LoadBalancerArn: balancer.LoadBalancerArn,
		}))(t)
		var listeners []string
		for _, l := range described.Listeners {
			listeners = append(listeners, fmt.Sprint(aws.ToInt32(l.Port), " ", l.Protocol, " ", len(l.Certificates), " ", aws.ToString(l.SslPolicy)))
		}
		slices.Sort(listeners)
		if want := []string{"443 HTTPS 1 ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09", "80 HTTP 0 "}; !slices.Equal(listeners, want) {
			t.Errorf("the load balancer of %s listens at %q, want %q", deployed.region, listeners, want)
		}
	}
}

// checkProdsApplication checks what differs in prod of the application and its data: who is notified, how long is kept, how many are there.
func checkProdsApplication(t *testing.T, p *platform) {
	for _, deployed := range deployedRegions {
		subscriptions := require(sns.NewFromConfig(p.aws(t, deployed.region)).ListSubscriptionsByTopic(t.Context(),
			&sns.ListSubscriptionsByTopicInput{TopicArn: aws.String(p.topic(t, deployed.region))}))(t).Subscriptions
		if len(subscriptions) != 1 || aws.ToString(subscriptions[0].Endpoint) != onCall || aws.ToString(subscriptions[0].Protocol) != "email" {
			t.Errorf("the topic of %s has the subscriptions %+v, want the e-mail address %s", deployed.region, subscriptions, onCall)
		}
		group := "logs-audit-" + deployed.role + "-" + p.name
		groups := require(cloudwatchlogs.NewFromConfig(p.aws(t, deployed.region)).DescribeLogGroups(t.Context(),
			&cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &group}))(t).LogGroups
		if len(groups) != 1 || aws.ToInt32(groups[0].RetentionInDays) != auditRetention {
			t.Errorf("of the audit trail in %s there are the groups %+v, want one of %d days", deployed.region, groups, auditRetention)
		}
		cluster := p.cluster(t, deployed.region)
		if got := len(cluster.DBClusterMembers); got != prodInstances || !aws.ToBool(cluster.DeletionProtection) {
			t.Errorf("the cluster of %s has %d instances, and is protected: %t", deployed.region, got, aws.ToBool(cluster.DeletionProtection))
		}
	}
}

// checkRaised raises a setting of one region, which changes the function there and nothing else.
func checkRaised(t *testing.T, p *platform) {
	memory := func(region, role string) int32 {
		t.Helper()
		name := "lambda-app-" + role + "-" + p.name
		return aws.ToInt32(require(lambda.NewFromConfig(p.aws(t, region)).GetFunctionConfiguration(t.Context(),
			&lambda.GetFunctionConfigurationInput{FunctionName: &name}))(t).MemorySize)
	}
	p.make(t, "set", "STACK=region-app-east", "KEY=memoryMb", fmt.Sprint("VALUE=", raisedMemory))
	p.make(t, "up")
	for _, deployed := range deployedRegions {
		want := map[string]int32{east: raisedMemory, west: prodMemory}[deployed.region]
		if got := memory(deployed.region, deployed.role); got != want {
			t.Errorf("the function in %s has %d MB, want %d", deployed.region, got, want)
		}
	}
	p.services(t)[east].await(t, http.StatusOK, http.MethodGet, "/readyz")
	p.make(t, "preview", noDrift)
}

// checkOnlySnapshotsLeft checks what is left after protection was taken off and everything destroyed.
func checkOnlySnapshotsLeft(t *testing.T, p *platform) {
	left := map[string]int{}
	for _, one := range p.sweep(t, p.name, east, west) {
		left[one.Service+" "+one.Kind]++
	}
	const snapshots = "rds DB cluster snapshots"
	if left[snapshots] != len(deployedRegions) || len(left) != 1 {
		t.Errorf("there are left %v, want a snapshot of each cluster", left)
	}
}
