package regionapp

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/settings"
	"warmstandby/test/support/pulumitest"
)

// wrong holds a value that is refused for every key of the configuration, and a key that there is not.
var wrong = map[string]string{
	"certificateArn": "web", "notificationEmails": `["ops"]`, "memoryMb": "64", "timeoutSeconds": "60", "logLevel": "loud",
	"logRetentionDays": "2", "memoryMB": "512",
}

func TestAConfigurationThatIsWrongIsReturnedWholeAndNothingIsBuilt(t *testing.T) {
	all := slices.Sorted(maps.Keys(wrong))
	declared, err := settings.ReadProject(stacks[1].pulumiYAML(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range declared.Keys {
		if !slices.Contains(all, key.Name) {
			t.Errorf("no wrong value of %s is tried", key.Name)
		}
	}
	s := stacks[1]
	for _, key := range all {
		t.Run(key, func(t *testing.T) {
			recording, err := s.deployed(t, network(nil), data(), map[string]string{key: wrong[key]})
			pulumitest.WantFaults(t, recording, err, key)
		})
	}
	t.Run("all at once", func(t *testing.T) {
		recording, err := s.deployed(t, network(nil), data(), wrong)
		pulumitest.WantFaults(t, recording, err, all...)
	})
	t.Run("production without a certificate", func(t *testing.T) {
		recording, err := s.deployed(t, network(map[string]any{"profile": "prod"}), data(), nil)
		pulumitest.WantFaults(t, recording, err, "certificateArn")
	})
	t.Run("the other region's certificate", func(t *testing.T) {
		recording, err := s.deployed(t, network(map[string]any{"listenerPort": 443.0}), data(),
			map[string]string{"certificateArn": stacks[0].arn("acm", "certificate/web")})
		pulumitest.WantFaults(t, recording, err, "certificateArn")
	})
}

func TestEachMissingOutputOfTheLayersBelowIsRefusedAndNothingIsBuilt(t *testing.T) {
	for _, s := range stacks {
		for _, below := range []struct {
			project string
			exports func() resource.PropertyMap
		}{
			{"foundation-network", func() resource.PropertyMap { return network(nil) }},
			{"data-global", data},
		} {
			listed, err := os.ReadFile("../../../shared/contract/testdata/" + below.project + ".keys")
			if err != nil {
				t.Fatal(err)
			}
			for _, key := range strings.Fields(string(listed)) {
				t.Run(s.project+" without "+key, func(t *testing.T) {
					on, with := network(nil), data()
					delete(map[string]resource.PropertyMap{"foundation-network": on, "data-global": with}[below.project], resource.PropertyKey(key))
					recording, err := s.deployed(t, on, with, nil, pulumitest.Preview())
					if err == nil {
						t.Fatal("the stack was deployed without it")
					}
					for _, said := range []string{"make up STACK=" + below.project, "output " + key + ": "} {
						if !strings.Contains(err.Error(), said) {
							t.Errorf("the error %q does not say %q", err, said)
						}
					}
					if len(recording.Resources) != 0 {
						t.Errorf("%d resources were registered before it was missed", len(recording.Resources))
					}
				})
			}
		}
	}
}

func TestWithoutTheFunctionsCodeNothingIsBuilt(t *testing.T) {
	s, empty := stacks[0], t.TempDir()
	recording, err := pulumitest.RunErr(t, s.project, "dev", nil, func(ctx *pulumi.Context) error { return Deploy(ctx, s.role, empty, s.pulumiYAML(t)) },
		pulumitest.Stack(foundation, network(nil)), pulumitest.Stack(dataGlobal, data()))
	if err == nil || !strings.Contains(err.Error(), "index.mjs") || !strings.Contains(err.Error(), "run `make lambda`") {
		t.Errorf("the error is %v, want one that says how to build the code", err)
	}
	if len(recording.Resources) != 0 {
		t.Errorf("%d resources were registered", len(recording.Resources))
	}
}

func TestARoleThatThereIsNotIsRefused(t *testing.T) {
	_, err := pulumitest.RunErr(t, stacks[0].project, "dev", nil, func(ctx *pulumi.Context) error {
		return Deploy(ctx, "tertiary", t.TempDir(), stacks[0].pulumiYAML(t))
	},
		pulumitest.Stack(foundation, network(nil)), pulumitest.Stack(dataGlobal, data()))
	if err == nil || !strings.Contains(err.Error(), `role "tertiary"`) {
		t.Errorf("the error is %v, want one that names the role", err)
	}
}
