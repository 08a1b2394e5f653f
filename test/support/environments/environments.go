// Package environments walks the environments that the settings can make: each stack's program runs with each of them against the
// mocks, reads what the stacks before it export, and is held to the rules of a deployed platform.
//
// A stack's test ranges over [All], runs its program with [Environment.Upstream] and the configuration that is its own, and calls
// [Environment.Check]. The outputs of the stacks before it are those that their own runs recorded (test/support/deployed).
package environments

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"warmstandby/shared/contract"
	"warmstandby/shared/naming"
	"warmstandby/shared/settings"
	"warmstandby/test/support/contracttest"
	"warmstandby/test/support/deployed"
	"warmstandby/test/support/hipaa"
	"warmstandby/test/support/invariant"
	"warmstandby/test/support/pulumitest"
)

// Environment is one that the settings can make.
type Environment struct {
	// Name says what is set.
	Name string
	// Profile is its row of defaults.
	Profile settings.Profile
	// Protection is on.
	Protection bool
	// HTTPS: users are served by HTTPS on port 443.
	HTTPS bool
	// NAT is the strategy of NAT gateways.
	NAT settings.NATStrategy
}

// All are the environments that are walked: each profile, prod without protection, and each value of the settings that open something.
var All = []Environment{
	{Name: "local", Profile: settings.Local, NAT: settings.NATNone},
	{Name: "dev", Profile: settings.Dev, NAT: settings.NATNone},
	{Name: "dev with a certificate", Profile: settings.Dev, NAT: settings.NATNone, HTTPS: true},
	{Name: "dev with one NAT gateway", Profile: settings.Dev, NAT: settings.NATSingle},
	{Name: "prod", Profile: settings.Prod, NAT: settings.NATNone, HTTPS: true, Protection: true},
	{Name: "prod without protection", Profile: settings.Prod, NAT: settings.NATNone, HTTPS: true},
	{Name: "prod with a NAT gateway in each zone", Profile: settings.Prod, NAT: settings.NATOnePerZone, HTTPS: true, Protection: true},
}

// record is the folder that the states of prod are written to, for auditors' tools (test/audit).
var record = flag.String("record-states", "", "the folder that the states of prod are written to")

// IsProduction reports whether users' data is in it: the profile is prod, and protection is on.
func (e Environment) IsProduction() bool { return e.Profile == settings.Prod && e.Protection }

// The ports of plain HTTP and of HTTPS.
const (
	httpPort  = 80
	httpsPort = 443
)

func (e Environment) port() int {
	if e.HTTPS {
		return httpsPort
	}
	return httpPort
}

// Upstream returns the options that give a run the outputs of the stacks before it, by their projects, and ARNs in AWS's form.
func (e Environment) Upstream(t testing.TB, projects ...string) []pulumitest.Option {
	t.Helper()
	opts := []pulumitest.Option{pulumitest.AWSARNs()}
	scheme := "http"
	if e.HTTPS {
		scheme = "https"
	}
	changed := map[string]map[string]any{
		contract.FoundationNetworkProject: {"protection": e.Protection, "listenerPort": float64(e.port())},
		contract.RegionAppEastProject:     {"scheme": scheme, "port": float64(e.port())},
		contract.RegionAppWestProject:     {"scheme": scheme, "port": float64(e.port())},
	}
	for _, project := range projects {
		outputs := deployed.Outputs(t, string(e.Profile), project)
		for key, value := range changed[project] {
			if _, known := outputs[key]; !known {
				t.Fatalf("%s has no output %q", project, key)
			}
			outputs[key] = value
		}
		opts = append(opts, pulumitest.Stack(contracttest.StackName(project), resource.NewPropertyMapFromMap(outputs)))
	}
	return opts
}

// platform returns what the invariants expect of the environment.
func (e Environment) platform() invariant.Platform {
	platform := invariant.Platform{
		Environment: contracttest.Stack, Suffix: contracttest.Suffix,
		Roles: map[string]naming.Role{contracttest.Primary: naming.Primary, contracttest.Standby: naming.Secondary},
	}
	if e.HTTPS {
		platform.Settings = append(platform.Settings, invariant.HTTPS)
	}
	if e.NAT != settings.NATNone {
		platform.Settings = append(platform.Settings, invariant.NAT)
	}
	return platform
}

// Check holds what a stack's program has registered in the environment to the rules of all stacks, to those of a deployed platform, in
// production to AWS's for HIPAA, and the network to the table of calls.
func (e Environment) Check(t testing.TB, recording *pulumitest.Recording, home func(name string) string) {
	t.Helper()
	platform := e.platform()
	rules := pulumitest.Rules{Suffix: platform.Suffix, Roles: platform.Roles, Home: home, Protection: e.Protection}
	if regions := regionsOf(recording); len(regions) == 1 {
		rules.Roles = map[string]naming.Role{regions[0]: platform.Roles[regions[0]]}
	}
	pulumitest.Check(t, recording, rules)
	resources := recording.Deployed()
	for _, breach := range invariant.Check(resources, platform) {
		t.Error(breach)
	}
	if *record != "" && e.Name == "prod" {
		e.write(t, recording.Project, resources)
	}
	if e.IsProduction() {
		for _, breach := range hipaa.Check(recording.Project, resources) {
			t.Error(breach)
		}
	}
	if recording.Project == contract.FoundationNetworkProject {
		for _, fault := range egressFaults(resources, platform.Settings) {
			t.Error(fault)
		}
	}
}

// regionsOf returns the regions of a run's providers, sorted.
func regionsOf(recording *pulumitest.Recording) []string {
	var regions []string
	for _, provider := range recording.OfType("pulumi:providers:aws") {
		regions = append(regions, provider.Text("region"))
	}
	slices.Sort(regions)
	return slices.Compact(regions)
}

// write writes the resources of a stack to the folder of the flag.
func (e Environment) write(t testing.TB, project string, resources []invariant.Resource) {
	t.Helper()
	content, err := json.Marshal(resources)
	if err == nil {
		err = os.WriteFile(filepath.Join(*record, project+".json"), content, 0o600)
	}
	if err != nil {
		t.Fatalf("writing the state of %s: %v", project, err)
	}
}
