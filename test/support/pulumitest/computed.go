package pulumitest

import (
	"fmt"
	"maps"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// computedIDs are the properties that AWS computes and that have the form of an id or of a host name, by type.
var computedIDs = map[string][]string{
	"aws:ec2/vpcEndpoint:VpcEndpoint":     {"prefixListId"},
	"aws:kms/key:Key":                     {"keyId"},
	"aws:lb/loadBalancer:LoadBalancer":    {"arnSuffix", "dnsName", "zoneId"},
	"aws:lb/targetGroup:TargetGroup":      {"arnSuffix"},
	"aws:rds/cluster:Cluster":             {"endpoint", "readerEndpoint"},
	"aws:rds/globalCluster:GlobalCluster": {"endpoint"},
	"aws:route53/zone:Zone":               {"zoneId"},
	"aws:sqs/queue:Queue":                 {"url"},
}

// computedLists are lists of such properties, by type.
var computedLists = map[string]string{"aws:route53/zone:Zone": "nameServers"}

// computedPorts are the ports that AWS computes, by type.
var computedPorts = map[string]float64{"aws:rds/cluster:Cluster": 5432}

// id returns a custom resource's id, which the type and the logical name make; none in a preview.
func (m *monitor) id(r Resource) string {
	if m.preview {
		return ""
	}
	return shortType(r.Type) + "-" + r.Name
}

// computed returns a custom resource's outputs: its inputs and, outside a preview, what AWS adds to them.
func (m *monitor) computed(r Resource) resource.PropertyMap {
	outputs := r.Inputs.Copy()
	if m.preview {
		return outputs
	}
	service, _, _ := strings.Cut(strings.TrimPrefix(r.Type, "aws:"), "/")
	arn := fmt.Sprintf("arn:%s:%s:%s:%s:%s", m.partition, service, m.regionOf(r.Request.GetProvider()), Account, r.ID)
	outputs["arn"] = resource.NewProperty(arn)
	for _, property := range computedIDs[r.Type] {
		outputs[resource.PropertyKey(property)] = resource.NewProperty(property + "-" + r.Name)
	}
	if property, ok := computedLists[r.Type]; ok {
		outputs[resource.PropertyKey(property)] = resource.NewProperty([]resource.PropertyValue{
			resource.NewProperty(property + "-1-" + r.Name), resource.NewProperty(property + "-2-" + r.Name),
		})
	}
	if port, ok := computedPorts[r.Type]; ok {
		outputs["port"] = resource.NewProperty(port)
	}
	if m.awsARNs {
		m.useAWSARN(r, outputs)
	}
	maps.Copy(outputs, m.computes[r.Type])
	return outputs
}

// shortType returns the last part of a type token in lower camel case: aws:ec2/routeTable:RouteTable is a routeTable.
func shortType(token string) string {
	module := token[:strings.LastIndex(token, ":")]
	return module[strings.LastIndexAny(module, ":/")+1:]
}
