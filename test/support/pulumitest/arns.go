package pulumitest

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// AWSARNs gives resources ARNs in AWS's own form, for tests that evaluate policies. Other runs have ARNs made of the type and the
// logical name, in which a mix-up of two resources shows.
func AWSARNs() Option {
	return func(m *monitor) { m.awsARNs = true }
}

// arnForms are the forms of AWS's ARNs by type (Service Authorization Reference, "Resource types" of each service): ${Partition},
// ${Region}, ${Account} and ${Name}, which is the resource's own name or else its logical one.
var arnForms = map[string]struct{ nameProperty, form string }{
	"aws:backup/vault:Vault":                       {"name", "arn:${Partition}:backup:${Region}:${Account}:backup-vault:${Name}"},
	"aws:cloudwatch/compositeAlarm:CompositeAlarm": {"alarmName", "arn:${Partition}:cloudwatch:${Region}:${Account}:alarm:${Name}"},
	"aws:cloudwatch/eventBus:EventBus":             {"name", "arn:${Partition}:events:${Region}:${Account}:event-bus/${Name}"},
	"aws:cloudwatch/logGroup:LogGroup":             {"name", "arn:${Partition}:logs:${Region}:${Account}:log-group:${Name}"},
	"aws:cloudwatch/metricAlarm:MetricAlarm":       {"name", "arn:${Partition}:cloudwatch:${Region}:${Account}:alarm:${Name}"},
	"aws:dynamodb/table:Table":                     {"name", "arn:${Partition}:dynamodb:${Region}:${Account}:table/${Name}"},
	"aws:iam/role:Role":                            {"name", "arn:${Partition}:iam::${Account}:role/${Name}"},
	"aws:kms/key:Key":                              {"", "arn:${Partition}:kms:${Region}:${Account}:key/${Name}"},
	"aws:lambda/function:Function":                 {"name", "arn:${Partition}:lambda:${Region}:${Account}:function:${Name}"},
	"aws:lb/loadBalancer:LoadBalancer":             {"name", "arn:${Partition}:elasticloadbalancing:${Region}:${Account}:loadbalancer/app/${Name}/50dc6c495c0c9188"},
	"aws:lb/targetGroup:TargetGroup":               {"name", "arn:${Partition}:elasticloadbalancing:${Region}:${Account}:targetgroup/${Name}/73e2d6bc24d8a067"},
	"aws:rds/cluster:Cluster":                      {"clusterIdentifier", "arn:${Partition}:rds:${Region}:${Account}:cluster:${Name}"},
	"aws:rds/clusterInstance:ClusterInstance":      {"identifier", "arn:${Partition}:rds:${Region}:${Account}:db:${Name}"},
	"aws:rds/globalCluster:GlobalCluster":          {"globalClusterIdentifier", "arn:${Partition}:rds::${Account}:global-cluster:${Name}"},
	"aws:s3/bucketV2:BucketV2":                     {"bucket", "arn:${Partition}:s3:::${Name}"},
	"aws:scheduler/schedule:Schedule":              {"name", "arn:${Partition}:scheduler:${Region}:${Account}:schedule/default/${Name}"},
	"aws:secretsmanager/secret:Secret":             {"name", "arn:${Partition}:secretsmanager:${Region}:${Account}:secret:${Name}-AbCdEf"},
	"aws:sns/topic:Topic":                          {"name", "arn:${Partition}:sns:${Region}:${Account}:${Name}"},
	"aws:sqs/queue:Queue":                          {"name", "arn:${Partition}:sqs:${Region}:${Account}:${Name}"},
	"aws:ssm/parameter:Parameter":                  {"name", "arn:${Partition}:ssm:${Region}:${Account}:parameter${Name}"},
}

// eventRule is the type of rules, whose ARNs have the name of their bus, too.
const eventRule = "aws:cloudwatch/eventRule:EventRule"

// awsARN returns a resource's ARN in AWS's form; ok is false for a type that has no form here.
func (m *monitor) awsARN(r Resource) (arn string, ok bool) {
	row, known := arnForms[r.Type]
	if r.Type == eventRule {
		row.nameProperty, row.form = "name", "arn:${Partition}:events:${Region}:${Account}:rule/"+r.Text("eventBusName")+"/${Name}"
	} else if !known {
		return "", false
	}
	name := r.Text(row.nameProperty)
	if name == "" {
		name = r.Name
	}
	words := strings.NewReplacer("${Partition}", m.partition, "${Region}", m.regionOf(r.Request.GetProvider()), "${Account}", Account, "${Name}", name)
	return words.Replace(row.form), true
}

// useAWSARN replaces the ARN of a resource's outputs, and what has a part of it: a queue's URL, and the suffix that metrics have of a
// load balancer or a target group.
func (m *monitor) useAWSARN(r Resource, outputs resource.PropertyMap) {
	arn, ok := m.awsARN(r)
	if !ok {
		return
	}
	outputs["arn"] = resource.NewProperty(arn)
	fields := strings.Split(arn, ":")
	switch r.Type {
	case "aws:sqs/queue:Queue":
		outputs["url"] = resource.NewProperty(fmt.Sprintf("https://sqs.%s.amazonaws.com/%s/%s", fields[3], Account, fields[5]))
	case "aws:lb/loadBalancer:LoadBalancer", "aws:lb/targetGroup:TargetGroup":
		outputs["arnSuffix"] = resource.NewProperty(strings.TrimPrefix(fields[5], "loadbalancer/"))
	}
}
