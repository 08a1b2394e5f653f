package awsclient

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/failovertest"
	"warmstandby/lambda/failover/metric"
	"warmstandby/lambda/failover/notice"
	"warmstandby/shared/contract/controller"
)

// request is one request as it would be sent: its host, the scope of its signature, and its target and body.
type request struct {
	host, region, service string
	content               string
}

// recorder records the requests of every client of an account, after they are signed, and sends none.
type recorder struct{ requests []request }

// errNotSent is the error of every recorded request.
var errNotSent = errors.New("recorded and not sent")

// scope matches the credential scope of a signature (IAM User Guide, "Elements of an AWS API request signature").
var scope = regexp.MustCompile(`Credential=[^/]+/\d{8}/([^/]+)/([^/]+)/aws4_request`)

// account returns an account of the standby region whose requests are recorded.
func (r *recorder) account(region string) Account {
	record := middleware.DeserializeMiddlewareFunc("record", func(
		_ context.Context, in middleware.DeserializeInput, _ middleware.DeserializeHandler,
	) (out middleware.DeserializeOutput, metadata middleware.Metadata, err error) {
		signed, isHTTP := in.Request.(*smithyhttp.Request)
		if !isHTTP {
			return out, metadata, fmt.Errorf("the request is a %T", in.Request)
		}
		parts := scope.FindStringSubmatch(signed.Header.Get("Authorization"))
		if parts == nil {
			return out, metadata, fmt.Errorf("the request to %s is not signed", signed.URL)
		}
		content := signed.URL.String() + "\n"
		if stream := signed.GetStream(); stream != nil {
			body, err := io.ReadAll(stream)
			if err != nil {
				return out, metadata, err
			}
			content += string(body)
		}
		r.requests = append(r.requests, request{host: signed.URL.Host, region: parts[1], service: parts[2], content: content})
		return out, metadata, errNotSent
	})
	return Account{region: region, base: aws.Config{
		DisableRequestCompression: true, // of metrics: a compressed name would not be found
		Region:                    region, Credentials: credentials.NewStaticCredentialsProvider("AKIDTEST", "secret", ""),
		APIOptions: []func(*middleware.Stack) error{func(stack *middleware.Stack) error {
			return stack.Deserialize.Add(record, middleware.After)
		}},
	}}
}

// clientRow is how a client is called, and which resources of its region its request names.
type clientRow struct {
	call   func(context.Context, Platform) error
	region string
	names  []string // in the request's URL or body
}

