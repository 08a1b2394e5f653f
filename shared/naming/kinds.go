package naming

// Kind is a type of resource that the platform names.
type Kind int

// The kinds. The first ten are named by their Name tag, the others by a name
// of their own.
const (
	VPC Kind = iota
	Subnet
	RouteTable
	InternetGateway
	NATGateway
	ElasticIP
	PeeringConnection
	VPCEndpoint
	FlowLog
	HealthCheck
	SecurityGroup
	LogGroup
	IAMRole
	KMSAlias
	GlobalDatabase
	DatabaseCluster
	DatabaseInstance
	DatabaseSubnetGroup
	DatabaseParameterGroup
	DatabaseSnapshot
	Secret
	Bucket
	BackupVault
	BackupPlan
	BackupSelection
	RestoreTest
	Table
	Dashboard
	EventBus
	EventRule
	EventArchive
	Queue
	LoadBalancer
	TargetGroup
	Function
	Topic
	Alarm
	Schedule
	WebACL
	WebACLLogGroup
)

// rule is what the namer knows about one kind. The limit counts the whole name,
// prefix included.
type rule struct {
	noun   string
	prefix string
	limit  int
	source string
	// underscored says that AWS takes no hyphen: each is an underscore.
	underscored bool
}

const (
	// nameTagLimit is the most characters of a tag's value.
	nameTagLimit  = 256
	nameTagSource = "Amazon EC2 User Guide, Tag restrictions"
)

// rules holds one row a kind. A prefix is the type's common abbreviation, and
// no two kinds share one.
var rules = [...]rule{
	VPC:               {"VPC", "vpc", nameTagLimit, nameTagSource, false},
	Subnet:            {"subnet", "subnet", nameTagLimit, nameTagSource, false},
	RouteTable:        {"route table", "rtb", nameTagLimit, nameTagSource, false},
	InternetGateway:   {"internet gateway", "igw", nameTagLimit, nameTagSource, false},
	NATGateway:        {"NAT gateway", "nat", nameTagLimit, nameTagSource, false},
	ElasticIP:         {"elastic IP", "eip", nameTagLimit, nameTagSource, false},
	PeeringConnection: {"VPC peering connection", "pcx", nameTagLimit, nameTagSource, false},
	VPCEndpoint:       {"VPC endpoint", "vpce", nameTagLimit, nameTagSource, false},
	FlowLog:           {"flow log", "fl", nameTagLimit, nameTagSource, false},
	HealthCheck:       {"health check", "hc", nameTagLimit, "Amazon Route 53 API, Tag, Value", false},
	// Not "sg": EC2 refuses a group name that begins with "sg-", the form of its ids.
	SecurityGroup: {"security group", "secgroup", 255, "Amazon EC2 API, CreateSecurityGroup, GroupName", false},
	LogGroup:      {"log group", "logs", 512, "CloudWatch Logs API, CreateLogGroup, logGroupName", false},
	IAMRole:       {"IAM role", "role", 64, "IAM API, CreateRole, RoleName", false},
	// KMS wants every alias to begin with "alias/" and counts it.
	KMSAlias:            {"KMS alias", "alias/key", 256, "AWS KMS API, CreateAlias, AliasName", false},
	GlobalDatabase:      {"global database", "globaldb", 63, "Amazon RDS API, CreateGlobalCluster, GlobalClusterIdentifier", false},
	DatabaseCluster:     {"Aurora cluster", "aurora", 63, "Amazon RDS API, CreateDBCluster, DBClusterIdentifier", false},
	DatabaseInstance:    {"Aurora instance", "instance", 63, "Amazon RDS API, CreateDBInstance, DBInstanceIdentifier", false},
	DatabaseSubnetGroup: {"DB subnet group", "dbsubnets", 255, "Amazon RDS API, CreateDBSubnetGroup, DBSubnetGroupName", false},
	DatabaseParameterGroup: {
		"DB cluster parameter group", "dbparams", 255, "Amazon RDS API, CreateDBClusterParameterGroup, DBClusterParameterGroupName", false,
	},
	DatabaseSnapshot: {"DB cluster snapshot", "dbsnapshot", 63, "Amazon RDS API, CreateDBClusterSnapshot, DBClusterSnapshotIdentifier", false},
	Secret:           {"secret", "secret", 512, "AWS Secrets Manager API, CreateSecret, Name", false},
	Bucket:           {"bucket", "bucket", 63, "Amazon S3 User Guide, General purpose bucket naming rules", false},
	BackupVault:      {"backup vault", "vault", 50, "AWS Backup API, CreateBackupVault, backupVaultName", false},
	BackupPlan:       {"backup plan", "plan", 50, "AWS Backup API, BackupPlanInput, BackupPlanName", false},
	BackupSelection:  {"backup selection", "selection", 50, "AWS Backup API, BackupSelection, SelectionName", false},
	RestoreTest: {
		noun: "restore test", prefix: "restoretest", limit: 50, underscored: true,
		source: "AWS Backup API, RestoreTestingPlanForCreate, RestoreTestingPlanName, and RestoreTestingSelectionForCreate",
	},
	Table:        {"table", "table", 255, "Amazon DynamoDB API, CreateTable, TableName", false},
	Dashboard:    {"dashboard", "dashboard", 255, "Amazon CloudWatch API, PutDashboard, DashboardName", false},
	EventBus:     {"event bus", "bus", 256, "Amazon EventBridge API, CreateEventBus, Name", false},
	EventRule:    {"event rule", "rule", 64, "Amazon EventBridge API, PutRule, Name", false},
	EventArchive: {"event archive", "archive", 48, "Amazon EventBridge API, CreateArchive, ArchiveName", false},
	Queue:        {"queue", "queue", 80, "Amazon SQS API, CreateQueue, QueueName", false},
	LoadBalancer: {"load balancer", "alb", 32, "Elastic Load Balancing API, CreateLoadBalancer, Name", false},
	TargetGroup:  {"target group", "tg", targetGroupNameLimit, "Elastic Load Balancing API, CreateTargetGroup, Name", false},
	Function:     {"Lambda function", "lambda", 64, "AWS Lambda API, CreateFunction, FunctionName", false},
	Topic:        {"topic", "topic", 256, "Amazon SNS API, CreateTopic, Name", false},
	Alarm:        {"alarm", "alarm", 255, "Amazon CloudWatch API, PutMetricAlarm, AlarmName", false},
	Schedule:     {"schedule", "schedule", 64, "EventBridge Scheduler API, CreateSchedule, Name", false},
	WebACL:       {"web ACL", "webacl", 128, "AWS WAF API, CreateWebACL, Name", false},
	// AWS WAF writes to log groups alone whose names begin with this.
	WebACLLogGroup: {"log group of a web ACL", "aws-waf-logs", 512, "AWS WAF API, LoggingConfiguration, LogDestinationConfigs", false},
}

// known reports whether the kind has a row in rules.
func (k Kind) known() bool {
	return k >= 0 && int(k) < len(rules)
}
