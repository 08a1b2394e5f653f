package parameters

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/naming"
	"warmstandby/test/support/pulumitest"
	"warmstandby/test/support/regiontest"
)

const parameterType = "aws:ssm/parameter:Parameter"

var homes = map[string]string{"primary": "us-east-1", "secondary": "us-west-2"}

func buildErr(t *testing.T, values map[string]Value, opts ...pulumitest.Option) (*pulumitest.Recording, error) {
	t.Helper()
	return pulumitest.RunErr(t, "project", "dev", nil, func(ctx *pulumi.Context) error {
		pair, err := regiontest.Pair(ctx)
		if err != nil {
			return err
		}
		parameters, err := NewReplicated(ctx, "parameters", Args{Regions: pair, Values: values})
		if err == nil && parameters.Prefix != "/warmstandby/blue" {
			t.Errorf("the prefix is %q, want /warmstandby/blue", parameters.Prefix)
		}
		return err
	}, opts...)
}

var someValues = map[string]Value{
	"database/writer-endpoint": Shared(pulumi.String("writer.example")),
	"database/reader-endpoint": {Primary: pulumi.String("east.example"), Standby: pulumi.String("west.example")},
	"features/export":          Switch(true),
	"features/import":          Switch(false),
}

func TestRules(t *testing.T) {
	for name, opts := range map[string][]pulumitest.Option{"in an update": nil, "in a preview": {pulumitest.Preview()}} {
		t.Run(name, func(t *testing.T) {
			recording, err := buildErr(t, someValues, opts...)
			if err != nil {
				t.Fatal(err)
			}
			pulumitest.Check(t, recording, pulumitest.Rules{
				Suffix: "blue",
				Roles:  map[string]naming.Role{homes["primary"]: naming.Primary, homes["secondary"]: naming.Secondary},
				Home: func(name string) string {
					return homes[name[strings.LastIndex(name, "-")+1:]]
				},
			})
		})
	}
}

// Each path exists in both regions, with the region's value.
func TestValues(t *testing.T) {
	recording, err := buildErr(t, someValues)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]map[string]string{homes["primary"]: {}, homes["secondary"]: {}}
	for _, made := range recording.OfType(parameterType) {
		got[recording.Region(made)][made.Text("name")] = made.Text("type") + " " + made.Text("insecureValue")
	}
	for region, reader := range map[string]string{homes["primary"]: "east.example", homes["secondary"]: "west.example"} {
		want := map[string]string{
			"/warmstandby/blue/database/writer-endpoint": "String writer.example",
			"/warmstandby/blue/database/reader-endpoint": "String " + reader,
			"/warmstandby/blue/features/export":          "String true",
			"/warmstandby/blue/features/import":          "String false",
		}
		if !maps.Equal(got[region], want) {
			t.Errorf("in %s the parameters are\n%v, want\n%v", region, got[region], want)
		}
	}
}

// What operators change must not be changed back by the next deployment. A refresh reads it under either name.
func TestSeeded(t *testing.T) {
	recording, err := buildErr(t, map[string]Value{"failover/mode": Seeded("automatic"), "database/port": Shared(pulumi.String("1"))})
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range []string{"primary", "secondary"} {
		mode := recording.Get(t, parameterType, "failover/mode-"+role)
		if got := mode.Request.GetIgnoreChanges(); !slices.Equal(got, []string{"insecureValue", "value"}) ||
			mode.Text("insecureValue") != "automatic" {
			t.Errorf("the mode of %s begins as %q and ignores changes of %q", role, mode.Text("insecureValue"), got)
		}
		if got := recording.Get(t, parameterType, "database/port-"+role).Request.GetIgnoreChanges(); len(got) > 0 {
			t.Errorf("the port of %s ignores changes of %q", role, got)
		}
	}
}

// What cannot be written in both regions is refused, in a preview, too.
func TestRefusals(t *testing.T) {
	tests := []struct {
		name    string
		values  map[string]Value
		wantErr string
	}{
		{
			"a value that the standby lacks", map[string]Value{"port": {Primary: pulumi.String("1")}},
			"/warmstandby/blue/port: it has no value in us-west-2",
		},
		{
			"a value that the primary lacks", map[string]Value{"port": {Standby: pulumi.String("1")}},
			"/warmstandby/blue/port: it has no value in us-east-1",
		},
		{
			"a value that is longer than a parameter", map[string]Value{"keys": Shared(pulumi.String(strings.Repeat("é", 2049)))},
			"/warmstandby/blue/keys: it has 4098 bytes, and Parameter Store takes 4096",
		},
		{"a value that refers to another parameter", map[string]Value{"issuer": Shared(pulumi.String("a{{ssm:b}}"))}, "issuer: it contains {{"},
		{"an empty value", map[string]Value{"issuer": Shared(pulumi.String(""))}, "/warmstandby/blue/issuer: it is empty"},
		{"a path that begins with a slash", map[string]Value{"/port": Shared(pulumi.String("1"))}, `got ""`},
		{"a path with a space", map[string]Value{"the port": Shared(pulumi.String("1"))}, `got "the port"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for mode, opts := range map[string][]pulumitest.Option{"an update": nil, "a preview": {pulumitest.Preview()}} {
				if _, err := buildErr(t, test.values, opts...); err == nil || !strings.Contains(err.Error(), test.wantErr) {
					t.Errorf("the error of %s is %v, want one with %q", mode, err, test.wantErr)
				}
			}
		})
	}
}