// clientRows has a row for each client of Platform, by its field and, inside of that, the field of the API.
func clientRows() map[string]clientRow {
	c := failovertest.Config()
	primary, standby := c.PrimaryRegion, c.StandbyRegion
	move := func(of func(Platform) Databases, action decision.Action) func(context.Context, Platform) error {
		return func(ctx context.Context, p Platform) error { return of(p).Move(ctx, action, c.StandbyClusterARN) }
	}
	databases := func(p Platform) Databases { return p.Databases }
	primaryDatabases := func(p Platform) Databases { return p.PrimaryDatabases }
	at := time.Unix(0, 0)
	return map[string]clientRow{
		"Databases.reader": {
			call: func(ctx context.Context, p Platform) error {
				_, err := p.Databases.Global(ctx)
				return err
			},
			region: standby, names: []string{"GlobalClusterIdentifier=" + c.GlobalCluster},
		},
		"Databases.writer": {
			call: move(databases, decision.Failover), region: standby, names: []string{"GlobalClusterIdentifier=" + c.GlobalCluster},
		},
		"Databases.primaryWriter": {
			call: func(ctx context.Context, p Platform) error {
				_, err := p.Databases.primaryWriter.SwitchoverGlobalCluster(ctx, &rds.SwitchoverGlobalClusterInput{
					GlobalClusterIdentifier: aws.String(c.GlobalCluster), TargetDbClusterIdentifier: aws.String(c.StandbyClusterARN),
				})
				return err
			},
			region: primary,
		},
		"PrimaryDatabases.reader": {
			call: func(ctx context.Context, p Platform) error {
				_, err := p.PrimaryDatabases.Cluster(ctx, c.PrimaryCluster)
				return err
			},
			region: primary,
		},
		"PrimaryDatabases.writer": {
			call: move(primaryDatabases, decision.Failover), region: primary, names: []string{"GlobalClusterIdentifier=" + c.GlobalCluster},
		},
		"Replication.metrics": {
			call: func(ctx context.Context, p Platform) error {
				_, err := p.Replication.Replication(ctx)
				return err
			},
			// The metrics of a secondary cluster are in its region, with the writer's as the source.
			region: standby, names: []string{c.StandbyCluster, primary},
		},
		"ReverseReplication.metrics": {
			call: func(ctx context.Context, p Platform) error {
				_, err := p.ReverseReplication.Replication(ctx)
				return err
			},
			region: primary, names: []string{c.PrimaryCluster, standby},
		},
		"Table.items": {
			call: func(ctx context.Context, p Platform) error {
				_, err := p.Table.Load(ctx)
				return err
			},
			region: standby, names: []string{c.Table},
		},
		"Mode.parameters": {
			call: func(ctx context.Context, p Platform) error {
				_, err := p.Mode.Mode(ctx)
				return err
			},
			region: standby, names: []string{c.ModeParameter},
		},
		"PrimaryMode.parameters": {
			call:   func(ctx context.Context, p Platform) error { return p.PrimaryMode.SetMode(ctx, controller.Advisory) },
			region: primary, names: []string{c.ModeParameter},
		},
		"Topic.publisher": {
			call: func(ctx context.Context, p Platform) error {
				return p.Topic.Publish(ctx, notice.Notice{Subject: "s", Body: "b"})
			},
			region: standby, names: []string{"TopicArn=" + escaped(c.StandbyTopicARN)},
		},
		"PrimaryTopic.publisher": {
			call: func(ctx context.Context, p Platform) error {
				return p.PrimaryTopic.Publish(ctx, notice.Notice{Subject: "s", Body: "b"})
			},
			region: primary, names: []string{"TopicArn=" + escaped(c.PrimaryTopicARN)},
		},
		"Metrics.metrics": {
			call: func(ctx context.Context, p Platform) error {
				return p.Metrics.Publish(ctx, []metric.Datum{{Name: "n"}})
			},
			region: standby, names: []string{c.MetricNamespace, c.Environment},
		},
		"PrimaryMetrics.metrics": {
			call: func(ctx context.Context, p Platform) error {
				return p.PrimaryMetrics.Publish(ctx, []metric.Datum{{Name: "n"}})
			},
			region: primary, names: []string{c.MetricNamespace, c.Environment},
		},
		"Alarms.metrics": {
			call: func(ctx context.Context, p Platform) error {
				_, err := p.Alarms.MissingOrDisabled(ctx, c.Alarms)
				return err
			},
			region: standby, names: c.Alarms,
		},
		"Application.invoker": {
			call:   func(ctx context.Context, p Platform) error { return p.Application.Verify(ctx) },
			region: standby, names: []string{"/functions/" + c.StandbyFunction + "/"},
		},
		"Documents.objects": {
			call: func(ctx context.Context, p Platform) error {
				_, err := p.Documents.Probe(ctx)
				return err
			},
			region: standby, names: []string{c.StandbyDocumentsBucket + ".s3."},
		},
		"RestoreTests.jobs": {
			call:   func(ctx context.Context, p Platform) error { return p.RestoreTests.Report(ctx, "job", true, "") },
			region: standby, names: []string{"/restore-jobs/job/validations"},
		},
		"RestoreTests.clusters": {
			call: func(ctx context.Context, p Platform) error {
				_, err := p.RestoreTests.Cluster(ctx, "restored")
				return err
			},
			region: standby, names: []string{"restored"},
		},
		"RestoreTests.objects": {
			call: func(ctx context.Context, p Platform) error {
				_, err := p.RestoreTests.Probe(ctx, "restored")
				return err
			},
			region: standby, names: []string{"restored.s3."},
		},
		"StandbyQuotas.reader": {
			call: func(ctx context.Context, p Platform) error {
				_, err := p.StandbyQuotas.Quota(ctx, controller.VPCs)
				return err
			},
			region: standby, names: []string{controller.VPCs.Service, controller.VPCs.Code},
		},
		"PrimaryQuotas.reader": {
			call: func(ctx context.Context, p Platform) error {
				_, err := p.PrimaryQuotas.Quota(ctx, controller.VPCs)
				return err
			},
			region: primary, names: []string{controller.VPCs.Service, controller.VPCs.Code},
		},
		"PrimaryDocuments.objects": {
			call:   func(ctx context.Context, p Platform) error { return p.PrimaryDocuments.WriteProbe(ctx, at) },
			region: primary, names: []string{c.PrimaryDocumentsBucket + ".s3."},
		},
	}
}

