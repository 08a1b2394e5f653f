package invariant

// Type is what holds for the resources of one type.
type Type struct {
	// Name is how they are named; nil: they have no name of their own.
	Name *Name
	// Untagged says why they carry no tags. Empty: they carry the required ones.
	Untagged string
	// Encrypted are the ways of which one shows that they are encrypted. None: Plain says why there is none.
	Encrypted []way
	Plain     string
}

// Why something carries no tags.
const (
	aPart = "a setting of another resource, which carries them"
	aLink = "a link between resources, which carry them"
)

// Why something is not encrypted by a property of its own.
const (
	keepsNothing = "keeps no data"
	isTheKey     = "is the key, or its name"
	asItsOwner   = "keeps its data in another resource, which is encrypted"
	noSecret     = "holds names and numbers, nothing of a patient's and no secret; AWS encrypts it with a key of its own"
)

// Types holds a row for each type that a stack makes, or may make by its settings.
var Types = map[string]Type{
	"aws:backup/plan:Plan":           {Name: named("plan-", 50, "name"), Plain: keepsNothing},
	"aws:backup/selection:Selection": {Name: named("selection-", 50, "name"), Untagged: aPart, Plain: keepsNothing},
	"aws:backup/vault:Vault":         {Name: named("vault-", 50, "name"), Encrypted: []way{{key("kmsKeyArn")}}},

	"aws:cloudwatch/compositeAlarm:CompositeAlarm": {Name: named("alarm-", 255, "alarmName"), Plain: keepsNothing},
	"aws:cloudwatch/dashboard:Dashboard": {
		Name: named("dashboard-", 255, "dashboardName"), Untagged: "the provider sends dashboards no tags", Plain: noSecret,
	},
	// Events say which record changed, never what it holds (lambda/app/src/aws/events.js).
	"aws:cloudwatch/eventArchive:EventArchive":     {Name: named("archive-", 48, "name"), Untagged: "EventBridge gives archives none", Plain: noSecret},
	"aws:cloudwatch/eventBus:EventBus":             {Name: named("bus-", 256, "name"), Plain: noSecret},
	"aws:cloudwatch/eventBusPolicy:EventBusPolicy": {Untagged: aPart, Plain: keepsNothing},
	"aws:cloudwatch/eventRule:EventRule":           {Name: named("rule-", 64, "name"), Plain: keepsNothing},
	"aws:cloudwatch/eventTarget:EventTarget":       {Untagged: aPart, Plain: keepsNothing},
	"aws:cloudwatch/logGroup:LogGroup": {
		Name:      &Name{Properties: []string{"name"}, Prefix: "logs-", Limit: 512, Fixed: "/aws/"},
		Encrypted: []way{{key("kmsKeyId")}},
	},
	"aws:cloudwatch/metricAlarm:MetricAlarm": {Name: named("alarm-", 255, "name"), Plain: keepsNothing},

	"aws:dynamodb/table:Table": {
		Name: named("table-", 255, "name"), Encrypted: []way{{on("serverSideEncryption.enabled"), key("serverSideEncryption.kmsKeyArn")}},
	},

	"aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": {Name: nameTag("secgroup-"), Plain: keepsNothing},
	"aws:ec2/eip:Eip":                                                   {Name: nameTag("eip-"), Plain: keepsNothing},
	"aws:ec2/flowLog:FlowLog":                                           {Name: nameTag("fl-"), Plain: asItsOwner},
	"aws:ec2/internetGateway:InternetGateway":                           {Name: nameTag("igw-"), Plain: keepsNothing},
	"aws:ec2/natGateway:NatGateway":                                     {Name: nameTag("nat-"), Plain: keepsNothing},
	"aws:ec2/peeringConnectionOptions:PeeringConnectionOptions":         {Untagged: aPart, Plain: keepsNothing},
	"aws:ec2/route:Route":                                               {Untagged: aPart, Plain: keepsNothing},
	"aws:ec2/routeTable:RouteTable":                                     {Name: nameTag("rtb-"), Plain: keepsNothing},
	"aws:ec2/routeTableAssociation:RouteTableAssociation":               {Untagged: aLink, Plain: keepsNothing},
	"aws:ec2/securityGroup:SecurityGroup":                               {Name: named("secgroup-", 255, "name", "tags.Name"), Plain: keepsNothing},
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

	// A function's environment has names of parameters in it and where to find the secret, never the secret.
	"aws:lambda/function:Function":                                   {Name: named("lambda-", 64, "name"), Plain: noSecret},
	"aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": {Untagged: aPart, Plain: keepsNothing},
	"aws:lambda/permission:Permission":                               {Untagged: aPart, Plain: keepsNothing},

	// Whether a listener speaks TLS is the certificate's: settings refuse prod without one.
	"aws:lb/listener:Listener":                           {Plain: keepsNothing},
	"aws:lb/loadBalancer:LoadBalancer":                   {Name: named("alb-", 32, "name"), Plain: keepsNothing},
	"aws:lb/targetGroup:TargetGroup":                     {Name: named("tg-", 32, "name"), Plain: keepsNothing},
	"aws:lb/targetGroupAttachment:TargetGroupAttachment": {Untagged: aLink, Plain: keepsNothing},

	"aws:rds/cluster:Cluster": {
		Name: named("aurora-", 63, "clusterIdentifier"), Encrypted: []way{{on("storageEncrypted"), key("kmsKeyId")}},
	},
	"aws:rds/clusterInstance:ClusterInstance":             {Name: named("instance-", 63, "identifier"), Plain: asItsOwner},
	"aws:rds/clusterParameterGroup:ClusterParameterGroup": {Name: named("dbparams-", 255, "name"), Plain: keepsNothing},
	"aws:rds/globalCluster:GlobalCluster": {
		Name: named("globaldb-", 63, "globalClusterIdentifier"), Encrypted: []way{{on("storageEncrypted")}},
	},
	"aws:rds/subnetGroup:SubnetGroup": {Name: named("dbsubnets-", 255, "name"), Plain: keepsNothing},

	"aws:route53/healthCheck:HealthCheck": {Name: nameTag("hc-"), Plain: keepsNothing},
	"aws:route53/record:Record":           {Name: &Name{Domain: true}, Untagged: aPart, Plain: "DNS tells everybody"},
	"aws:route53/zone:Zone":               {Name: &Name{Domain: true}, Plain: "DNS tells everybody"},

	"aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2": {Untagged: aPart, Plain: keepsNothing},
	"aws:s3/bucketOwnershipControls:BucketOwnershipControls":               {Untagged: aPart, Plain: keepsNothing},
	"aws:s3/bucketPolicy:BucketPolicy":                                     {Untagged: aPart, Plain: keepsNothing},
	"aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock":               {Untagged: aPart, Plain: keepsNothing},
	"aws:s3/bucketReplicationConfig:BucketReplicationConfig":               {Untagged: aPart, Plain: asItsOwner},
	"aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2": {
		Untagged: aPart, Encrypted: []way{{
			says("rules.0.applyServerSideEncryptionByDefault.sseAlgorithm", "aws:kms"),
			key("rules.0.applyServerSideEncryptionByDefault.kmsMasterKeyId"),
		}},
	},
	// The bucket's encryption is a resource of its own, which it cannot be without (companions).
	"aws:s3/bucketV2:BucketV2":                     {Name: named("bucket-", 63, "bucket"), Plain: asItsOwner},
	"aws:s3/bucketVersioningV2:BucketVersioningV2": {Untagged: aPart, Plain: keepsNothing},

	"aws:scheduler/schedule:Schedule": {
		Name: named("schedule-", 64, "name"), Untagged: "EventBridge Scheduler tags groups of schedules, not schedules", Plain: noSecret,
	},
	"aws:secretsmanager/secret:Secret":               {Name: named("secret-", 512, "name"), Encrypted: []way{{key("kmsKeyId")}}},
	"aws:secretsmanager/secretVersion:SecretVersion": {Untagged: aPart, Plain: asItsOwner},
	"aws:sns/topic:Topic":                            {Name: named("topic-", 256, "name"), Encrypted: []way{{key("kmsMasterKeyId")}}},
	"aws:sns/topicPolicy:TopicPolicy":                {Untagged: aPart, Plain: keepsNothing},
	"aws:sns/topicSubscription:TopicSubscription":    {Untagged: aLink, Plain: keepsNothing},
	"aws:sqs/queue:Queue": {
		Name: named("queue-", 80, "name"), Encrypted: []way{{key("kmsMasterKeyId")}, {on("sqsManagedSseEnabled")}},
	},
	"aws:sqs/queuePolicy:QueuePolicy": {Untagged: aPart, Plain: keepsNothing},
	"aws:ssm/parameter:Parameter":     {Name: named("/warmstandby/", 911, "name"), Plain: noSecret},
}
