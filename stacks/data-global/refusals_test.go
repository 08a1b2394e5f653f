package main

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"warmstandby/shared/contract"
	"warmstandby/shared/settings"
	"warmstandby/test/support/pulumitest"
)

// wrong holds a value that is refused for every key of the configuration, and a key that there is not.
var wrong = map[string]string{
	"engineVersion": "16", "minCapacity": "0", "maxCapacity": "257", "primaryInstances": "0", "standbyInstances": "0",
	"backupRetentionDays": "36", "backupWindow": "01:00", "logRetentionDays": "2", "rpoSeconds": "901", "performanceInsights": "ture",
	"transitionDays": "29", "noncurrentExpiryDays": "0", "abortUploadDays": "0", "archiveDays": "0", "vaultRetentionDays": "0",
	"featureSwitches": `{"exports":"true"}`, "minCapacty": "1", "jwtIssuer": "an issuer", "jwtAudience": "a b", "jwtKeys": "{}",
}

// beside holds what is set with a key of the three that are set together, so that nothing but the one is wrong.
func beside(key string) map[string]string {
	config := map[string]string{key: wrong[key]}
	if right := tokens(); right[key] != "" {
		maps.Copy(config, right)
		config[key] = wrong[key]
	}
	return config
}

func TestAConfigurationThatIsWrongIsReturnedWholeAndNothingIsBuilt(t *testing.T) {
	all := slices.Sorted(maps.Keys(wrong))
	declared, err := settings.ReadProject(pulumiYAML)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range declared.Keys {
		if !slices.Contains(all, key.Name) {
			t.Errorf("no wrong value of %s is tried", key.Name)
		}
	}
	for _, key := range all {
		t.Run(key, func(t *testing.T) {
			recording, err := deployed(t, network(nil), beside(key))
			pulumitest.WantFaults(t, recording, err, key)
		})
	}
	t.Run("all at once", func(t *testing.T) {
		recording, err := deployed(t, network(nil), wrong)
		pulumitest.WantFaults(t, recording, err, all...)
	})
	t.Run("a profile that there is not", func(t *testing.T) {
		recording, err := deployed(t, network(map[string]any{"profile": "staging"}), nil)
		pulumitest.WantFaults(t, recording, err, "profile")
	})
}

func TestEachMissingOutputOfTheFoundationIsRefusedAndNothingIsBuilt(t *testing.T) {
	for _, key := range golden(t, contract.FoundationNetworkProject) {
		for name, opts := range map[string][]pulumitest.Option{"in an update": nil, "in a preview": {pulumitest.Preview()}} {
			t.Run(key+" "+name, func(t *testing.T) {
				exports := network(nil)
				delete(exports, resource.PropertyKey(key))
				recording, err := deployed(t, exports, nil, opts...)
				if err == nil {
					t.Fatal("the stack was deployed without it")
				}
				for _, said := range []string{foundation, "make up STACK=foundation-network ", "output " + key + ": "} {
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