// escaped returns an ARN as it stands in a form's value.
func escaped(arn string) string { return strings.ReplaceAll(arn, ":", "%3A") }

// clientsOf returns the clients of Platform by the names of their fields: every interface inside a field that is a struct. The
// configuration has none.
func clientsOf(t *testing.T) []string {
	t.Helper()
	var names []string
	platform := reflect.TypeFor[Platform]()
	for i := range platform.NumField() {
		field := platform.Field(i)
		if field.Name == "Config" {
			continue
		}
		found := false
		for j := range field.Type.NumField() {
			if inner := field.Type.Field(j); inner.Type.Kind() == reflect.Interface {
				names, found = append(names, field.Name+"."+inner.Name), true
			}
		}
		if !found {
			t.Errorf("%s has no interface of a client: add to clientsOf how its client is found", field.Name)
		}
	}
	// In the primary region's own Databases it is nil.
	return slices.DeleteFunc(names, func(name string) bool { return name == "PrimaryDatabases.primaryWriter" })
}

func TestPlatformRegions(t *testing.T) {
	rows := clientRows()
	if got, want := slices.Sorted(maps.Keys(rows)), slices.Sorted(slices.Values(clientsOf(t))); !slices.Equal(got, want) {
		t.Fatalf("the rows are of\n%q, want one for each client\n%q", got, want)
	}
	for name, row := range rows {
		t.Run(name+" calls "+row.region, func(t *testing.T) {
			t.Parallel()
			var recorded recorder
			platform := recorded.account(failovertest.Config().StandbyRegion).Platform(failovertest.Config())
			if err := row.call(t.Context(), platform); !errors.Is(err, errNotSent) {
				t.Fatalf("the call ends with %v, want a recorded request", err)
			}
			recorded.check(t, row.region, row.names...)
		})
	}
	t.Run("PrimaryDatabases has no client of another region", func(t *testing.T) {
		var recorded recorder
		platform := recorded.account(failovertest.Config().StandbyRegion).Platform(failovertest.Config())
		if platform.PrimaryDatabases.primaryWriter != nil {
			t.Error("it has a second client to move the writer with")
		}
	})
}

func TestAccountRegion(t *testing.T) {
	t.Run("the configuration is read in the region of the account", func(t *testing.T) {
		var recorded recorder
		if _, err := recorded.account("eu-west-1").Configuration(t.Context(), "/path"); !errors.Is(err, errNotSent) {
			t.Fatalf("the call ends with %v, want a recorded request", err)
		}
		recorded.check(t, "eu-west-1", "/path")
	})
}

// check holds every recorded request, of which there is at least one, to a region and to the names in it.
func (r *recorder) check(t *testing.T, region string, names ...string) {
	t.Helper()
	if len(r.requests) == 0 {
		t.Fatal("no request was made")
	}
	for _, got := range r.requests {
		if got.region != region {
			t.Errorf("the request to %s is signed for %s, want %s", got.host, got.region, region)
		}
		if !strings.Contains(got.host, "."+region+".") {
			t.Errorf("the request goes to %s, want an endpoint of %s", got.host, region)
		}
		for _, name := range names {
			if !strings.Contains(got.content, name) {
				t.Errorf("the request\n%q\ndoes not contain %q", got.content, name)
			}
		}
	}
}
