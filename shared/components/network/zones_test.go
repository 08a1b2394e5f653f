package network

import (
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/test/support/pulumitest"
	"warmstandby/test/support/regiontest"
)

// A subnet of a standing environment is not replaced when the choice of zones changes. Nothing else ignores a change.
func TestKeepZone(t *testing.T) {
	for child, want := range map[string][]string{
		"aws:ec2/subnet:Subnet":         {"tags", "availabilityZone"},
		"aws:ec2/vpc:Vpc":               nil,
		"aws:ec2/routeTable:RouteTable": nil,
		"aws:ec2/natGateway:NatGateway": nil,
	} {
		t.Run(child, func(t *testing.T) {
			props := pulumi.Map{"availabilityZone": pulumi.String("us-east-1d")}
			given := append(make([]string, 0, 8), "tags")
			result := keepZone(t.Context(), &pulumi.ResourceTransformArgs{
				Type: child, Name: "vpc-primary-blue-public-1", Props: props, Opts: pulumi.ResourceOptions{Version: "6.66.3", IgnoreChanges: given},
			})
			if want == nil {
				if result != nil {
					t.Errorf("it was changed to %+v", result)
				}
				return
			}
			if result == nil || !slices.Equal(result.Opts.IgnoreChanges, want) || result.Opts.Version != "6.66.3" ||
				!reflect.DeepEqual(result.Props, props) {
				t.Errorf("it became %+v, want one that ignores changes of %q, and all else as it was", result, want)
			}
			if spare := given[:2][1]; spare != "" {
				t.Errorf("%q was written behind the options that were passed", spare)
			}
		})
	}
}

// No subnet gives what is launched in it a public address, whatever awsx asks for.
func TestPublicAddresses(t *testing.T) {
	given := pulumi.Map{"mapPublicIpOnLaunch": pulumi.Bool(true), "cidrBlock": pulumi.String("10.0.0.0/20")}
	opts := pulumi.ResourceOptions{Version: "6.66.3"}
	result := givesNoAddress(t.Context(), &pulumi.ResourceTransformArgs{
		Type: "aws:ec2/subnet:Subnet", Name: "vpc-primary-blue-public-1", Props: given, Opts: opts,
	})
	want := pulumi.Map{"mapPublicIpOnLaunch": pulumi.Bool(false), "cidrBlock": pulumi.String("10.0.0.0/20")}
	if result == nil || !reflect.DeepEqual(result.Props, want) || !reflect.DeepEqual(result.Opts, opts) {
		t.Errorf("a public subnet became %+v, want the properties %v, and all else as it was", result, want)
	}
	if given["mapPublicIpOnLaunch"] != pulumi.Bool(true) {
		t.Error("the properties that were passed are changed")
	}
	for _, other := range []string{"aws:ec2/vpc:Vpc", "aws:ec2/routeTable:RouteTable"} {
		if result := givesNoAddress(t.Context(), &pulumi.ResourceTransformArgs{Type: other, Props: given}); result != nil {
			t.Errorf("%s was changed to %+v", other, result)
		}
	}
}

func TestZones(t *testing.T) {
	set := []string{"usw2-az6", "usw2-az5", "usw2-az4"} // us-west-2a, us-west-2b and us-west-2c
	tests := []struct {
		name    string
		zoneIDs []string
		opts    []pulumitest.Option
		want    []any // the names that awsx is given
		wantErr string
	}{
		{name: "zones that are not set are the first by id", want: testRegions[1].zones},
		{name: "zones that are set are taken", zoneIDs: set, want: []any{"us-west-2a", "us-west-2b", "us-west-2c"}},
		{name: "in a preview, too", zoneIDs: set, opts: []pulumitest.Option{pulumitest.Preview()},
			want: []any{"us-west-2a", "us-west-2b", "us-west-2c"}},
		{name: "subnets in other zones than those that are set fail the deployment", zoneIDs: set,
			opts: []pulumitest.Option{pulumitest.StandingZone("us-west-2b", "usw2-az2")},
			wantErr: "placing the subnets of us-west-2: the zones usw2-az6, usw2-az5, usw2-az4 are set, and they stand in " +
				"usw2-az6, usw2-az2, usw2-az4"},
		{name: "subnets in other zones than the program's choice stay there",
			opts: []pulumitest.Option{pulumitest.StandingZone("us-west-2d", "usw2-az6")}, want: testRegions[1].zones},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var reported []string
			recording := pulumitest.Run(t, "project", "dev", nil, func(ctx *pulumi.Context) error {
				pair, err := regiontest.Pair(ctx)
				if err != nil {
					return err
				}
				args := VPCArgs{Region: pair.Standby, CIDR: netip.MustParsePrefix("10.1.0.0/16"), NAT: "None", ZoneIDs: test.zoneIDs}
				_, err = newVPC(ctx, "standby", args, func(err error) { reported = append(reported, err.Error()) }, pair.Standby.Component()...)
				return err
			}, test.opts...)
			if got := strings.Join(reported, "\n"); test.wantErr == "" && got != "" || !strings.Contains(got, test.wantErr) {
				t.Errorf("the faults are %q, want %q", got, test.wantErr)
			}
			got := recording.Get(t, "awsx:ec2:Vpc", "vpc-secondary-blue").Input("availabilityZoneNames")
			if test.want != nil && fmt.Sprint(got) != fmt.Sprint(test.want) {
				t.Errorf("the zones are %v, want %v", got, test.want)
			}
		})
	}
}
