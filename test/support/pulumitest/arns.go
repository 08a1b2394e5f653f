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

// arnForm is what AWS makes an ARN of (Service Authorization Reference, "Resource types" of each service). The name is a property, or
// else the logical name.
type arnForm struct {
	nameProperty, service, id string
	global                    bool // without a region
}

const (
	queueType         = "aws:sqs/queue:Queue"
	loadBalancerType  = "aws:lb/loadBalancer:LoadBalancer"
	targetGroupType   = "aws:lb/targetGroup:TargetGroup"
	eventRuleType     = "aws:cloudwatch/eventRule:EventRule"
	bucketType        = "aws:s3/bucketV2:BucketV2"
	globalIdentifier  = "globalClusterIdentifier"
	globalClusterType = "aws:rds/globalCluster:GlobalCluster"
)

var arnForms = map[string]arnForm{
	"aws:backup/vault:Vault":                       {nameProperty: "name", service: "backup", id: "backup-vault:"},
	"aws:cloudwatch/compositeAlarm:CompositeAlarm": {nameProperty: "alarmName", service: "cloudwatch", id: "alarm:"},
	"aws:cloudwatch/eventBus:EventBus":             {nameProperty: "name", service: "events", id: "event-bus/"},
	eventRuleType:                                  {nameProperty: "name", service: "events", id: "rule/"},
	"aws:cloudwatch/logGroup:LogGroup":             {nameProperty: "name", service: "logs", id: "log-group:"},
	"aws:cloudwatch/metricAlarm:MetricAlarm":       {nameProperty: "name", service: "cloudwatch", id: "alarm:"},
	"aws:dynamodb/table:Table":                     {nameProperty: "name", service: "dynamodb", id: "table/"},
	"aws:iam/role:Role":                            {nameProperty: "name", service: "iam", id: "role/", global: true},
	"aws:kms/key:Key":                              {service: "kms", id: "key/"},
	"aws:lambda/function:Function":                 {nameProperty: "name", service: "lambda", id: "function:"},
	loadBalancerType:                               {nameProperty: "name", service: "elasticloadbalancing", id: "loadbalancer/app/"},
	targetGroupType:                                {nameProperty: "name", service: "elasticloadbalancing", id: "targetgroup/"},
	"aws:rds/cluster:Cluster":                      {nameProperty: "clusterIdentifier", service: "rds", id: "cluster:"},
	"aws:rds/clusterInstance:ClusterInstance":      {nameProperty: "identifier", service: "rds", id: "db:"},
	globalClusterType:                              {nameProperty: globalIdentifier, service: "rds", id: "global-cluster:", global: true},
	bucketType:                                     {nameProperty: "bucket", service: "s3"},
	"aws:scheduler/schedule:Schedule":              {nameProperty: "name", service: "scheduler", id: "schedule/default/"},
	"aws:secretsmanager/secret:Secret":             {nameProperty: "name", service: "secretsmanager", id: "secret:"},
	"aws:sns/topic:Topic":                          {nameProperty: "name", service: "sns"},
	queueType:                                      {nameProperty: "name", service: "sqs"},
	"aws:ssm/parameter:Parameter":                  {nameProperty: "name", service: "ssm", id: "parameter"},
}

// arnEndings are what AWS adds to a name, by service. It chooses them by chance.
var arnEndings = map[string]string{"elasticloadbalancing": "/1", "secretsmanager": "-AbCdEf"}

// awsARN returns a resource's ARN in AWS's form; ok is false for a type that has no form here.
func (m *monitor) awsARN(r Resource) (arn string, ok bool) {
	form, known := arnForms[r.Type]
	if !known {
		return "", false
	}
	name := r.Text(form.nameProperty)
	if name == "" {
		name = r.Name
	}
	region, account := m.regionOf(r.Request.GetProvider()), Account
	switch {
	case r.Type == bucketType:
		region, account = "", ""
	case r.Type == eventRuleType && r.Text("eventBusName") != "": // the default bus is in no ARN
		name = r.Text("eventBusName") + "/" + name
	case form.global:
		region = ""
	}
	return fmt.Sprintf("arn:%s:%s:%s:%s:%s%s%s", m.partition, form.service, region, account, form.id, name, arnEndings[form.service]), true
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
	case queueType:
		outputs["url"] = resource.NewProperty(fmt.Sprintf("https://sqs.%s.amazonaws.com/%s/%s", fields[3], Account, fields[5]))
	case loadBalancerType, targetGroupType:
		outputs["arnSuffix"] = resource.NewProperty(strings.TrimPrefix(fields[5], "loadbalancer/"))
	}
}
