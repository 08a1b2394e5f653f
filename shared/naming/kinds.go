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
)

// rule is what the namer knows about one kind. The limit counts the whole name,
// prefix included.
type rule struct {
	noun   string
	prefix string
	limit  int
	source string
}

const (
	// nameTagLimit is the most characters of a tag's value.
	nameTagLimit  = 256
	nameTagSource = "Amazon EC2 User Guide, Tag restrictions"
)

// rules holds one row a kind. A prefix is the type's common abbreviation, and
// no two kinds share one.
var rules = [...]rule{
	VPC:               {"VPC", "vpc", nameTagLimit, nameTagSource},
	Subnet:            {"subnet", "subnet", nameTagLimit, nameTagSource},
	RouteTable:        {"route table", "rtb", nameTagLimit, nameTagSource},
	InternetGateway:   {"internet gateway", "igw", nameTagLimit, nameTagSource},
	NATGateway:        {"NAT gateway", "nat", nameTagLimit, nameTagSource},
	ElasticIP:         {"elastic IP", "eip", nameTagLimit, nameTagSource},
	PeeringConnection: {"VPC peering connection", "pcx", nameTagLimit, nameTagSource},
	VPCEndpoint:       {"VPC endpoint", "vpce", nameTagLimit, nameTagSource},
	FlowLog:           {"flow log", "fl", nameTagLimit, nameTagSource},
	HealthCheck:       {"health check", "hc", nameTagLimit, "Amazon Route 53 API, Tag, Value"},
	// Not "sg": EC2 refuses a group name that begins with "sg-", the form of its ids.
	SecurityGroup: {"security group", "secgroup", 255, "Amazon EC2 API, CreateSecurityGroup, GroupName"},
	LogGroup:      {"log group", "logs", 512, "CloudWatch Logs API, CreateLogGroup, logGroupName"},
	IAMRole:       {"IAM role", "role", 64, "IAM API, CreateRole, RoleName"},
	// KMS wants every alias to begin with "alias/" and counts it.
	KMSAlias:            {"KMS alias", "alias/key", 256, "AWS KMS API, CreateAlias, AliasName"},
	GlobalDatabase:      {"global database", "globaldb", 63, "Amazon RDS API, CreateGlobalCluster, GlobalClusterIdentifier"},
	DatabaseCluster:     {"Aurora cluster", "aurora", 63, "Amazon RDS API, CreateDBCluster, DBClusterIdentifier"},
	DatabaseInstance:    {"Aurora instance", "instance", 63, "Amazon RDS API, CreateDBInstance, DBInstanceIdentifier"},
	DatabaseSubnetGroup: {"DB subnet group", "dbsubnets", 255, "Amazon RDS API, CreateDBSubnetGroup, DBSubnetGroupName"},
	DatabaseParameterGroup: {
		"DB cluster parameter group", "dbparams", 255, "Amazon RDS API, CreateDBClusterParameterGroup, DBClusterParameterGroupName",
	},
	DatabaseSnapshot: {"DB cluster snapshot", "dbsnapshot", 63, "Amazon RDS API, CreateDBClusterSnapshot, DBClusterSnapshotIdentifier"},
	Secret:           {"secret", "secret", 512, "AWS Secrets Manager API, CreateSecret, Name"},
	Bucket:           {"bucket", "bucket", 63, "Amazon S3 User Guide, General purpose bucket naming rules"},
	BackupVault:      {"backup vault", "vault", 50, "AWS Backup API, CreateBackupVault, backupVaultName"},
	BackupPlan:       {"backup plan", "plan", 50, "AWS Backup API, BackupPlanInput, BackupPlanName"},
	BackupSelection:  {"backup selection", "selection", 50, "AWS Backup API, BackupSelection, SelectionName"},
	Table:            {"table", "table", 255, "Amazon DynamoDB API, CreateTable, TableName"},
	Dashboard:        {"dashboard", "dashboard", 255, "Amazon CloudWatch API, PutDashboard, DashboardName"},
	EventBus:         {"event bus", "bus", 256, "Amazon EventBridge API, CreateEventBus, Name"},
	EventRule:        {"event rule", "rule", 64, "Amazon EventBridge API, PutRule, Name"},
	EventArchive:     {"event archive", "archive", 48, "Amazon EventBridge API, CreateArchive, ArchiveName"},
	Queue:            {"queue", "queue", 80, "Amazon SQS API, CreateQueue, QueueName"},
	LoadBalancer:     {"load balancer", "alb", 32, "Elastic Load Balancing API, CreateLoadBalancer, Name"},
	TargetGroup:      {"target group", "tg", targetGroupNameLimit, "Elastic Load Balancing API, CreateTargetGroup, Name"},
	Function:         {"Lambda function", "lambda", 64, "AWS Lambda API, CreateFunction, FunctionName"},
	Topic:            {"topic", "topic", 256, "Amazon SNS API, CreateTopic, Name"},
	Alarm:            {"alarm", "alarm", 255, "Amazon CloudWatch API, PutMetricAlarm, AlarmName"},
	Schedule:         {"schedule", "schedule", 64, "EventBridge Scheduler API, CreateSchedule, Name"},
}

// known reports whether the kind has a row in rules.
func (k Kind) known() bool {
	return k >= 0 && int(k) < len(rules)
}
