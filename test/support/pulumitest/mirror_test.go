package pulumitest

import (
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func TestMirrored(t *testing.T) {
	first := RegionView{Region: "us-east-1", Words: []string{"primary", "<own>", "us-east-1", "<region>"}}
	second := RegionView{Region: "us-west-2", Words: []string{"secondary", "<own>", "us-west-2", "<region>"}}
	target := func(region string) pulumi.Map { return pulumi.Map{"target": pulumi.String(region)} }
	tests := []struct {
		name            string
		primary, second map[string]pulumi.Map // the routes of each region, by name
		exempt          []string
		want            []string // in the faults, one each
	}{
		{
			name:    "regions that differ by their words alone are mirrored",
			primary: map[string]pulumi.Map{"r-primary": target("us-east-1")}, second: map[string]pulumi.Map{"r-secondary": target("us-west-2")},
		},
		{
			name:    "a resource that the standby lacks is found",
			primary: map[string]pulumi.Map{"r-primary": nil, "s-primary": nil}, second: map[string]pulumi.Map{"r-secondary": nil},
			want: []string{"s-<own> is in us-east-1 only"},
		},
		{
			name:    "a resource that the primary lacks is found",
			primary: map[string]pulumi.Map{"r-primary": nil}, second: map[string]pulumi.Map{"r-secondary": nil, "s-secondary": nil},
			want: []string{"s-<own> is in us-west-2 only"},
		},
		{
			name:    "an input that differs is found",
			primary: map[string]pulumi.Map{"r-primary": target("us-east-1")}, second: map[string]pulumi.Map{"r-secondary": target("us-east-1")},
			want: []string{"target of " + routeType + " r-<own> is\n<region>\nin us-east-1 and\nus-east-1\nin us-west-2"},
		},
		{
			name:    "an input that one region lacks is found",
			primary: map[string]pulumi.Map{"r-primary": nil}, second: map[string]pulumi.Map{"r-secondary": target("us-west-2")},
			want: []string{"target of " + routeType + " r-<own> is\n\nin us-east-1"},
		},
		{name: "a type that is exempt is left out", primary: map[string]pulumi.Map{"r-primary": nil}, exempt: []string{routeType}},
		{name: "a region without resources proves nothing", want: []string{"nothing is in us-east-1"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			recording := Run(t, "project", "dev", nil, func(ctx *pulumi.Context) error {
				w := &world{ctx: ctx, providers: map[string]*provider{}}
				for region, routes := range map[string]map[string]pulumi.Map{"us-east-1": test.primary, "us-west-2": test.second} {
					if err := w.provide(region, region, nil); err != nil {
						return err
					}
					for name, inputs := range routes {
						provider := pulumi.Provider(w.providers[region])
						if err := ctx.RegisterResource(routeType, name, inputs, &pulumi.CustomResourceState{}, provider); err != nil {
							return err
						}
					}
				}
				return nil
			})
			found := unmirrored(recording, first, second, test.exempt)
			if !slices.EqualFunc(found, test.want, strings.Contains) {
				t.Errorf("the faults are %q, want %q", found, test.want)
			}
		})
	}
}
