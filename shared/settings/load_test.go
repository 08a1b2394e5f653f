package settings

import (
	"reflect"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func TestConfigVariableIsTheSDKs(t *testing.T) {
	if configVariable != pulumi.EnvConfig {
		t.Errorf("the variable is %s, the SDK reads %s", configVariable, pulumi.EnvConfig)
	}
}

func TestLoad(t *testing.T) {
	t.Run("foundation-network", func(t *testing.T) {
		t.Setenv(configVariable, `{"foundation-network:profile":"prod","foundation-network:listenerPort":"8443","aws:region":"us-east-1"}`)
		got, err := LoadFoundation(readFile(t, foundationName), "blue")
		if want := expect("blue", Prod, 8443, 365); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("LoadFoundation = %+v, %v; want %+v", got, err, want)
		}
	})
	t.Run("data-global", func(t *testing.T) {
		t.Setenv(configVariable, `{"data-global:maxCapacity":"4","data-global:featureSwitches":"{\"exports\":true}","aws:region":"us-east-1"}`)
		got, err := LoadData(readFile(t, dataName), "blue", Dev)
		want := withData(expectDev(), func(d *Data) {
			d.Database.MaxCapacity = 4
			d.FeatureSwitches = map[string]bool{"exports": true}
		})
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("LoadData = %+v, %v; want %+v", got, err, want)
		}
	})
	t.Run("region-app-west", func(t *testing.T) {
		t.Setenv(configVariable, `{"region-app-west:memoryMb":"2048","region-app-east:memoryMb":"512"}`)
		got, err := LoadApplication(readFile(t, appName), "blue", inDev)
		if want := expectApp(func(a *Application) { a.MemoryMB = 2048 }); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("LoadApplication = %+v, %v; want %+v", got, err, want)
		}
	})
	t.Run("global-edge", func(t *testing.T) {
		t.Setenv(configVariable, `{"global-edge:logRetentionDays":"30"}`)
		got, err := LoadEdge(readFile(t, edgeName), "blue", edgeInDev)
		if err != nil || got.LogRetentionDays != 30 || got.Architecture != "arm64" {
			t.Errorf("LoadEdge = %+v, %v; want 30 days of logs on arm64", got, err)
		}
	})
}

func TestLoadFaults(t *testing.T) {
	tests := []struct{ name, variable, want string }{
		{"faults name the stack", `{"data-global:standbyInstances":"0"}`,
			"data-global (blue): 1 setting is wrong:\n  standbyInstances: allowed 1 to 15 instances, or empty for the profile's default; got 0"},
		{"no engine runs the program", "",
			"reading the configuration of data-global (blue): PULUMI_CONFIG is not set; run the program with `pulumi up` or `pulumi preview`"},
		{"a variable that is not JSON", "{", "reading the configuration of data-global (blue): PULUMI_CONFIG is not a JSON object of strings: "},
		{"a value that is not a string", `{"data-global:standbyInstances":1}`,
			"reading the configuration of data-global (blue): PULUMI_CONFIG is not a JSON object of strings: "},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv(configVariable, test.variable)
			if _, err := LoadData(readFile(t, dataName), "blue", Dev); err == nil || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("the error is %v, want %s", err, test.want)
			}
		})
	}
	t.Run("declarations that are incomplete", func(t *testing.T) {
		t.Setenv(configVariable, "{}")
		_, err := LoadFoundation([]byte("name: foundation-network\nconfig: {profile: {type: string}}"), "dev")
		if err == nil || !strings.Contains(err.Error(), "reading Pulumi.yaml of foundation-network: key profile: it has no description") {
			t.Errorf("the error is %v, want one that names the key", err)
		}
	})
}
