package settings

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func TestTheConfigurationIsReadWhereTheSDKReadsIt(t *testing.T) {
	if configVariable != pulumi.EnvConfig {
		t.Errorf("the variable is %s, the SDK reads %s", configVariable, pulumi.EnvConfig)
	}
}

func TestLoadFoundation(t *testing.T) {
	t.Setenv(configVariable, `{"foundation-network:profile":"prod","foundation-network:listenerPort":"8443","aws:region":"us-east-1"}`)
	got, err := LoadFoundation(project, "blue")
	if want := expect("blue", Prod, 8443, 365); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("LoadFoundation = %+v, %v; want %+v", got, err, want)
	}
}

func TestLoadFoundationReportsTheFaultsOfTheStack(t *testing.T) {
	t.Setenv(configVariable, `{"foundation-network:protecton":"true"}`)
	_, err := LoadFoundation(project, "dev")
	var faults *Faults
	if !errors.As(err, &faults) || len(faults.List) != 1 || faults.List[0].Key != "protecton" || faults.Stack != "dev" {
		t.Errorf("the error is %v, want one fault of protecton in dev", err)
	}
}

func TestLoadData(t *testing.T) {
	t.Setenv(configVariable, `{"data-global:maxCapacity":"4","data-global:featureSwitches":"{\"exports\":true}","aws:region":"us-east-1"}`)
	got, err := LoadData(dataProject, "blue", Dev)
	want := withData(expectDev(), func(d *Data) {
		d.Database.MaxCapacity = 4
		d.FeatureSwitches = map[string]bool{"exports": true}
	})
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("LoadData = %+v, %v; want %+v", got, err, want)
	}
}

func TestLoadDataReportsTheFaultsOfTheStack(t *testing.T) {
	t.Setenv(configVariable, `{"data-global:standbyInstances":"0"}`)
	_, err := LoadData(dataProject, "blue", Dev)
	want := "data-global (blue): 1 setting is wrong:\n  standbyInstances: allowed 1 to 15 instances; got 0"
	if err == nil || err.Error() != want {
		t.Errorf("the error is %v, want %s", err, want)
	}
}

func TestLoadDataWithoutAnEngine(t *testing.T) {
	t.Setenv(configVariable, "")
	_, err := LoadData(dataProject, "dev", Dev)
	if err == nil || !strings.Contains(err.Error(), "data-global (dev)") || !strings.Contains(err.Error(), "pulumi up") {
		t.Errorf("the error is %v, want one that names the stack and says how to run the program", err)
	}
}

func TestLoadFoundationWithoutAnEngine(t *testing.T) {
	tests := []struct{ name, text, says string }{
		{"a variable that is not set says how to run the program", "", "pulumi up"},
		{"a variable that is no JSON is refused", "{", "not a JSON object of strings"},
		{"a value that is no string is refused", `{"foundation-network:listenerPort":80}`, "not a JSON object of strings"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv(configVariable, test.text)
			_, err := LoadFoundation(project, "dev")
			if err == nil || !strings.Contains(err.Error(), test.says) || !strings.Contains(err.Error(), "foundation-network (dev)") {
				t.Errorf("the error is %v, want one that names the stack and says %q", err, test.says)
			}
		})
	}
}
