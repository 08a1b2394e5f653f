package network

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/naming"
	"warmstandby/shared/region"
)

const endpointsType = "warmstandby:network:Endpoints"

// interfaceServices are the services that a function calls. In a VPC without NAT it reaches them through endpoints alone.
var interfaceServices = [...]struct{ service, reason string }{
	{"events", "it publishes each change of a record"},
	{"kms", "it decrypts what the other services hand it"},
	{"logs", "it logs"},
	{"secretsmanager", "it reads the database's credentials"},
	{"ssm", "it reads its parameters"},
	{"sts", "the SDK resolves web identities and cross-account roles there"},
}

// EndpointsArgs are the inputs of a VPC's endpoints.
type EndpointsArgs struct {
	Region region.Region
	VPC    *VPC
	Groups *SecurityGroups
}

// Endpoints are the VPC endpoints of AWS services.
type Endpoints struct {
	pulumi.ResourceState
}

// NewEndpoints builds the gateway endpoint of S3, which is a route and costs nothing, and the interface endpoints, one network
// interface in each zone, with the services' public DNS names.
func NewEndpoints(ctx *pulumi.Context, name string, args EndpointsArgs, opts ...pulumi.ResourceOption) (*Endpoints, error) {
	endpoints := &Endpoints{}
	if err := ctx.RegisterComponentResource(endpointsType, name, endpoints, opts...); err != nil {
		return nil, fmt.Errorf("registering endpoints %s: %w", name, err)
	}
	s3, err := endpoints.build(ctx, args, "s3", &ec2.VpcEndpointArgs{
		VpcEndpointType: pulumi.String("Gateway"),
		RouteTableIds:   slices.Concat(args.VPC.RouteTableIDs(Private), args.VPC.RouteTableIDs(Isolated)),
	})
	if err != nil {
		return nil, err
	}
	toS3 := rule{egress, "function-to-s3", args.Groups.Function.ID(), httpsPort, prefixListPeer(s3.PrefixListId)}
	if _, err := toS3.build(ctx, args.Region, endpoints); err != nil {
		return nil, err
	}
	for _, row := range interfaceServices {
		if _, err := endpoints.build(ctx, args, row.service, &ec2.VpcEndpointArgs{
			VpcEndpointType:   pulumi.String("Interface"),
			SubnetIds:         args.VPC.PrivateSubnetIDs,
			SecurityGroupIds:  pulumi.StringArray{args.Groups.Endpoints.ID()},
			PrivateDnsEnabled: pulumi.Bool(true),
		}); err != nil {
			return nil, err
		}
	}
	return endpoints, ctx.RegisterResourceOutputs(endpoints, pulumi.Map{"s3": s3.ID()})
}

// build completes the endpoint's arguments with what all endpoints share, and builds the endpoint of one service.
func (e *Endpoints) build(
	ctx *pulumi.Context, args EndpointsArgs, service string, endpointArgs *ec2.VpcEndpointArgs,
) (*ec2.VpcEndpoint, error) {
	physical, err := args.Region.Named(naming.VPCEndpoint, service)
	if err != nil {
		return nil, err
	}
	endpointArgs.VpcId = args.VPC.ID
	endpointArgs.ServiceName = pulumi.Sprintf("%s.%s.%s", args.Region.ServicePrefix, args.Region.Name, service)
	endpointArgs.Tags = pulumi.StringMap{"Name": pulumi.String(physical)}
	endpoint, err := ec2.NewVpcEndpoint(ctx, physical, endpointArgs, args.Region.Child(e)...)
	if err != nil {
		return nil, fmt.Errorf("building VPC endpoint %s: %w", physical, err)
	}
	return endpoint, nil
}
