package failover

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"warmstandby/test/support/pulumitest"
)

// statements returns the statements of the controller's role.
func granted(t *testing.T) ([]pulumitest.Statement, *pulumitest.Recording) {
	t.Helper()
	recording := build(t, unchanged)
	return pulumitest.Statements(t, recording.Get(t, grantToken, "role-failover-secondary-blue").Text("policy")), recording
}

// The controller's role has these statements and no others.
func TestPermissions(t *testing.T) {
	all, recording := granted(t)
	log := arn("logs", west, "log-group:/aws/lambda/"+functionName+":*")
	when := func(operator, key string, values ...string) map[string]map[string][]string {
		return map[string]map[string][]string{operator: {key: values}}
	}
	viaService := func(services ...string) map[string]map[string][]string {
		return when("StringEquals", "kms:ViaService", services...)
	}
	want := []pulumitest.Statement{
		{Sid: "WriteLogs", Action: []string{"logs:CreateLogStream", "logs:PutLogEvents"}, Resource: []string{log}},
		{Sid: "DescribeClusters", Action: []string{"rds:DescribeDBClusters"}, Resource: []string{
			arn("rds", east, "cluster:aurora-primary"), arn("rds", west, "cluster:aurora-secondary"),
			arn("rds", west, "cluster:awsbackup-restore-test-*"),
		}},
		{
			Sid: "DescribeGlobalCluster", Action: []string{"rds:DescribeGlobalClusters"},
			Resource: []string{"arn:aws:rds::" + account + ":global-cluster:globaldb"},
		},
		{
			Sid: "DescribeInstances", Action: []string{"rds:DescribeDBInstances"},
			Resource: []string{arn("rds", east, "db:*"), arn("rds", west, "db:*")},
		},
		{
			Sid: "DescribeClusterParameters", Action: []string{"rds:DescribeDBClusterParameters"},
			Resource: []string{arn("rds", west, "cluster-pg:*")},
		},
		{Sid: "FailoverGlobalDatabase", Action: []string{"rds:FailoverGlobalCluster", "rds:SwitchoverGlobalCluster"}, Resource: []string{
			"arn:aws:rds::" + account + ":global-cluster:globaldb", arn("rds", east, "cluster:aurora-primary"),
			arn("rds", west, "cluster:aurora-secondary"),
		}},
		{
			Sid: "ReadWriteState", Action: []string{"dynamodb:GetItem", "dynamodb:PutItem"},
			Resource: []string{arn("dynamodb", west, "table/"+tableName)},
		},
		{
			Sid: "DecryptState", Action: []string{"kms:Decrypt"},
			Resource:  []string{recording.Get(t, keyToken, "failover-secondary").ARN()},
			Condition: viaService("dynamodb.us-west-2.amazonaws.com"),
		},
		{Sid: "ReadParameters", Action: []string{"ssm:GetParameter"}, Resource: []string{
			arn("ssm", west, "parameter/warmstandby/blue/failover/config"), arn("ssm", west, "parameter/warmstandby/blue/failover/mode"),
		}},
		{
			Sid: "PublishMetrics", Action: []string{"cloudwatch:PutMetricData"}, Resource: []string{"*"},
			Condition: when("StringEquals", "cloudwatch:namespace", "Warmstandby"),
		},
		{Sid: "ReadMetrics", Action: []string{"cloudwatch:GetMetricData"}, Resource: []string{"*"}},
		{Sid: "DescribeAlarms", Action: []string{"cloudwatch:DescribeAlarms"}, Resource: []string{"*"}},
		{
			Sid: "CompareQuotas", Action: []string{"servicequotas:GetAWSDefaultServiceQuota", "servicequotas:GetServiceQuota"},
			Resource: []string{"*"}, Condition: when("StringEquals", "aws:RequestedRegion", east, west),
		},
		{
			Sid: "PublishNotifications", Action: []string{"sns:Publish"},
			Resource: []string{arn("sns", east, "topic-primary"), arn("sns", west, "topic-secondary")},
		},
		{
			Sid: "EncryptNotifications", Action: []string{"kms:Decrypt", "kms:GenerateDataKey"},
			Resource:  []string{arn("kms", east, "key/topic-primary"), arn("kms", west, "key/topic-secondary")},
			Condition: viaService("sns.us-east-1.amazonaws.com", "sns.us-west-2.amazonaws.com"),
		},
		{Sid: "InvokeApplication", Action: []string{"lambda:InvokeFunction"}, Resource: []string{arn("lambda", west, "function:lambda-app")}},
		{Sid: "PutProbes", Action: []string{"s3:PutObject"}, Resource: []string{"arn:aws:s3:::bucket-primary/probes/*"}},
		{
			Sid: "EncryptProbes", Action: []string{"kms:Decrypt", "kms:GenerateDataKey"}, Resource: []string{arn("kms", east, "key/data-primary")},
			Condition: viaService("s3.us-east-1.amazonaws.com"),
		},
		{Sid: "ReportRestoreTests", Action: []string{"backup:PutRestoreValidationResult"}, Resource: []string{"*"}},
		{Sid: "GetRestoredProbes", Action: []string{"s3:GetObject"}, Resource: []string{"arn:aws:s3:::awsbackup-restore-test-*/probes/*"}},
		{Sid: "GetProbes", Action: []string{"s3:GetObject"}, Resource: []string{"arn:aws:s3:::bucket-secondary/probes/*"}},
		{
			Sid: "DecryptProbes", Action: []string{"kms:Decrypt"}, Resource: []string{arn("kms", west, "key/data-secondary")},
			Condition: viaService("s3.us-west-2.amazonaws.com"),
		},
	}
	for i := range want {
		want[i].Effect = "Allow"
	}
	if len(all) != len(want) {
		t.Fatalf("the role has %d statements, want %d", len(all), len(want))
	}
	for i := range want {
		if !reflect.DeepEqual(all[i], want[i]) {
			t.Errorf("statement %d is\n%+v, want\n%+v", i, all[i], want[i])
		}
	}
}

