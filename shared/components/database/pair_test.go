package database

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"warmstandby/test/support/pulumitest"
)

// differences are the only properties that the members may differ in, by type. A property that is equal fails the test too.
var differences = map[string][]string{
	clusterToken:   {"databaseName", "masterPassword", "masterUsername", "preferredMaintenanceWindow", "sourceRegion"},
	instanceToken:  {"preferredMaintenanceWindow"},
	parameterToken: {"parameters"},
}

// member returns the resources of a region's member, by type and by the name that they would have in the primary region.
func member(recording *pulumitest.Recording, in string) map[string]pulumitest.Resource {
	found := map[string]pulumitest.Resource{}
	for _, registered := range recording.Resources {
		if registered.Request.GetCustom() && registered.Type != globalToken && recording.Region(registered) == in {
			found[registered.Type+" "+primaryForm(registered.Name)] = registered
		}
	}
	return found
}

// inputs returns each input as the primary's would be, as JSON.
func inputs(t *testing.T, registered pulumitest.Resource) map[string]string {
	t.Helper()
	written := map[string]string{}
	for key, value := range registered.Inputs {
		text, err := json.Marshal(resource.PropertyMap{key: value}.Mappable())
		if err != nil {
			t.Fatalf("writing %s of %s: %v", key, registered.Name, err)
		}
		written[string(key)] = primaryForm(string(text))
	}
	return written
}

// A secondary that is built differently shows it only after a failover.
func TestMembersAreEqual(t *testing.T) {
	for name, change := range map[string]func(*GlobalArgs){
		"as they are":               unchanged,
		"with protection":           protected,
		"with Performance Insights": func(args *GlobalArgs) { args.PerformanceInsights = true },
	} {
		t.Run(name, func(t *testing.T) {
			recording := mustBuild(t, change)
			primary, standby := member(recording, testRegions[0].region), member(recording, testRegions[1].region)
			if got, want := slices.Sorted(maps.Keys(standby)), slices.Sorted(maps.Keys(primary)); !slices.Equal(got, want) {
				t.Fatalf("the standby has %q, the primary %q", got, want)
			}
			if len(primary) != 6 {
				t.Errorf("a member is of %d resources, want log group, subnet group, parameter group, cluster and two instances", len(primary))
			}
			for name, expected := range primary {
				other := standby[name]
				if got, want := differing(inputs(t, expected), inputs(t, other)), differences[expected.Type]; !slices.Equal(got, want) {
					t.Errorf("%s differs in %q, want %q", name, got, want)
				}
				if !slices.Equal(expected.Request.GetIgnoreChanges(), other.Request.GetIgnoreChanges()) {
					t.Errorf("%s ignores %q in the primary region, %q in the standby",
						name, expected.Request.GetIgnoreChanges(), other.Request.GetIgnoreChanges())
				}
				if got, want := other.Request.GetCustomTimeouts().String(), expected.Request.GetCustomTimeouts().String(); got != want {
					t.Errorf("%s has the timeouts %s in the standby, %s in the primary region", name, got, want)
				}
			}
		})
	}
}

// differing returns the keys whose values are not the same, sorted.
func differing(one, other map[string]string) []string {
	all := map[string]bool{}
	for key, value := range one {
		all[key] = all[key] || other[key] != value
	}
	for key, value := range other {
		all[key] = all[key] || one[key] != value
	}
	maps.DeleteFunc(all, func(_ string, differs bool) bool { return !differs })
	return slices.Sorted(maps.Keys(all))
}

// Only the primary is created with a user and a database.
func TestMemberCreation(t *testing.T) {
	recording := mustBuild(t, unchanged)
	primary, standby := recording.Get(t, clusterToken, testRegions[0].cluster), recording.Get(t, clusterToken, testRegions[1].cluster)
	for property, want := range map[string]any{"databaseName": "records", "masterUsername": "platform", "sourceRegion": nil} {
		if got := primary.Input(property); got != want {
			t.Errorf("the primary has the %s %v, want %v", property, got, want)
		}
	}
	for property, want := range map[string]any{
		"databaseName": nil, "masterUsername": nil, "masterPassword": nil, "sourceRegion": "us-east-1",
	} {
		if got := standby.Input(property); got != want {
			t.Errorf("the secondary has the %s %v, want %v", property, got, want)
		}
	}
	if given := primary.Inputs["masterPassword"]; !given.IsSecret() || given.SecretValue().Element.StringValue() != password {
		t.Error("the password is not given to the primary as a secret")
	}
}
