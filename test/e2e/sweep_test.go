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

// sweep asks for what there is of an environment, and fails the test when a service does not answer.
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

// notInLocalProfile are the kinds that are looked for and that the local profile does not have, with the reason.
var notInLocalProfile = map[string]string{
	"ec2 NAT gateways":                 "functions reach AWS through endpoints",
	"ec2 elastic IPs":                  "there is no NAT gateway",
	"ec2 network interfaces":           "the emulator makes none for endpoints, load balancers and functions",
	"ec2 prefix lists":                 "Route 53's own is used",
	"iam policies":                     "roles have inline ones",
	"rds DB cluster snapshots":         "nothing is protected, so none is made at the end",
	"rds DB cluster automated backups": "the emulator makes none",
	"backup recovery points":           "no backup is due yet",
}

// checkSweep holds the sweep to what stands: it would find each kind if destroy left it.
func checkSweep(t *testing.T, p *platform) {
	found := map[string][]string{}
	for _, one := range p.sweep(t, p.name, east, west) {
		kind := one.Service + " " + one.Kind
		found[kind] = append(found[kind], one.Region)
	}
	for _, row := range p.kinds(t) {
		kind := row.Service + " " + row.Kind
		if _, excused := notInLocalProfile[kind]; excused == (len(found[kind]) > 0) {
			t.Errorf("of %s there are found %d, and notMade says %q", kind, len(found[kind]), notInLocalProfile[kind])
		}
	}
	for _, region := range []string{east, west} {
		if !slices.Contains(found["rds DB clusters"], region) || !slices.Contains(found["s3 buckets"], region) {
			t.Errorf("%s is not swept: %v", region, found)
		}
	}
	if output, err := p.tryMake(t.Context(), t, "sweep"); err == nil || !strings.Contains(output, "resources are left of "+p.name) {
		t.Errorf("make sweep says of what stands: %v\n%s", err, output)
	}
	_, tail, _ := strings.Cut(p.name, "-") // an environment's name, which all of these names end with
	if left := p.sweep(t, tail, east, west); len(left) > 0 {
		t.Errorf("of the environment %s, which there is not, are found %v", tail, left)
	}
}

// assertNoApplicationLeft fails for what one region has of the application after its stack and global-edge were destroyed: of
// what the sweep finds, the kinds that no lower stack makes there, and what is called after the application.
func assertNoApplicationLeft(t *testing.T, p *platform, region string) {
	t.Helper()
	role := map[string]string{east: "primary", west: "secondary"}[region]
	for _, left := range p.sweep(t, p.name, region) {
		own := left.Region == region && slices.Contains([]string{"elbv2", "lambda", "scheduler", "sns", "cloudwatch"}, left.Service)
		for _, name := range [...]string{"-app-", "-accesslogs-", "-maintain-"} {
			own = own || strings.Contains(left.ID, name+role)
		}
		if own {
			t.Errorf("of the application in %s there is left %v", region, left)
		}
	}
}
