package pulumitest

import (
	"context"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// reporter is a test that records its failures, and does not fail.
type reporter struct {
	testing.TB
	errors []string
}

func (r *reporter) Helper() {}
func (r *reporter) Errorf(format string, args ...any) {
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}

// call calls a function with a provider or without, as an AWS SDK function does, and drops the error.
func call(token, region string) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		var opts []pulumi.InvokeOption
		if region != "" {
			made := &provider{}
			if err := ctx.RegisterResource(providerType, "p", pulumi.Map{"region": pulumi.String(region)}, made); err != nil {
				return err
			}
			opts = append(opts, pulumi.Provider(made))
		}
		var result struct {
			Names []string `pulumi:"names"`
		}
		_ = ctx.Invoke(token, nil, &result, opts...)
		return nil
	}
}

func TestCalls(t *testing.T) {
	const zones = "aws:index/getAvailabilityZones:getAvailabilityZones"
	tests := []struct {
		name, token, region string
		want                string // part of the failure; nothing: the call is allowed
	}{
		{name: "a planned call through a provider passes", token: zones, region: "us-east-1"},
		{
			name:   "a call that is not mocked fails, even if the program drops the error",
			token:  "aws:index/getRegion:getRegion",
			region: "us-east-1",
			want:   "no answer is mocked",
		},
		{name: "a call without a provider fails", token: zones, want: "it has no explicit provider"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			seen := &reporter{TB: t}
			recording, err := RunErr(seen, "project", "dev", nil, call(test.token, test.region))
			if err != nil {
				t.Fatalf("the program failed: %v", err)
			}
			if all := strings.Join(seen.errors, "\n"); (test.want == "") != (all == "") || !strings.Contains(all, test.want) {
				t.Errorf("the test fails with %q, want %q", all, test.want)
			}
			if calls := recording.Calls; len(calls) != 1 || calls[0].Token != test.token || calls[0].Region != test.region {
				t.Errorf("the calls are %+v, want the one to %q", calls, test.region)
			}
		})
	}
}

func TestRunConfiguration(t *testing.T) {
	var got string
	Run(t, "project", "dev", map[string]string{"port": "80"}, func(*pulumi.Context) error {
		got = os.Getenv(pulumi.EnvConfig)
		return nil
	})
	if want := `{"project:port":"80"}`; got != want {
		t.Errorf("the configuration is %s, want %s", got, want)
	}
}

func TestOutputs(t *testing.T) {
	program := func(ctx *pulumi.Context) error {
		made := &pulumi.CustomResourceState{}
		if err := ctx.RegisterResource("aws:ec2/route:Route", "r", nil, made); err != nil {
			return err
		}
		ctx.Export("id", made.ID())
		ctx.Export("secret", pulumi.ToSecret(pulumi.String("s")))
		ctx.Export("empty", pulumi.StringArray{})
		return nil
	}
	secret := resource.MakeSecret(resource.NewProperty("s"))
	empty := resource.NewProperty([]resource.PropertyValue{})
	updated := Run(t, "project", "dev", nil, program).Outputs
	if want := (resource.PropertyMap{"id": resource.NewProperty("route-r"), "secret": secret, "empty": empty}); !reflect.DeepEqual(
		updated,
		want,
	) {
		t.Errorf("in an update the outputs are %v, want %v", updated, want)
	}
	previewed := Run(t, "project", "dev", nil, program, Preview()).Outputs
	if !previewed["id"].IsComputed() || !previewed["secret"].IsSecret() || len(previewed) != 3 {
		t.Errorf("in a preview the outputs are %v, want an unknown id, a secret and an empty list", previewed)
	}
}

