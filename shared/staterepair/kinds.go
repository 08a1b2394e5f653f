package staterepair

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// rule finds a resource's id from its inputs, in a region of AWS.
type rule func(ctx context.Context, at *clients, in inputs) (string, error)

// inputs are a resource's.
type inputs map[string]any

// text returns an input that is a string, else "".
func (in inputs) text(key string) string {
	value, _ := in[key].(string)
	return value
}

// tag returns a tag's value, else "".
func (in inputs) tag(key string) string {
	tags, _ := in["tags"].(map[string]any)
	return inputs(tags).text(key)
}

// by makes an id of inputs, from a pattern in which {key} stands for one. The id is the resource's whether it exists or not: a
// refresh forgets what does not.
func by(pattern string) rule {
	return func(_ context.Context, _ *clients, in inputs) (string, error) {
		id := pattern
		for key, value := range in {
			if text, is := value.(string); is {
				id = strings.ReplaceAll(id, "{"+key+"}", text)
			}
		}
		if strings.Contains(id, "{") {
			return "", fmt.Errorf("its id is %s, and its inputs are %v", pattern, slices.Sorted(maps.Keys(in)))
		}
		return id, nil
	}
}

// again is the rule of what is created again without harm: AWS sets it, and has one of its kind or takes a second for the first.
func again(context.Context, *clients, inputs) (string, error) { return "", nil }

// Knows says whether there is a rule for resources of a type, as aws:sqs/queue:Queue.
func Knows(kind string) bool { return rules[kind] != nil }

// rules are those of every kind that the stacks have. Pulumi Registry, AWS: "Import" of each.
var rules = map[string]rule{
	"aws:backup/plan:Plan":                                       plan,
	"aws:backup/restoreTestingPlan:RestoreTestingPlan":           by("{name}"),
	"aws:backup/restoreTestingSelection:RestoreTestingSelection": by("{name}:{restoreTestingPlanName}"),
	"aws:backup/selection:Selection":                             selection,
	"aws:backup/vault:Vault":                                     marked("{name}", ownVault),
	"aws:backup/vaultLockConfiguration:VaultLockConfiguration":   again,
	"aws:backup/vaultPolicy:VaultPolicy":                         again,
	"aws:cloudwatch/compositeAlarm:CompositeAlarm":               marked("{alarmName}", ownAlarm("alarmName")),
	"aws:cloudwatch/dashboard:Dashboard":                         by("{dashboardName}"),
	"aws:cloudwatch/eventArchive:EventArchive":                   marked("{name}", ownArchive),
	"aws:cloudwatch/eventBus:EventBus":                           marked("{name}", ownBus),
	"aws:cloudwatch/eventBusPolicy:EventBusPolicy":               again,
	"aws:cloudwatch/eventRule:EventRule":                         marked("{eventBusName}/{name}", ownEventRule),
	"aws:cloudwatch/eventTarget:EventTarget":                     by("{eventBusName}/{rule}/{targetId}"),
	"aws:cloudwatch/logGroup:LogGroup":                           marked("{name}", ownLogGroup),
	"aws:cloudwatch/metricAlarm:MetricAlarm":                     marked("{name}", ownAlarm("name")),
	"aws:dynamodb/table:Table":                                   table,

	"aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": again,
	"aws:ec2/eip:Eip":                                                   tagged("elastic-ip"),
	"aws:ec2/flowLog:FlowLog":                                           tagged("vpc-flow-log"),
	"aws:ec2/internetGateway:InternetGateway":                           tagged("internet-gateway"),
	"aws:ec2/natGateway:NatGateway":                                     natGateway,
	"aws:ec2/peeringConnectionOptions:PeeringConnectionOptions":         again,
	"aws:ec2/route:Route":                                               by("{routeTableId}_{destinationCidrBlock}"),
	"aws:ec2/routeTable:RouteTable":                                     tagged("route-table"),
	"aws:ec2/routeTableAssociation:RouteTableAssociation":               association,
	"aws:ec2/securityGroup:SecurityGroup":                               tagged("security-group"),
	"aws:ec2/subnet:Subnet":                                             tagged("subnet"),
	"aws:ec2/vpc:Vpc":                                                   tagged("vpc"),
	"aws:ec2/vpcEndpoint:VpcEndpoint":                                   tagged("vpc-endpoint"),
	"aws:ec2/vpcPeeringConnection:VpcPeeringConnection":                 tagged("vpc-peering-connection"),
	"aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter": again,
	"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule":           groupRule(true),
	"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule":         groupRule(false),

	"aws:iam/role:Role":                                 role,
	"aws:iam/rolePolicy:RolePolicy":                     by("{role}:{name}"),
	"aws:iam/rolePolicyAttachment:RolePolicyAttachment": again,
	"aws:kms/alias:Alias":                               marked("{name}", ownAlias),
	"aws:kms/key:Key":                                   key,

	"aws:lambda/function:Function":                                   function,
	"aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": again,
	"aws:lambda/permission:Permission":                               permission,
	"aws:lb/listener:Listener":                                       listener,
	"aws:lb/loadBalancer:LoadBalancer":                               loadBalancer,
	"aws:lb/targetGroup:TargetGroup":                                 targetGroup,
	"aws:lb/targetGroupAttachment:TargetGroupAttachment":             again,

	"aws:rds/cluster:Cluster":                             marked("{clusterIdentifier}", ownCluster),
	"aws:rds/clusterInstance:ClusterInstance":             marked("{identifier}", ownInstance),
	"aws:rds/clusterParameterGroup:ClusterParameterGroup": marked("{name}", ownParameterGroup),
	"aws:rds/globalCluster:GlobalCluster":                 marked("{globalClusterIdentifier}", ownGlobalCluster),
	"aws:rds/subnetGroup:SubnetGroup":                     marked("{name}", ownSubnetGroup),

	"aws:route53/healthCheck:HealthCheck": healthCheck,
	"aws:route53/record:Record":           record,
	"aws:route53/zone:Zone":               zone,

	"aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2":                       again,
	"aws:s3/bucketOwnershipControls:BucketOwnershipControls":                                     again,
	"aws:s3/bucketPolicy:BucketPolicy":                                                           again,
	"aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock":                                     again,
	"aws:s3/bucketReplicationConfig:BucketReplicationConfig":                                     again,
	"aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2": again,
	"aws:s3/bucketV2:BucketV2":                                                                   marked("{bucket}", ownBucket),
	"aws:s3/bucketVersioningV2:BucketVersioningV2":                                               again,

	"aws:scheduler/schedule:Schedule":                marked("default/{name}", ownSchedule),
	"aws:secretsmanager/secret:Secret":               secret,
	"aws:secretsmanager/secretVersion:SecretVersion": again,
	"aws:sns/topic:Topic":                            again,
	"aws:sns/topicPolicy:TopicPolicy":                again,
	"aws:sns/topicSubscription:TopicSubscription":    subscription,
	"aws:sqs/queue:Queue":                            again,
	"aws:sqs/queuePolicy:QueuePolicy":                again,
	"aws:ssm/parameter:Parameter":                    marked("{name}", ownParameter),

	"aws:wafv2/webAcl:WebAcl":                                         webACL,
	"aws:wafv2/webAclAssociation:WebAclAssociation":                   by("{webAclArn},{resourceArn}"),
	"aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": by("{resourceArn}"),
}
