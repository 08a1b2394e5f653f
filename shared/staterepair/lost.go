package staterepair

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	tables "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	roles "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"warmstandby/shared/naming"
)

// lost are the types that are searched for after a failed update, each with the inputs that its rule needs. When the answer to a
// creation is lost, AWS has the resource and the state has neither the resource nor a pending operation, so that every later update is
// refused ("already exists") or makes a second one. A type is here when its rule asks AWS: an id that is composed of names alone does
// not show that the resource exists.
var lost = map[string][]string{
	"aws:backup/plan:Plan":           {"name"},
	"aws:backup/selection:Selection": {"planId", "name"},
	"aws:backup/vault:Vault":         {"name"},

	"aws:cloudwatch/eventArchive:EventArchive": {"name", "eventSourceArn"},
	"aws:cloudwatch/eventBus:EventBus":         {"name"},

	"aws:dynamodb/table:Table": {"name"},

	"aws:ec2/eip:Eip":                                         {"tags"},
	"aws:ec2/flowLog:FlowLog":                                 {"tags"},
	"aws:ec2/internetGateway:InternetGateway":                 {"tags"},
	"aws:ec2/natGateway:NatGateway":                           {"tags"},
	"aws:ec2/routeTable:RouteTable":                           {"tags"},
	"aws:ec2/routeTableAssociation:RouteTableAssociation":     {"subnetId", "routeTableId"},
	"aws:ec2/securityGroup:SecurityGroup":                     {"tags"},
	"aws:ec2/subnet:Subnet":                                   {"tags"},
	"aws:ec2/vpc:Vpc":                                         {"tags"},
	"aws:ec2/vpcEndpoint:VpcEndpoint":                         {"tags"},
	"aws:ec2/vpcPeeringConnection:VpcPeeringConnection":       {"tags"},
	"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": {"securityGroupId", "description"},

	"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {"securityGroupId", "description"},

	"aws:iam/role:Role":                                   {"name"},
	"aws:kms/alias:Alias":                                 {"name"},
	"aws:kms/key:Key":                                     {"description"},
	"aws:lambda/function:Function":                        {"name"},
	"aws:lambda/permission:Permission":                    {"function", "statementId"},
	"aws:lb/listener:Listener":                            {"loadBalancerArn", "port"},
	"aws:lb/loadBalancer:LoadBalancer":                    {"name"},
	"aws:lb/targetGroup:TargetGroup":                      {"name"},
	"aws:rds/cluster:Cluster":                             {"clusterIdentifier"},
	"aws:rds/clusterInstance:ClusterInstance":             {"identifier"},
	"aws:rds/clusterParameterGroup:ClusterParameterGroup": {"name"},
	"aws:rds/globalCluster:GlobalCluster":                 {"globalClusterIdentifier"},
	"aws:rds/subnetGroup:SubnetGroup":                     {"name"},

	"aws:route53/healthCheck:HealthCheck":         {"tags"},
	"aws:route53/zone:Zone":                       {"name"},
	"aws:s3/bucketV2:BucketV2":                    {"bucket"},
	"aws:scheduler/schedule:Schedule":             {"name", "target"},
	"aws:sns/topicSubscription:TopicSubscription": {"topic", "protocol", "endpoint"},
	"aws:ssm/parameter:Parameter":                 {"name"},
	"aws:wafv2/webAcl:WebAcl":                     {"name", "scope"},
}

// lost finds by its rule what a creation has left. What needs an input that is not known yet was never asked for.
func (a *AWS) lost(ctx context.Context, region, kind string, in inputs) (Kept, error) {
	for _, needed := range lost[kind] {
		if in[needed] == nil || in[needed] == "" {
			return Kept{}, nil
		}
	}
	id, err := a.Find(ctx, region, kind, in)
	if skips(err) {
		a.Skipped = append(a.Skipped, fmt.Sprintf("%s in %s: %s", kind, region, inOneLine(err)))
		return Kept{}, nil
	}
	if err != nil {
		return Kept{}, err
	}
	return Kept{ID: id, Environment: a.Environment}, nil
}

// role finds a role by its name and the environment's tag.
func role(ctx context.Context, c *clients, in inputs) (string, error) {
	name := in.text("name")
	found, err := iam.NewFromConfig(c.Config).GetRole(ctx, &iam.GetRoleInput{RoleName: &name})
	if missing(err, "NoSuchEntity") {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("asking for role %s: %w", name, err)
	}
	return c.owned(name, environmentOf(found.Role.Tags, func(tag roles.Tag) (key, value *string) { return tag.Key, tag.Value }))
}

// function finds a function by its name and the environment's tag.
func function(ctx context.Context, c *clients, in inputs) (string, error) {
	name := in.text("name")
	found, err := lambda.NewFromConfig(c.Config).GetFunction(ctx, &lambda.GetFunctionInput{FunctionName: &name})
	if missing(err, "ResourceNotFoundException") {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("asking for function %s in %s: %w", name, c.Region, err)
	}
	return c.owned(name, found.Tags[naming.TagEnvironment])
}

// table finds a table by its name and the environment's tag.
func table(ctx context.Context, c *clients, in inputs) (string, error) {
	client, name := dynamodb.NewFromConfig(c.Config), in.text("name")
	found, err := client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
	if missing(err, "ResourceNotFoundException") {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("asking for table %s in %s: %w", name, c.Region, err)
	}
	var tags []tables.Tag
	request := &dynamodb.ListTagsOfResourceInput{ResourceArn: found.Table.TableArn}
	for more := true; more; more = request.NextToken != nil {
		page, err := client.ListTagsOfResource(ctx, request)
		if err != nil {
			return "", fmt.Errorf("reading the tags of table %s in %s: %w", name, c.Region, err)
		}
		tags = append(tags, page.Tags...)
		request.NextToken = page.NextToken
	}
	return c.owned(name, environmentOf(tags, func(tag tables.Tag) (key, value *string) { return tag.Key, tag.Value }))
}