func TestRouteTables(t *testing.T) {
	m := newMonitor("project", "dev")
	var tables []resource.PropertyValue
	err := pulumi.RunErr(func(ctx *pulumi.Context) error {
		m.ctx = ctx
		zones := []resource.PropertyValue{resource.NewProperty("a"), resource.NewProperty("b")}
		answer, err := m.vpc(
			Resource{
				Name:    "vpc-x",
				Request: &pulumirpc.RegisterResourceRequest{},
				Inputs:  resource.PropertyMap{"availabilityZoneNames": resource.NewProperty(zones)},
			},
		)
		tables = answer["routeTables"].ArrayValue()
		return err
	}, pulumi.WithMocks("project", "dev", m))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, table := range tables {
		id := table.ResourceReferenceValue().ID.StringValue()
		got = append(got, fmt.Sprint(TierOf("vpc-x", id), id[len(id)-2:]))
	}
	// As recorded of awsx: by zone and, within a zone, public, private, isolated.
	want := []string{"public-1", "private-1", "isolated-1", "public-2", "private-2", "isolated-2"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the tables are %q, want %q", got, want)
	}
	for _, recorded := range m.recording().Resources {
		if strings.HasPrefix(recorded.Name, standInPrefix) {
			t.Errorf("the stand-in %s is recorded", recorded.Name)
		}
	}
}

func TestVPC(t *testing.T) {
	rename := func(_ context.Context, child *pulumi.ResourceTransformArgs) *pulumi.ResourceTransformResult {
		tags, tagged := child.Props["tags"].(pulumi.Map)
		if !tagged {
			return nil
		}
		tags["Name"] = pulumi.String(child.Name + "-renamed")
		return &pulumi.ResourceTransformResult{Props: child.Props, Opts: child.Opts}
	}
	protect := func(_ context.Context, child *pulumi.ResourceTransformArgs) *pulumi.ResourceTransformResult {
		child.Opts.Protect = true
		return &pulumi.ResourceTransformResult{Props: child.Props, Opts: child.Opts}
	}
	leave := func(context.Context, *pulumi.ResourceTransformArgs) *pulumi.ResourceTransformResult { return nil }
	for _, test := range []struct {
		name      string
		opts      []pulumi.ResourceOption
		tag       string
		protected bool
	}{
		{name: "without transforms awsx decides", tag: "v"},
		{name: "a component's protection is its children's", opts: []pulumi.ResourceOption{pulumi.Protect(true)}, tag: "v", protected: true},
		{
			name: "every transform is called",
			opts: []pulumi.ResourceOption{pulumi.Transforms([]pulumi.ResourceTransform{rename, leave, protect})},
			tag:  "v-renamed", protected: true,
		},
		{
			name: "a transform that returns nothing changes nothing",
			opts: []pulumi.ResourceOption{pulumi.Transforms([]pulumi.ResourceTransform{leave})}, tag: "v",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			made := Run(t, "project", "dev", nil, func(ctx *pulumi.Context) error {
				inputs := pulumi.Map{"cidrBlock": pulumi.String("10.0.0.0/16"), "availabilityZoneNames": pulumi.StringArray{pulumi.String("a")}}
				return ctx.RegisterRemoteComponentResource(vpcType, "v", inputs, &pulumi.ResourceState{}, test.opts...)
			}).Get(t, vpcItselfType, "v")
			if made.Text("tags.Name") != test.tag || made.Request.GetProtect() != test.protected || made.ID != VPCID("v") ||
				made.Text("cidrBlock") != "10.0.0.0/16" {
				t.Errorf(
					"the VPC %s is %v, protected %t; want the name %s, protected %t",
					made.ID,
					made.Inputs,
					made.Request.GetProtect(),
					test.tag,
					test.protected,
				)
			}
		})
	}
}

func TestUnknownStack(t *testing.T) {
	refer := func(ctx *pulumi.Context) error {
		reference, err := pulumi.NewStackReference(ctx, "organization/other/dev", nil)
		if err != nil {
			return err
		}
		_, err = reference.GetOutputDetails("key")
		return err
	}
	if _, err := RunErr(
		t,
		"project",
		"dev",
		nil,
		refer,
	); err == nil ||
		!strings.Contains(err.Error(), `unknown stack "organization/other/dev"`) {
		t.Errorf("the error is %v, want one that names the stack", err)
	}
	Run(t, "project", "dev", nil, refer, Stack("organization/other/dev", resource.PropertyMap{"key": resource.NewProperty("v")}))
}
