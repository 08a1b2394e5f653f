package invariant

// Type has the invariants of the resources of one type.
type Type struct {
	// Name is how they are named; nil: they have no name of their own.
	Name *Name
	// Untagged is the reason why they have no tags. Empty: they have the required ones.
	Untagged string
	// Encrypted are options, one of which must be met. None: Plain is the reason why nothing needs encryption.
	Encrypted []encryptionOption
	Plain     string
}

// The reasons why a type has no tags.
const (
	aPart = "a setting of another resource, which has them"
	aLink = "a link between resources, which have them"
)

// The reasons why a type has no encryption of its own.
const (
	keepsNothing = "has no data"
	isTheKey     = "is the key, or its name"
	asItsOwner   = "has its data in another resource, which is encrypted"
	noSecret     = "has names and numbers, no patient data and no secret; AWS encrypts it with its own key"
)

// Types holds a row for each type that a stack makes, or may make by its settings.
var Types = map[string]Type{
	"aws:backup/plan:Plan":                             {Name: named("plan-", 50, "name"), Plain: keepsNothing},
	"aws:backup/restoreTestingPlan:RestoreTestingPlan": {Name: named("restoretest_", 50, "name"), Plain: keepsNothing},
	"aws:backup/restoreTestingSelection:RestoreTestingSelection": {
		Name: named("restoretest_", 50, "name"), Untagged: aPart, Plain: keepsNothing,
	},
	"aws:backup/selection:Selection": {Name: named("selection-", 50, "name"), Untagged: aPart, Plain: keepsNothing},
	"aws:backup/vault:Vault": {
		Name: named("vault-", 50, "name"), Encrypted: []encryptionOption{{key("kmsKeyArn")}},
	},
	"aws:backup/vaultLockConfiguration:VaultLockConfiguration": {Untagged: aPart, Plain: keepsNothing},
	"aws:backup/vaultPolicy:VaultPolicy":                       {Untagged: aPart, Plain: keepsNothing},

	"aws:cloudwatch/compositeAlarm:CompositeAlarm": {Name: named("alarm-", 255, "alarmName"), Plain: keepsNothing},
	"aws:cloudwatch/dashboard:Dashboard": {
		Name: named("dashboard-", 255, "dashboardName"), Untagged: "the provider does not tag dashboards", Plain: noSecret,
	},
	// Events name the record that changed, and have none of its content (lambda/app/src/aws/events.js).
	"aws:cloudwatch/eventArchive:EventArchive": {
		Name: named("archive-", 48, "name"), Untagged: "EventBridge does not tag archives", Plain: noSecret,
	},
	"aws:cloudwatch/eventBus:EventBus":             {Name: named("bus-", 256, "name"), Plain: noSecret},
	"aws:cloudwatch/eventBusPolicy:EventBusPolicy": {Untagged: aPart, Plain: keepsNothing},
	"aws:cloudwatch/eventRule:EventRule":           {Name: named("rule-", 64, "name"), Plain: keepsNothing},
	"aws:cloudwatch/eventTarget:EventTarget":       {Untagged: aPart, Plain: keepsNothing},
	"aws:cloudwatch/logGroup:LogGroup": {
		Name:      &Name{Properties: []string{"name"}, Prefix: "logs-", Limit: 512, Fixed: "/aws/", Service: "aws-waf-logs-"},
		Encrypted: []encryptionOption{{key("kmsKeyId")}},
	},
	"aws:cloudwatch/metricAlarm:MetricAlarm": {Name: named("alarm-", 255, "name"), Plain: keepsNothing},

	"aws:dynamodb/table:Table": {
		Name:      named("table-", 255, "name"),
		Encrypted: []encryptionOption{{enabled("serverSideEncryption.enabled"), key("serverSideEncryption.kmsKeyArn")}},
	},

	"aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": {Name: nameTag("secgroup-"), Plain: keepsNothing},
	"aws:ec2/eip:Eip":                                           {Name: nameTag("eip-"), Plain: keepsNothing},
	"aws:ec2/flowLog:FlowLog":                                   {Name: nameTag("fl-"), Plain: asItsOwner},
	"aws:ec2/internetGateway:InternetGateway":                   {Name: nameTag("igw-"), Plain: keepsNothing},
	"aws:ec2/natGateway:NatGateway":                             {Name: nameTag("nat-"), Plain: keepsNothing},
	"aws:ec2/peeringConnectionOptions:PeeringConnectionOptions": {Untagged: aPart, Plain: keepsNothing},
	"aws:ec2/route:Route":                                       {Untagged: aPart, Plain: keepsNothing},
	"aws:ec2/routeTable:RouteTable":                             {Name: nameTag("rtb-"), Plain: keepsNothing},
	"aws:ec2/routeTableAssociation:RouteTableAssociation":       {Untagged: aLink, Plain: keepsNothing},
	"aws:ec2/securityGroup:SecurityGroup": {
		Name:  named("secgroup-", 255, "name", "tags.Name"),
		Plain: keepsNothing,
	},
	"aws:ec2/subnet:Subnet":                                             {Name: nameTag("subnet-"), Plain: keepsNothing},
	"aws:ec2/vpc:Vpc":                                                   {Name: nameTag("vpc-"), Plain: keepsNothing},
	"aws:ec2/vpcEndpoint:VpcEndpoint":                                   {Name: nameTag("vpce-"), Plain: keepsNothing},
	"aws:ec2/vpcPeeringConnection:VpcPeeringConnection":                 {Name: nameTag("pcx-"), Plain: keepsNothing},
	"aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter": {Name: nameTag("pcx-"), Plain: keepsNothing},
	"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule":           {Plain: keepsNothing},
	"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule":         {Plain: keepsNothing},

	"aws:iam/role:Role":                                 {Name: named("role-", 64, "name"), Plain: keepsNothing},
	"aws:iam/rolePolicy:RolePolicy":                     {Name: named("role-", 128, "name"), Untagged: aPart, Plain: keepsNothing},
	"aws:iam/rolePolicyAttachment:RolePolicyAttachment": {Untagged: aLink, Plain: keepsNothing},

	"aws:kms/alias:Alias": {Name: named("alias/key-", 256, "name"), Untagged: aPart, Plain: isTheKey},
	"aws:kms/key:Key":     {Plain: isTheKey},

	// A function's environment has names of parameters and of the secret, never the secret.
	"aws:lambda/function:Function":                                   {Name: named("lambda-", 64, "name"), Plain: noSecret},
	"aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": {Untagged: aPart, Plain: keepsNothing},
	"aws:lambda/permission:Permission":                               {Untagged: aPart, Plain: keepsNothing},

	// A listener speaks TLS when there is a certificate; package settings refuses prod without one.
	"aws:lb/listener:Listener":                           {Plain: keepsNothing},
	"aws:lb/loadBalancer:LoadBalancer":                   {Name: named("alb-", 32, "name"), Plain: keepsNothing},
	"aws:lb/targetGroup:TargetGroup":                     {Name: named("tg-", 32, "name"), Plain: keepsNothing},
	"aws:lb/targetGroupAttachment:TargetGroupAttachment": {Untagged: aLink, Plain: keepsNothing},

	"aws:rds/cluster:Cluster": {
		Name: named("aurora-", 63, "clusterIdentifier"), Encrypted: []encryptionOption{{enabled("storageEncrypted"), key("kmsKeyId")}},
	},
	"aws:rds/clusterInstance:ClusterInstance":             {Name: named("instance-", 63, "identifier"), Plain: asItsOwner},
	"aws:rds/clusterParameterGroup:ClusterParameterGroup": {Name: named("dbparams-", 255, "name"), Plain: keepsNothing},
	"aws:rds/globalCluster:GlobalCluster": {
		Name: named("globaldb-", 63, "globalClusterIdentifier"), Encrypted: []encryptionOption{{enabled("storageEncrypted")}},
	},
	"aws:rds/subnetGroup:SubnetGroup": {Name: named("dbsubnets-", 255, "name"), Plain: keepsNothing},

	"aws:route53/healthCheck:HealthCheck": {Name: nameTag("hc-"), Plain: keepsNothing},
	"aws:route53/record:Record":           {Name: &Name{Domain: true}, Untagged: aPart, Plain: "DNS is public"},
	"aws:route53/zone:Zone":               {Name: &Name{Domain: true}, Plain: "DNS is public"},

	"aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2": {Untagged: aPart, Plain: keepsNothing},
	"aws:s3/bucketOwnershipControls:BucketOwnershipControls":               {Untagged: aPart, Plain: keepsNothing},
	"aws:s3/bucketPolicy:BucketPolicy":                                     {Untagged: aPart, Plain: keepsNothing},
	"aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock":               {Untagged: aPart, Plain: keepsNothing},
	"aws:s3/bucketReplicationConfig:BucketReplicationConfig":               {Untagged: aPart, Plain: asItsOwner},
	"aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2": {
		Untagged: aPart, Encrypted: []encryptionOption{{
			equals("rules.0.applyServerSideEncryptionByDefault.sseAlgorithm", "aws:kms"),
			key("rules.0.applyServerSideEncryptionByDefault.kmsMasterKeyId"),
		}},
	},
	// The bucket's encryption is a resource of its own, which is required (companions).
	"aws:s3/bucketV2:BucketV2":                     {Name: named("bucket-", 63, "bucket"), Plain: asItsOwner},
	"aws:s3/bucketVersioningV2:BucketVersioningV2": {Untagged: aPart, Plain: keepsNothing},

	"aws:scheduler/schedule:Schedule": {
		Name: named("schedule-", 64, "name"), Untagged: "EventBridge Scheduler tags groups of schedules, not schedules", Plain: noSecret,
	},
	"aws:secretsmanager/secret:Secret":               {Name: named("secret-", 512, "name"), Encrypted: []encryptionOption{{key("kmsKeyId")}}},
	"aws:secretsmanager/secretVersion:SecretVersion": {Untagged: aPart, Plain: asItsOwner},
	"aws:sns/topic:Topic": {
		Name:      named("topic-", 256, "name"),
		Encrypted: []encryptionOption{{key("kmsMasterKeyId")}},
	},
	"aws:sns/topicPolicy:TopicPolicy":             {Untagged: aPart, Plain: keepsNothing},
	"aws:sns/topicSubscription:TopicSubscription": {Untagged: aLink, Plain: keepsNothing},
	"aws:sqs/queue:Queue": {
		Name: named("queue-", 80, "name"), Encrypted: []encryptionOption{{key("kmsMasterKeyId")}, {enabled("sqsManagedSseEnabled")}},
	},
	"aws:sqs/queuePolicy:QueuePolicy": {Untagged: aPart, Plain: keepsNothing},
	"aws:ssm/parameter:Parameter":     {Name: named("/warmstandby/", 911, "name"), Plain: noSecret},

	"aws:wafv2/webAcl:WebAcl":                                         {Name: named("webacl-", 128, "name"), Plain: keepsNothing},
	"aws:wafv2/webAclAssociation:WebAclAssociation":                   {Untagged: aLink, Plain: keepsNothing},
	"aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": {Untagged: aPart, Plain: asItsOwner},
}
