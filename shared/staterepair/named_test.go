package staterepair

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/smithy-go"
)

func TestANameAloneIsNoMark(t *testing.T) {
	in := inputs{"name": "x"}
	for name, test := range map[string]struct {
		environment string
		fault       error
		want        string
		fails       bool
		skipped     bool
	}{
		"this environment's":           {"dev", nil, "x", false, false},
		"another environment's":        {"prod", nil, "", true, true},
		"nobody's":                     {"", nil, "", true, true},
		"none":                         {"", errAbsent, "", false, false},
		"none, by the service's code":  {"", &smithy.GenericAPIError{Code: "DBClusterNotFoundFault"}, "", false, false},
		"one that forbids to be asked": {"", &smithy.GenericAPIError{Code: "AccessDenied"}, "", true, true},
		"no answer":                    {"", errors.New("no answer"), "", true, false},
	} {
		read := func(context.Context, *clients, inputs) (string, error) { return test.environment, test.fault }
		got, err := marked("{name}", read)(t.Context(), &clients{environment: "dev"}, in)
		if got != test.want || (err != nil) != test.fails || skips(err) != test.skipped {
			t.Errorf("%s: %q, %v, want %q", name, got, err, test.want)
		}
	}
}

// fakeNamed has one resource of every marked type, with the tag Environment that is given, and in every protocol.
func fakeNamed(t *testing.T, environment string) {
	t.Helper()
	serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		form, _ := url.ParseQuery(string(body))
		_, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		if form.Get("Action") == "ListTagsForResource" {
			action = "ListTagsForResource rds"
		} else if action == "" {
			action = form.Get("Action")
		}
		if action == "" {
			action = r.Method + " " + strings.TrimSuffix(r.URL.Path, "/")
		}
		answer, has := namedAnswers[action]
		if !has || environment == "absent" {
			w.WriteHeader(http.StatusBadRequest)
			switch code := "ResourceNotFoundException"; {
			case form.Get("Action") != "":
				fmt.Fprintf(w, `<ErrorResponse><Error><Code>%s</Code></Error></ErrorResponse>`, notFound[action])
			case strings.HasPrefix(action, "GET /bucket"):
				fmt.Fprint(w, `<Error><Code>NoSuchBucket</Code></Error>`)
			case action == "ListTagsForResource":
				fmt.Fprint(w, `{"__type": "InvalidResourceId"}`)
			default:
				w.Header().Set("X-Amzn-Errortype", code)
				fmt.Fprintf(w, `{"__type": %q}`, code)
			}
			return
		}
		fmt.Fprint(w, strings.ReplaceAll(answer, "ENVIRONMENT", environment))
	})
}

var notFound = map[string]string{
	"DescribeDBClusters": "DBClusterNotFoundFault", "DescribeDBInstances": "DBInstanceNotFound",
	"DescribeGlobalClusters": "GlobalClusterNotFoundFault", "DescribeDBSubnetGroups": "DBSubnetGroupNotFoundFault",
	"DescribeDBClusterParameterGroups": "DBParameterGroupNotFound",
}

const (
	jsonTags = `{"Tags": [{"Key": "Other", "Value": "dev"},
		{"Key": "Environment", "Value": "ENVIRONMENT", "TagKey": "Environment", "TagValue": "ENVIRONMENT"}],
		"TagList": [{"Key": "Environment", "Value": "ENVIRONMENT"}], "tags": {"Environment": "ENVIRONMENT"}}`
	xmlTags = `<TagList><Tag><Key>Environment</Key><Value>ENVIRONMENT</Value></Tag></TagList>`
)

