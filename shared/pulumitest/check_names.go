package pulumitest

import (
	"regexp"
	"strings"
)

// physicalName is how a type of resource is named. The limits are AWS's, written down a second time so that a slip in
// the namer's table does not pass its own test.
type physicalName struct {
	// properties hold the name; all of them, if there is more than one.
	properties []string
	prefix     string
	limit      int // characters
}

// physicalNames holds every type that has a physical name. A type that is not here must have none. A prefix that is a path
// is followed by the suffix, and the name lies below both.
var physicalNames = map[string]physicalName{
	"aws:backup/plan:Plan":                                              {[]string{"name"}, "plan-", 50},
	"aws:backup/selection:Selection":                                    {[]string{"name"}, "selection-", 50},
	"aws:backup/vault:Vault":                                            {[]string{"name"}, "vault-", 50},
	"aws:cloudwatch/compositeAlarm:CompositeAlarm":                      {[]string{"alarmName"}, "alarm-", 255},
	"aws:cloudwatch/dashboard:Dashboard":                                {[]string{"dashboardName"}, "dashboard-", 255},
	"aws:cloudwatch/eventArchive:EventArchive":                          {[]string{"name"}, "archive-", 48},
	"aws:cloudwatch/eventBus:EventBus":                                  {[]string{"name"}, "bus-", 256},
	"aws:cloudwatch/eventRule:EventRule":                                {[]string{"name"}, "rule-", 64},
	"aws:cloudwatch/logGroup:LogGroup":                                  {[]string{"name"}, "logs-", 512},
	"aws:cloudwatch/metricAlarm:MetricAlarm":                            {[]string{"name"}, "alarm-", 255},
	"aws:dynamodb/table:Table":                                          {[]string{"name"}, "table-", 255},
	"aws:ec2/defaultSecurityGroup:DefaultSecurityGroup":                 {[]string{"tags.Name"}, "secgroup-", 256},
	"aws:ec2/flowLog:FlowLog":                                           {[]string{"tags.Name"}, "fl-", 256},
	"aws:ec2/securityGroup:SecurityGroup":                               {[]string{"name", "tags.Name"}, "secgroup-", 255},
	"aws:ec2/vpcEndpoint:VpcEndpoint":                                   {[]string{"tags.Name"}, "vpce-", 256},
	"aws:ec2/vpcPeeringConnection:VpcPeeringConnection":                 {[]string{"tags.Name"}, "pcx-", 256},
	"aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter": {[]string{"tags.Name"}, "pcx-", 256},
	"aws:iam/role:Role":                                                 {[]string{"name"}, "role-", 64},
	"aws:iam/rolePolicy:RolePolicy":                                     {[]string{"name"}, "role-", 128},
	"aws:kms/alias:Alias":                                               {[]string{"name"}, "alias/key-", 256},
	"aws:lambda/function:Function":                                      {[]string{"name"}, "lambda-", 64},
	"aws:lb/loadBalancer:LoadBalancer":                                  {[]string{"name"}, "alb-", 32},
	"aws:lb/targetGroup:TargetGroup":                                    {[]string{"name"}, "tg-", 32},
	"aws:rds/cluster:Cluster":                                           {[]string{"clusterIdentifier"}, "aurora-", 63},
	"aws:rds/clusterInstance:ClusterInstance":                           {[]string{"identifier"}, "instance-", 63},
	"aws:rds/clusterParameterGroup:ClusterParameterGroup":               {[]string{"name"}, "dbparams-", 255},
	"aws:rds/globalCluster:GlobalCluster":                               {[]string{"globalClusterIdentifier"}, "globaldb-", 63},
	"aws:rds/subnetGroup:SubnetGroup":                                   {[]string{"name"}, "dbsubnets-", 255},
	"aws:route53/healthCheck:HealthCheck":                               {[]string{"tags.Name"}, "hc-", 256},
	"aws:s3/bucketV2:BucketV2":                                          {[]string{"bucket"}, "bucket-", 63},
	"aws:scheduler/schedule:Schedule":                                   {[]string{"name"}, "schedule-", 64},
	"aws:secretsmanager/secret:Secret":                                  {[]string{"name"}, "secret-", 512},
	"aws:sns/topic:Topic":                                               {[]string{"name"}, "topic-", 256},
	"aws:sqs/queue:Queue":                                               {[]string{"name"}, "queue-", 80},
	"aws:ssm/parameter:Parameter":                                       {[]string{"name"}, "/warmstandby/", 911},
}

// fixedNames are how the names begin that a service of AWS fixes: RDS and Lambda write to a log group that is called after
// the cluster or the function. What it is called after is an element of such a path, and ends with the suffix.
var fixedNames = map[string]string{
	"aws:cloudwatch/logGroup:LogGroup": "/aws/",
}

// domainNames are the types whose name is one of DNS, which is the configuration's.
var domainNames = map[string]bool{"aws:route53/record:Record": true, "aws:route53/zone:Zone": true}

// names holds a resource to {type}-{purpose}-{environmentSuffix} and to AWS's limit.
func (c *checker) names(r Resource) {
	rule, named := physicalNames[r.Type]
	if domainNames[r.Type] {
		return
	}
	if !named {
		for _, property := range [...]string{"name", "tags.Name"} {
			if name := r.Input(property); name != nil {
				c.fault(r, "has the %s %q, but its type is not in the table of physical names", property, name)
			}
		}
		return
	}
	for _, property := range rule.properties {
		name := r.Text(property)
		fixed, ok := fixedNames[r.Type]
		switch {
		case ok && strings.HasPrefix(name, fixed):
			if !strings.Contains(name+"/", "-"+c.rules.Suffix+"/") {
				c.fault(r, "has the %s %q, want an element that ends with -%s", property, name, c.rules.Suffix)
			}
		case strings.HasPrefix(rule.prefix, "/"):
			if !strings.HasPrefix(name, rule.prefix+c.rules.Suffix+"/") {
				c.fault(r, "has the %s %q, want a path below %s%s/", property, name, rule.prefix, c.rules.Suffix)
			}
		case !strings.HasPrefix(name, rule.prefix) || !strings.HasSuffix(name, "-"+c.rules.Suffix):
			c.fault(r, "has the %s %q, want %s{purpose}-%s", property, name, rule.prefix, c.rules.Suffix)
		}
		if len(name) > rule.limit {
			c.fault(r, "has a %s of %d characters, the limit is %d", property, len(name), rule.limit)
		}
	}
}

// ec2Description is what EC2 takes as the description of a security group and of a rule in a VPC; an apostrophe, for one,
// is refused (Amazon EC2 API, CreateSecurityGroup, GroupDescription; IpRange, Description).
var ec2Description = regexp.MustCompile(`^[a-zA-Z0-9 ._:/()#,@\[\]+=&;{}!$*-]{1,255}$`)

// ec2Described are the types that have such a description.
var ec2Described = map[string]bool{
	"aws:ec2/securityGroup:SecurityGroup":                       true,
	"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule":   true,
	"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": true,
}

func (c *checker) descriptions(r Resource) {
	if description := r.Text("description"); ec2Described[r.Type] && !ec2Description.MatchString(description) {
		c.fault(r, "has the description %q, which EC2 does not take", description)
	}
}
