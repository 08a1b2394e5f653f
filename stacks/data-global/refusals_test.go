package main

import (
	"maps"
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"warmstandby/shared/contract"
	"warmstandby/shared/settings"
	"warmstandby/test/support/contracttest"
	"warmstandby/test/support/pulumitest"
)

// invalid holds a value that is refused for every key of the configuration, and a key that does not exist.
var invalid = map[string]string{
	"engineVersion": "16", "minCapacity": "0", "maxCapacity": "257", "primaryInstances": "0", "standbyInstances": "0",
	"backupRetentionDays": "36", "backupWindow": "01:00", "finalSnapshot": "last", "logRetentionDays": "2", "rpoSeconds": "901",
	"performanceInsights": "ture",
	"transitionDays":      "29", "noncurrentExpiryDays": "0", "abortUploadDays": "0", "archiveDays": "0", "vaultRetentionDays": "0",
	"featureSwitches": `{"exports":"true"}`, "minCapacty": "1", "jwtIssuer": "an issuer", "jwtAudience": "a b", "jwtKeys": "{}",
	"jwtAudienceClaim": "azp", "jwtScopePrefix": "a b", "jwtTenantClaim": "org id", "jwtDefaultTenant": "clinic a",
}

// configWith returns a configuration in which the key alone is invalid: the keys of tokens, which are set together, are set all.
func configWith(key string) map[string]string {
	config := map[string]string{key: invalid[key]}
	if valid := tokens(); valid[key] != "" {
		maps.Copy(config, valid)
		config[key] = invalid[key]
	}
	return config
}

func TestInvalidConfiguration(t *testing.T) {
	// All faults are returned together, and nothing is built.
	all := slices.Sorted(maps.Keys(invalid))
	declared, err := settings.ReadProject(pulumiYAML)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range declared.Keys {
		if !slices.Contains(all, key.Name) {
			t.Errorf("no invalid value of %s is tried", key.Name)
		}
	}
	for _, key := range all {
		t.Run(key, func(t *testing.T) {
			recording, err := deployWith(t, contracttest.FoundationNetwork(t, nil), configWith(key))
			pulumitest.CheckFaults(t, recording, err, key)
		})
	}
	t.Run("all at once", func(t *testing.T) {
		recording, err := deployWith(t, contracttest.FoundationNetwork(t, nil), invalid)
		pulumitest.CheckFaults(t, recording, err, all...)
	})
	t.Run("an unknown profile", func(t *testing.T) {
		recording, err := deployWith(t, contracttest.FoundationNetwork(t, map[string]any{"profile": "staging"}), nil)
		pulumitest.CheckFaults(t, recording, err, "profile")
	})
}

func TestMissingOutputs(t *testing.T) {
	for name, opts := range map[string][]pulumitest.Option{"in an update": nil, "in a preview": {pulumitest.Preview()}} {
		t.Run("nothing is built without every output of the network, "+name, func(t *testing.T) {
			contracttest.CheckRefused(t, contract.FoundationNetworkProject, contracttest.FoundationNetwork(t, nil),
				func(t *testing.T, network resource.PropertyMap) (*pulumitest.Recording, error) {
					t.Helper()
					return deployWith(t, network, nil, opts...)
				})
		})
	}
}