var namedAnswers = map[string]string{
	"DescribeEventBus":       `{"Arn": "arn:aws:events:us-east-1:1:event-bus/x"}`,
	"DescribeRule":           `{"Arn": "arn:aws:events:us-east-1:1:rule/x"}`,
	"ListTagsForResource":    jsonTags,
	"DescribeKey":            `{"KeyMetadata": {"KeyId": "k"}}`,
	"ListResourceTags":       jsonTags,
	"DescribeArchive":        `{"EventSourceArn": "arn:ENVIRONMENT"}`,
	"GET /schedules/x":       `{"Target": {"Arn": "a", "RoleArn": "arn:ENVIRONMENT"}}`,
	"GET /backup-vaults/x":   `{"BackupVaultArn": "arn:vault"}`,
	"GET /tags/arn:vault":    `{"Tags": {"Environment": "ENVIRONMENT"}}`,
	"GET /bucket-x":          `<Tagging><TagSet><Tag><Key>Environment</Key><Value>ENVIRONMENT</Value></Tag></TagSet></Tagging>`,
	"DescribeDBClusters":     described("DescribeDBClusters", "DBClusters", "DBCluster", xmlTags),
	"DescribeDBInstances":    described("DescribeDBInstances", "DBInstances", "DBInstance", xmlTags),
	"DescribeGlobalClusters": described("DescribeGlobalClusters", "GlobalClusters", "GlobalClusterMember", xmlTags),
	"DescribeDBSubnetGroups": described(
		"DescribeDBSubnetGroups",
		"DBSubnetGroups",
		"DBSubnetGroup",
		`<DBSubnetGroupArn>arn:x</DBSubnetGroupArn>`,
	),
	"ListTagsForResource rds": `<R><ListTagsForResourceResult>` + xmlTags + `</ListTagsForResourceResult></R>`,
	"DescribeDBClusterParameterGroups": described("DescribeDBClusterParameterGroups", "DBClusterParameterGroups", "DBClusterParameterGroup",
		`<DBClusterParameterGroupArn>arn:x</DBClusterParameterGroupArn>`),
}

// described is an answer of RDS's with one item.
func described(action, list, item, content string) string {
	return fmt.Sprintf("<R><%[1]sResult><%[2]s><%[3]s>%[4]s</%[3]s></%[2]s></%[1]sResult></R>", action, list, item, content)
}

func TestEveryNamedTypeIsKnownByItsMark(t *testing.T) {
	for kind, test := range map[string]struct {
		in inputs
		id string
	}{
		"aws:backup/vault:Vault":                              {inputs{"name": "x"}, "x"},
		"aws:cloudwatch/eventArchive:EventArchive":            {inputs{"name": "x", "eventSourceArn": "arn:dev"}, "x"},
		"aws:cloudwatch/eventBus:EventBus":                    {inputs{"name": "x"}, "x"},
		"aws:cloudwatch/eventRule:EventRule":                  {inputs{"name": "x", "eventBusName": "b"}, "b/x"},
		"aws:kms/alias:Alias":                                 {inputs{"name": "alias/x"}, "alias/x"},
		"aws:rds/cluster:Cluster":                             {inputs{"clusterIdentifier": "x"}, "x"},
		"aws:rds/clusterInstance:ClusterInstance":             {inputs{"identifier": "x"}, "x"},
		"aws:rds/clusterParameterGroup:ClusterParameterGroup": {inputs{"name": "x"}, "x"},
		"aws:rds/globalCluster:GlobalCluster":                 {inputs{"globalClusterIdentifier": "x"}, "x"},
		"aws:rds/subnetGroup:SubnetGroup":                     {inputs{"name": "x"}, "x"},
		"aws:s3/bucketV2:BucketV2":                            {inputs{"bucket": "bucket-x"}, "bucket-x"},
		"aws:scheduler/schedule:Schedule":                     {inputs{"name": "x", "target": map[string]any{"roleArn": "arn:dev"}}, "default/x"},
		"aws:ssm/parameter:Parameter":                         {inputs{"name": "x"}, "x"},
	} {
		t.Run(kind, func(t *testing.T) {
			for environment, want := range map[string]string{"dev": test.id, "prod": "", "absent": ""} {
				fakeNamed(t, environment)
				got, err := (&AWS{Environment: "dev"}).Find(t.Context(), "us-east-1", kind, test.in)
				if got != want || (err != nil) != (environment == "prod") || err != nil && !skips(err) {
					t.Errorf("of the environment %s: %q, %v, want %q", environment, got, err, want)
				}
			}
		})
	}
}
