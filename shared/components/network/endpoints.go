package network

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/naming"
	"warmstandby/shared/policy"
	"warmstandby/shared/region"
)

const endpointsType = "warmstandby:network:Endpoints"

// endpointService is a service that a function calls. In a VPC without NAT it reaches the service through the endpoint alone, and
// the endpoint's policy has the actions that it calls and no others.
type endpointService struct {
	name    string
	actions []string
}

// gatewayService is S3: a function finds and removes documents. It signs documents' URLs without a call, and their users come from
// the internet.
var gatewayService = endpointService{"s3", []string{"s3:DeleteObject", "s3:ListBucket"}}

// interfaceServices are the services that a function calls through network interfaces. KMS and STS are not among them: services use
// keys on their own side, and Lambda hands the function its credentials. Lambda sends the function's log from outside the VPC; the
// function itself writes the audit trail.
var interfaceServices = [...]endpointService{
	{"events", []string{"events:PutEvents"}},
	{"logs", []string{"logs:CreateLogStream", "logs:PutLogEvents"}},
	{"secretsmanager", []string{"secretsmanager:GetSecretValue"}},
	{"ssm", []string{"ssm:GetParametersByPath"}},
}

// policyJSON returns the policy of the service's endpoint in a region: the service's actions, for principals of the region's account
// on resources of the same account. Neither the account's credentials nor anybody else's carry data through the endpoint to another
// account (AWS PrivateLink Guide, "Control access to VPC endpoints using endpoint policies"; IAM User Guide, "AWS global condition
// context keys", aws:PrincipalAccount and aws:ResourceAccount). Which resources of the account, the function's role says.
func (s endpointService) policyJSON(in region.Region) (string, error) {
	return policy.Document{{
		Sid: "AllowOwnAccount", Effect: policy.Allow, Principal: &policy.Principal{AWS: []string{"*"}},
		Actions: s.actions, Resources: []string{policy.EveryResource},
		Condition: policy.Conditions{"StringEquals": {
			"aws:PrincipalAccount": {in.Account}, "aws:ResourceAccount": {in.Account},
		}},
	}}.JSON()
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
	s3, err := endpoints.build(ctx, args, gatewayService, &ec2.VpcEndpointArgs{
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
		if _, err := endpoints.build(ctx, args, row, &ec2.VpcEndpointArgs{
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
	ctx *pulumi.Context, args EndpointsArgs, service endpointService, endpointArgs *ec2.VpcEndpointArgs,
) (*ec2.VpcEndpoint, error) {
	physical, err := args.Region.Named(naming.VPCEndpoint, service.name)
	if err != nil {
		return nil, err
	}
	document, err := service.policyJSON(args.Region)
	if err != nil {
		return nil, fmt.Errorf("building VPC endpoint %s: %w", physical, err)
	}
	endpointArgs.Policy = pulumi.String(document)
	endpointArgs.VpcId = args.VPC.ID
	endpointArgs.ServiceName = pulumi.Sprintf("%s.%s.%s", args.Region.ServicePrefix, args.Region.Name, service.name)
	endpointArgs.Tags = pulumi.StringMap{"Name": pulumi.String(physical)}
	endpoint, err := ec2.NewVpcEndpoint(ctx, physical, endpointArgs, args.Region.Child(e)...)
	if err != nil {
		return nil, fmt.Errorf("building VPC endpoint %s: %w", physical, err)
	}
	return endpoint, nil
}
