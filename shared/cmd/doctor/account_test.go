package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// account plays AWS: one in which everything is well, unless a test changes it.
type account struct {
	noCredentials bool
	who           identity
	whoErr        error
	buckets       map[string]bucket
	keys          map[string]key
	quotas        map[string]float64 // by region and name of the quota's code, of what is not 1,000
	quotaErr      error
	usedNow       map[usage]int
	checks        [2]int64
	roles         map[string]bool
	optedOut      map[string]bool // by region and type
	zoneIDs       map[string][]string
	endpointsLack string // a zone in which no service has an endpoint
	engines       map[string]engine
	certificateOf map[string]certificate
	hostedZones   map[string]hostedZone
	nameServers   map[string][]string
	vpcs          map[string][]network
	backupErr     error
	endpointsErr  error
	asked         []string
}

func (a *account) credentials(context.Context) error {
	if a.noCredentials {
		return errors.New("failed to refresh cached credentials, no EC2 IMDS role found, operation error ec2imds")
	}
	return nil
}
func (a *account) identity(_ context.Context, region string) (identity, error) {
	a.asked = append(a.asked, region)
	return a.who, a.whoErr
}
func (a *account) bucket(_ context.Context, name, _ string) (bucket, error) {
	return a.buckets[name], nil
}
func (a *account) key(_ context.Context, id, _ string) (key, error) { return a.keys[id], nil }
func (a *account) quota(_ context.Context, region, _, code string) (float64, error) {
	if value, is := a.quotas[region+" "+code]; is {
		return value, a.quotaErr
	}
	return 1000, a.quotaErr
}
func (a *account) used(_ context.Context, _ string, what usage) (int, error) {
	return a.usedNow[what], nil
}
func (a *account) healthChecks(context.Context) (int64, int64, error) {
	return a.checks[0], a.checks[1], nil
}
func (a *account) serviceRole(_ context.Context, name string) (bool, error) {
	return a.roles[name], nil
}
func (a *account) backupOptIn(_ context.Context, region, resource string) (bool, error) {
	return !a.optedOut[region+" "+resource], a.backupErr
}
func (a *account) zones(_ context.Context, region string) ([]string, error) {
	return a.zoneIDs[region], nil
}
func (a *account) endpointZones(_ context.Context, region, _ string) ([]string, error) {
	return slices.DeleteFunc(slices.Clone(a.zoneIDs[region]), func(id string) bool { return id == a.endpointsLack }), a.endpointsErr
}
func (a *account) engine(_ context.Context, region, _ string) (engine, error) {
	return a.engines[region], nil
}
func (a *account) certificate(_ context.Context, _, arn string) (certificate, error) {
	return a.certificateOf[arn], nil
}
func (a *account) zone(_ context.Context, id string) (hostedZone, error) {
	return a.hostedZones[id], nil
}
func (a *account) delegation(_ context.Context, domain string) ([]string, error) {
	return a.nameServers[domain], nil
}
func (a *account) networks(_ context.Context, region string) ([]network, error) {
	return a.vpcs[region], nil
}

const (
	certificateEast = "arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-0000-0000-000000000001"
	certificateWest = "arn:aws:acm:us-west-2:123456789012:certificate/00000000-0000-0000-0000-000000000002"
)

// healthy is an account that lacks nothing for prod, and the request of it.
func healthy(t *testing.T) (*account, request) {
	t.Helper()
	whole := engine{offered: true, global: true, serverless: true, most: 256}
	valid := func(region string) certificate {
		return certificate{
			status: "ISSUED", algorithm: "EC_prime256v1", until: time.Now().Add(300 * 24 * time.Hour),
			names: []string{"records.example.com", region + ".records.example.com"},
		}
	}
	a := &account{
		who:     identity{account: "123456789012", arn: "arn:aws:sts::123456789012:assumed-role/deployer/x", now: time.Now()},
		buckets: map[string]bucket{"states": {region: "us-west-2", versioned: true}},
		keys:    map[string]key{"alias/states": {state: enabled}},
		quotas:  map[string]float64{}, usedNow: map[usage]int{}, checks: [2]int64{200, 0}, roles: map[string]bool{}, optedOut: map[string]bool{},
		zoneIDs: map[string][]string{
			"us-east-1": {"use1-az1", "use1-az2", "use1-az3", "use1-az4"}, "us-west-2": {"usw2-az1", "usw2-az2", "usw2-az3"},
		},
		engines:       map[string]engine{"us-east-1": whole, "us-west-2": whole},
		certificateOf: map[string]certificate{certificateEast: valid("us-east-1"), certificateWest: valid("us-west-2")},
		hostedZones:   map[string]hostedZone{"Z0123456789": {name: "example.com", nameServers: []string{"ns-1.awsdns.com", "ns-2.awsdns.net"}}},
		nameServers:   map[string][]string{"example.com": {"ns-2.awsdns.net", "NS-1.awsdns.com."}},
		vpcs:          map[string][]network{"us-east-1": {{id: "vpc-default", ranges: []string{"172.31.0.0/16"}}}},
	}
	for _, l := range linkedRoles {
		a.roles[l.role] = true
	}
	root := t.TempDir()
	for stack, settings := range map[string]string{
		"foundation-network": "secretsprovider: awskms://alias/states?region=us-west-2\n" +
			"config:\n  foundation-network:allowedAccountIds: [\"123456789012\"]\n",
		"data-global":     "",
		"region-app-east": "config:\n  region-app-east:certificateArn: " + certificateEast + "\n",
		"region-app-west": "config:\n  region-app-west:certificateArn: " + certificateWest + "\n",
		"global-edge": "config:\n  global-edge:domainName: records.example.com\n  global-edge:hostedZoneId: Z0123456789\n" +
			"  global-edge:runbookUrl: https://wiki.example.com/runbook\n",
	} {
		declarations, err := os.ReadFile(filepath.Join("../../../stacks", stack, "Pulumi.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(root, "stacks", stack, "Pulumi.yaml"), string(declarations))
		write(t, filepath.Join(root, "stacks", stack, "Pulumi.prod.yaml"), settings)
	}
	return a, request{environment: "prod", root: root, backend: "s3://states?region=us-west-2"}
}

func write(t *testing.T, file, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
