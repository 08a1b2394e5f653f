package pulumitest

import (
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func TestWhatTheSidesDoNotShareIsFound(t *testing.T) {
	first := Side{"us-east-1", []string{"primary", "<own>", "us-east-1", "<here>"}}
	second := Side{"us-west-2", []string{"secondary", "<own>", "us-west-2", "<here>"}}
	at := func(place string) pulumi.Map { return pulumi.Map{"place": pulumi.String(place)} }
	tests := []struct {
		name            string
		primary, second map[string]pulumi.Map // the routes of each region, by name
		oneSided        []string
		says            []string
	}{
		{
			"sides that differ by their words alone are the same",
			map[string]pulumi.Map{"r-primary": at("us-east-1")}, map[string]pulumi.Map{"r-secondary": at("us-west-2")}, nil, nil,
		},
		{
			"what the standby lacks is found",
			map[string]pulumi.Map{"r-primary": nil, "s-primary": nil}, map[string]pulumi.Map{"r-secondary": nil}, nil,
			[]string{"s-<own> is in us-east-1 only"},
		},
		{
			"what the primary lacks is found",
			map[string]pulumi.Map{"r-primary": nil}, map[string]pulumi.Map{"r-secondary": nil, "s-secondary": nil}, nil,
			[]string{"s-<own> is in us-west-2 only"},
		},
		{
			"an input that differs is found",
			map[string]pulumi.Map{"r-primary": at("us-east-1")}, map[string]pulumi.Map{"r-secondary": at("us-east-1")}, nil,
			[]string{"place of " + routeType + " r-<own> is\n<here>\nin us-east-1 and\nus-east-1\nin us-west-2"},
		},
		{
			"an input that one side lacks is found",
			map[string]pulumi.Map{"r-primary": nil}, map[string]pulumi.Map{"r-secondary": at("us-west-2")}, nil,
			[]string{"place of " + routeType + " r-<own> is\n\nin us-east-1"},
		},
		{
			"a type that is one side's is left out",
			map[string]pulumi.Map{"r-primary": nil}, nil, []string{routeType}, nil,
		},
		{
			"a side with nothing in it shows nothing",
			nil, nil, nil, []string{"nothing is in us-east-1"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			recording := Run(t, "project", "dev", nil, func(ctx *pulumi.Context) error {
				w := &world{ctx: ctx, providers: map[string]*provider{}}
				for region, routes := range map[string]map[string]pulumi.Map{"us-east-1": test.primary, "us-west-2": test.second} {
					if err := w.provide(region, region, nil); err != nil {
						return err
					}
					for name, inputs := range routes {
						if err := ctx.RegisterResource(routeType, name, inputs, &pulumi.CustomResourceState{}, pulumi.Provider(w.providers[region])); err != nil {
							return err
						}
					}
				}
				return nil
			})
			found := unmirrored(recording, first, second, test.oneSided)
			if !slices.EqualFunc(found, test.says, strings.Contains) {
				t.Errorf("the faults are %q, want %q", found, test.says)
			}
		})
	}
}
