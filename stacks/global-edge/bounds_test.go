package main

import (
	"fmt"
	"strings"
	"testing"

	"warmstandby/shared/contract/controller"
)

// The longest configuration that the settings take makes a document that a parameter holds: with the longest domain, suffix and URL of
// the runbook, and with AWS's longest names of regions and of name servers.
func TestLongestConfiguration(t *testing.T) {
	const primary, standby, largestParameter = "ap-northeast-1", "ap-southeast-2", 4096
	suffix := strings.Repeat("s", 15)
	arn := func(service, region, resource string) string {
		return "arn:aws-us-gov:" + service + ":" + region + ":123456789012:" + resource + "-" + suffix
	}
	upstream := newUpstream(t, overrides{
		foundation: {"primaryRegion": primary, "standbyRegion": standby, "environmentSuffix": suffix, "listenerPort": 65535},
		dataGlobal: {
			"globalClusterIdentifier":  "globaldb-records-" + suffix,
			"primaryClusterIdentifier": "aurora-records-primary-" + suffix, "standbyClusterIdentifier": "aurora-records-secondary-" + suffix,
			"primaryClusterArn":          arn("rds", primary, "cluster:aurora-records-primary"),
			"standbyClusterArn":          arn("rds", standby, "cluster:aurora-records-secondary"),
			"eventBusName":               "bus-records-" + suffix,
			"secretName":                 "secret-database-" + suffix,
			"primaryDocumentsBucketName": "bucket-documents-primary-123456789012-" + suffix,
			"standbyDocumentsBucketName": "bucket-documents-secondary-123456789012-" + suffix,
		},
		appEast: {"region": primary, "scheme": "https", "port": 65535, "topicArn": arn("sns", primary, "topic-alarms-primary")},
		appWest: {
			"region": standby, "scheme": "https", "port": 65535, "topicArn": arn("sns", standby, "topic-alarms-secondary"),
			"functionName": "lambda-app-secondary-" + suffix,
		},
	})
	label := strings.Repeat("d", 63) + "."
	recording := upstream.up(t, map[string]string{
		"domainName": label + label + label + "dexample", "runbookUrl": "https://wiki.example.org/" + strings.Repeat("r", 487),
	})
	document := recording.Get(t, parameterToken, "failover/config-secondary").Text("insecureValue")
	config, err := controller.ParseConfig(document)
	if err != nil {
		t.Fatal(err)
	}
	config.NameServers = nil
	for i := range 4 {
		config.NameServers = append(config.NameServers, fmt.Sprintf("ns-%d.awsdns-%d.co.uk", 1000+i, 10+i))
	}
	if document, err = config.JSON(); err != nil || len(document) > largestParameter {
		t.Errorf("the configuration has %d bytes (%v): %s", len(document), err, document)
	}
}