// forced are the statements for which an API of AWS takes no narrower resource, as permissions.go explains. No other statement
// may be for every resource.
func TestLeastPrivilege(t *testing.T) {
	forced := []string{"PublishMetrics", "ReadMetrics", "DescribeAlarms", "CompareQuotas", "ReportRestoreTests"}
	all, _ := granted(t)
	for _, each := range all {
		for _, action := range each.Action {
			if strings.Contains(action, "*") {
				t.Errorf("%s allows %s, which is more than one action", each.Sid, action)
			}
		}
		if slices.Contains(each.Resource, "*") != slices.Contains(forced, each.Sid) {
			t.Errorf("%s is of %q; of every resource are to be %q alone", each.Sid, each.Resource, forced)
		}
	}
}

// Where S3 uses a bucket key, a writer needs to decrypt it as well.
func TestWritersThroughS3Decrypt(t *testing.T) {
	all, _ := granted(t)
	writers := 0
	for _, each := range all {
		viaS3 := slices.ContainsFunc(each.Condition["StringEquals"]["kms:ViaService"], func(service string) bool {
			return strings.HasPrefix(service, "s3.")
		})
		if viaS3 && slices.Contains(each.Action, "kms:GenerateDataKey") {
			if writers++; !slices.Contains(each.Action, "kms:Decrypt") {
				t.Errorf("%s allows %q through S3, and not kms:Decrypt", each.Sid, each.Action)
			}
		}
	}
	if writers == 0 {
		t.Error("no statement allows to encrypt through S3")
	}
}

// Lambda alone assumes the controller's role.
func TestTrust(t *testing.T) {
	_, recording := granted(t)
	want := []pulumitest.Statement{{
		Sid: "AllowLambda", Effect: "Allow", Principal: map[string][]string{"Service": {"lambda.amazonaws.com"}},
		Action:    []string{"sts:AssumeRole"},
		Condition: map[string]map[string][]string{"StringEquals": {"aws:SourceAccount": {account}}},
	}}
	if got := pulumitest.Statements(t,
		recording.Get(t, roleToken, "role-failover-secondary-blue").Text("assumeRolePolicy")); !reflect.DeepEqual(got, want) {
		t.Errorf("the role trusts\n%+v, want\n%+v", got, want)
	}
}
