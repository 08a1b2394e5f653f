//go:build e2e

package e2e

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"warmstandby/test/sweep"
	"warmstandby/test/sweep/services"
)

// sweep lists the resources of an environment, and fails the test if a service does not answer.
func (p *platform) sweep(t *testing.T, name string, regions ...string) []sweep.Leftover {
	t.Helper()
	environment, err := sweep.NewEnvironment(name, name)
	if err != nil {
		t.Fatal(err)
	}
	report := sweep.Run(t.Context(), environment, regions, p.kinds(t))
	for _, fault := range report.Faults {
		t.Errorf("the sweep of %s is not whole: %v", name, fault)
	}
	return report.Left
}

func (p *platform) kinds(t *testing.T) []sweep.Row {
	return services.Rows(func(region string) aws.Config { return p.aws(t, region) })
}

// notInLocalProfile are the kinds that the local profile does not have, with the reason.
var notInLocalProfile = map[string]string{
	"ec2 NAT gateways":                 "functions reach AWS through endpoints",
	"ec2 elastic IPs":                  "there is no NAT gateway",
	"ec2 network interfaces":           "the emulator makes none for endpoints, load balancers and functions",
	"ec2 prefix lists":                 "Route 53's own is used",
	"iam policies":                     "roles have inline ones",
	"rds DB cluster automated backups": "the emulator makes none",
	"wafv2 web ACLs":                   "the local profile has no firewall",
	"backup recovery points":           "no backup is due yet, and the tests make theirs later",
}

// checkSweep runs the sweep on a deployed environment: it must find each kind.
func checkSweep(t *testing.T, p *platform) {
	found := map[string][]string{}
	for _, one := range p.sweep(t, p.name, east, west) {
		kind := one.Service + " " + one.Kind
		found[kind] = append(found[kind], one.Region)
	}
	absent := p.traits.absentKinds()
	for _, row := range p.kinds(t) {
		kind := row.Service + " " + row.Kind
		if _, excused := absent[kind]; excused == (len(found[kind]) > 0) {
			t.Errorf("of %s there are found %d, and absentKinds has %q", kind, len(found[kind]), absent[kind])
		}
	}
	for _, region := range []string{east, west} {
		if !slices.Contains(found["rds DB clusters"], region) || !slices.Contains(found["s3 buckets"], region) {
			t.Errorf("%s is not swept: %v", region, found)
		}
	}
	if output, err := p.tryMake(t.Context(), t, "sweep"); err == nil || !strings.Contains(output, "resources are left of "+p.name) {
		t.Errorf("make sweep of a deployed environment ends with %v\n%s", err, output)
	}
	_, tail, _ := strings.Cut(p.name, "-") // an environment's name, which all of these names end with
	if leftovers := p.sweep(t, tail, east, west); len(leftovers) > 0 {
		t.Errorf("of the environment %s, which there is not, are found %v", tail, leftovers)
	}
}

// assertNoApplicationLeft checks that a region has nothing of the application after its stack and global-edge were destroyed:
// none of the kinds that only they create there, and nothing named after the application.
func assertNoApplicationLeft(t *testing.T, p *platform, region string) {
	t.Helper()
	role := map[string]string{east: "primary", west: "secondary"}[region]
	for _, leftover := range p.sweep(t, p.name, region) {
		own := leftover.Region == region && slices.Contains([]string{"elbv2", "lambda", "scheduler", "sns", "cloudwatch"}, leftover.Service)
		for _, name := range [...]string{"-app-", "-accesslogs-", "-maintain-"} {
			own = own || strings.Contains(leftover.ID, name+role)
		}
		if own {
			t.Errorf("of the application in %s there is left %v", region, leftover)
		}
	}
}
