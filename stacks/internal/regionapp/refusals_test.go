package regionapp

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/contract"
	"warmstandby/shared/settings"
	"warmstandby/test/support/contracttest"
	"warmstandby/test/support/pulumitest"
)

// invalid holds a value that is refused for every key of the configuration, and a key that does not exist.
var invalid = map[string]string{
	"certificateArn": "web", "notificationEmails": `["ops"]`, "memoryMb": "64", "timeoutSeconds": "60", "logLevel": "loud",
	"logRetentionDays": "2", "auditRetentionDays": "2191", "versionRetentionDays": "0", "legalHold": "on", "waf": "on", "wafRateLimit": "9",
	"concurrencyQuota": "9", "memoryMB": "512",
}

func TestInvalidConfiguration(t *testing.T) {
	// All faults are returned together, and nothing is built.
	all := slices.Sorted(maps.Keys(invalid))
	declared, err := settings.ReadProject(westStack.pulumiYAML(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range declared.Keys {
		if !slices.Contains(all, key.Name) {
			t.Errorf("no invalid value of %s is tried", key.Name)
		}
	}
	s, network, data := westStack, contracttest.FoundationNetwork(t, nil), contracttest.DataGlobal(t, nil)
	for _, key := range all {
		t.Run(key, func(t *testing.T) {
			recording, err := s.deployWith(t, network, data, map[string]string{key: invalid[key]})
			pulumitest.CheckFaults(t, recording, err, key)
		})
	}
	t.Run("all at once", func(t *testing.T) {
		recording, err := s.deployWith(t, network, data, invalid)
		pulumitest.CheckFaults(t, recording, err, all...)
	})
	t.Run("production without a certificate", func(t *testing.T) {
		recording, err := s.deployWith(t, contracttest.FoundationNetwork(t, map[string]any{"profile": "prod"}), data, nil)
		pulumitest.CheckFaults(t, recording, err, "certificateArn")
	})
	t.Run("the other region's certificate", func(t *testing.T) {
		recording, err := s.deployWith(t, contracttest.FoundationNetwork(t, map[string]any{"listenerPort": 443}), data,
			map[string]string{"certificateArn": eastStack.arn("acm", "certificate/web")})
		pulumitest.CheckFaults(t, recording, err, "certificateArn")
	})
}

func TestMissingOutputs(t *testing.T) {
	for _, s := range stacks {
		t.Run(s.project+" builds nothing without every output that it reads", func(t *testing.T) {
			network, data := contracttest.FoundationNetwork(t, nil), contracttest.DataGlobal(t, nil)
			contracttest.CheckRefused(t, contract.FoundationNetworkProject, network,
				func(t *testing.T, incomplete resource.PropertyMap) (*pulumitest.Recording, error) {
					t.Helper()
					return s.deployWith(t, incomplete, data, nil, pulumitest.Preview())
				})
			contracttest.CheckRefused(t, contract.DataGlobalProject, data,
				func(t *testing.T, incomplete resource.PropertyMap) (*pulumitest.Recording, error) {
					t.Helper()
					return s.deployWith(t, network, incomplete, nil, pulumitest.Preview())
				})
		})
	}
}

func TestMissingCode(t *testing.T) {
	t.Run("without the function's code nothing is built, and the error has the command that builds it", func(t *testing.T) {
		t.Parallel()
		s, empty := eastStack, t.TempDir()
		program := func(ctx *pulumi.Context) error { return Deploy(ctx, s.role, empty, s.pulumiYAML(t)) }
		recording, err := pulumitest.RunErr(t, s.project, contracttest.Stack, nil, program,
			references(contracttest.FoundationNetwork(t, nil), contracttest.DataGlobal(t, nil))...)
		if err == nil || !strings.Contains(err.Error(), "index.mjs") || !strings.Contains(err.Error(), "run `make lambda`") {
			t.Errorf("the error is %v, want one with the command that builds the code", err)
		}
		if len(recording.Resources) != 0 {
			t.Errorf("%d resources were registered", len(recording.Resources))
		}
	})
}

func TestUnknownRole(t *testing.T) {
	t.Run("an unknown role is refused", func(t *testing.T) {
		t.Parallel()
		program := func(ctx *pulumi.Context) error { return Deploy(ctx, "tertiary", t.TempDir(), eastStack.pulumiYAML(t)) }
		_, err := pulumitest.RunErr(t, eastStack.project, contracttest.Stack, nil, program,
			references(contracttest.FoundationNetwork(t, nil), contracttest.DataGlobal(t, nil))...)
		if err == nil || !strings.Contains(err.Error(), `role "tertiary"`) {
			t.Errorf("the error is %v, want one that names the role", err)
		}
	})
}
