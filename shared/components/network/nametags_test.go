package network

import (
	"reflect"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/test/support/pulumitest"
	"warmstandby/test/support/regiontest"
)

// awsx names the VPC and its gateway as the component, and a subnet and its route table alike.
func TestNameTags(t *testing.T) {
	tests := []struct{ name, childType, childName, want string }{
		{"the VPC", "aws:ec2/vpc:Vpc", "vpc-secondary-blue", "vpc-secondary-blue"},
		{"the internet gateway", "aws:ec2/internetGateway:InternetGateway", "vpc-secondary-blue", "igw-secondary-blue"},
		{"a public subnet", "aws:ec2/subnet:Subnet", "vpc-secondary-blue-public-1", "subnet-secondary-public-1-blue"},
		{"an isolated subnet", "aws:ec2/subnet:Subnet", "vpc-secondary-blue-isolated-3", "subnet-secondary-isolated-3-blue"},
		{"a route table", "aws:ec2/routeTable:RouteTable", "vpc-secondary-blue-private-2", "rtb-secondary-private-2-blue"},
		{"an elastic IP", "aws:ec2/eip:Eip", "vpc-secondary-blue-1", "eip-secondary-1-blue"},
		{"a NAT gateway", "aws:ec2/natGateway:NatGateway", "vpc-secondary-blue-1", "nat-secondary-1-blue"},
		{"a type that has no name is left alone", "aws:ec2/vpcEndpoint:VpcEndpoint", "vpc-secondary-blue", ""},
	}
	pulumitest.Run(t, "project", "dev", nil, func(ctx *pulumi.Context) error {
		pair, err := regiontest.Pair(ctx)
		if err != nil {
			return err
		}
		transform := nameTags(pair.Standby, "vpc-secondary-blue", func(err error) { t.Errorf("a name was refused: %v", err) })
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				opts := pulumi.ResourceOptions{Version: "6.66.3"}
				result := transform(ctx.Context(), &pulumi.ResourceTransformArgs{
					Type: test.childType, Name: test.childName, Opts: opts,
					Props: pulumi.Map{"vpcId": pulumi.String("vpc-1"), "tags": pulumi.Map{
						"Name": pulumi.String(test.childName), "SubnetType": pulumi.String("Public"),
					}},
				})
				if test.want == "" {
					if result != nil {
						t.Errorf("the child was changed to %v", result.Props)
					}
					return
				}
				want := pulumi.Map{"vpcId": pulumi.String("vpc-1"), "tags": pulumi.Map{
					"Name": pulumi.String(test.want), "SubnetType": pulumi.String("Public"),
				}}
				if result == nil || !reflect.DeepEqual(result.Props, want) || !reflect.DeepEqual(result.Opts, opts) {
					t.Errorf("the child became %+v, want %v and its own options", result, want)
				}
			})
		}
		return nil
	})
}

// A child without tags is not changed.
func TestNameTagsWithoutTags(t *testing.T) {
	pulumitest.Run(t, "project", "dev", nil, func(ctx *pulumi.Context) error {
		pair, err := regiontest.Pair(ctx)
		if err != nil {
			return err
		}
		child := &pulumi.ResourceTransformArgs{Type: "aws:ec2/subnet:Subnet", Name: "vpc-primary-blue-public-1", Props: pulumi.Map{}}
		transform := nameTags(pair.Primary, "vpc-primary-blue", func(err error) { t.Errorf("a name was refused: %v", err) })
		if result := transform(ctx.Context(), child); result != nil {
			t.Errorf("the child was changed to %v", result.Props)
		}
		return nil
	})
}

// A name that the namer refuses is reported.
func TestNameTagsRefuses(t *testing.T) {
	pulumitest.Run(t, "project", "dev", nil, func(ctx *pulumi.Context) error {
		pair, err := regiontest.Pair(ctx)
		if err != nil {
			return err
		}
		var refused error
		child := &pulumi.ResourceTransformArgs{
			Type: "aws:ec2/subnet:Subnet", Name: "vpc-primary-blue-Private_1", Props: pulumi.Map{"tags": pulumi.Map{}},
		}
		result := nameTags(pair.Primary, "vpc-primary-blue", func(err error) { refused = err })(ctx.Context(), child)
		if result != nil || refused == nil {
			t.Errorf("the child became %+v and the error was %v, want no change and an error", result, refused)
		}
		return nil
	})
}

// The children in awsx's order: a gateway that is replaced when the NAT strategy changes, its routes, and what would inherit
// the VPC's protection.
func TestProtectVPC(t *testing.T) {
	for child, want := range map[string]bool{
		"aws:ec2/vpc:Vpc":                                     true,
		"aws:ec2/internetGateway:InternetGateway":             false,
		"aws:ec2/subnet:Subnet":                               false,
		"aws:ec2/routeTable:RouteTable":                       false,
		"aws:ec2/routeTableAssociation:RouteTableAssociation": false,
		"aws:ec2/route:Route":                                 false,
		"aws:ec2/eip:Eip":                                     false,
		"aws:ec2/natGateway:NatGateway":                       false,
		"aws:ec2/vpcEndpoint:VpcEndpoint":                     false,
	} {
		props := pulumi.Map{"vpcId": pulumi.String("vpc-1")}
		result := protectVPC(t.Context(), &pulumi.ResourceTransformArgs{
			Type: child, Name: "vpc-primary-blue", Props: props, Opts: pulumi.ResourceOptions{Version: "6.66.3"},
		})
		if result == nil || result.Opts.Protect != want || result.Opts.Version != "6.66.3" || !reflect.DeepEqual(result.Props, props) {
			t.Errorf("%s became %+v, want protection %t and all else as it was", child, result, want)
		}
	}
}
