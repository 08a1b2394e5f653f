package failover

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/contract/controller"
	"warmstandby/test/support/pulumitest"
)

func TestRules(t *testing.T) {
	pulumitest.CheckEveryMode(t, func(t *testing.T, protection bool, opts ...pulumitest.Option) *pulumitest.Recording {
		return build(t, func(args *Args) { args.Protection = protection }, opts...)
	}, rules)
}

// The loss of the primary region takes these resources with it: it may contain no more than these.
func TestPrimaryRegionResources(t *testing.T) {
	recording := build(t, unchanged)
	var made []string
	for _, registered := range recording.Resources {
		if recording.Region(registered) == east {
			made = append(made, registered.Name)
		}
	}
	slices.Sort(made)
	want := []string{
		"failover/config-primary", "failover/mode-primary",
		"role-heartbeat-primary-blue", "role-heartbeat-primary-blue", "schedule-heartbeat-primary-blue",
	}
	if !slices.Equal(made, want) {
		t.Errorf("in %s are %q, want %q", east, made, want)
	}
}

func TestTable(t *testing.T) {
	recording := build(t, unchanged)
	want := map[string]any{
		"name": tableName, "billingMode": "PAY_PER_REQUEST", "hashKey": "id", "deletionProtectionEnabled": false,
		"attributes":           []any{map[string]any{"name": "id", "type": "S"}},
		"pointInTimeRecovery":  map[string]any{"enabled": true},
		"serverSideEncryption": map[string]any{"enabled": true, "kmsKeyArn": recording.Get(t, keyToken, "failover-secondary").ARN()},
	}
	if got := recording.Get(t, tableToken, tableName).Inputs.Mappable(); !reflect.DeepEqual(got, want) {
		t.Errorf("the table is\n%v, want\n%v", got, want)
	}
}

// Both regions have the same configuration and mode, in a preview too.
func TestConfiguration(t *testing.T) {
	want := controller.Config{
		Environment: "blue", PrimaryRegion: east, StandbyRegion: west,
		GlobalCluster: "globaldb", PrimaryCluster: "aurora-primary", StandbyCluster: "aurora-secondary",
		PrimaryClusterARN: arn("rds", east, "cluster:aurora-primary"), StandbyClusterARN: arn("rds", west, "cluster:aurora-secondary"),
		PrimaryURL: "https://primary.example", StandbyURL: "https://secondary.example", GlobalURL: "https://global.example",
		NameServers: []string{"ns-1.example", "ns-2.example"},
		GlobalName:  "global.example", PrimaryName: "us-east-1.global.example", StandbyName: "us-west-2.global.example",
		Table: tableName, ModeParameter: "/warmstandby/blue/failover/mode",
		PrimaryTopicARN: arn("sns", east, "topic-primary"), StandbyTopicARN: arn("sns", west, "topic-secondary"),
		BusName: "bus", SecretName: "secret", PrimaryDocumentsBucket: "bucket-primary", StandbyDocumentsBucket: "bucket-secondary",
		StandbyFunction: "lambda-app", Alarms: []string{"alarm-a", "alarm-b"}, MetricNamespace: "Warmstandby",
		DashboardURL: "https://dashboard.example", RunbookURL: "https://runbook.example",
	}
	for _, opts := range [][]pulumitest.Option{nil, {pulumitest.Preview()}} {
		recording := build(t, unchanged, opts...)
		for _, role := range []string{"primary", "secondary"} {
			written := recording.Get(t, parameterToken, "failover/config-"+role)
			got, err := controller.ParseConfig(written.Text("insecureValue"))
			if err != nil || !reflect.DeepEqual(got, want) || written.Text("name") != "/warmstandby/blue/failover/config" {
				t.Errorf("%s of %s is\n%+v, %v, want\n%+v", written.Text("name"), role, got, err, want)
			}
			mode := recording.Get(t, parameterToken, "failover/mode-"+role)
			if mode.Text("name") != "/warmstandby/blue/failover/mode" || mode.Text("insecureValue") != "automatic" ||
				len(mode.Request.GetIgnoreChanges()) == 0 {
				t.Errorf("%s of %s begins as %q and ignores changes of %q, want automatic and operators' to change",
					mode.Text("name"), role, mode.Text("insecureValue"), mode.Request.GetIgnoreChanges())
			}
		}
	}
}

// A parameter of the standard tier has at most 4 KB (AWS Systems Manager API, PutParameter, Value).
func TestConfigurationSize(t *testing.T) {
	const limit = 4096
	recording := build(t, func(args *Args) {
		long := func(text *string, length int) {
			for len(*text) < length {
				*text += "x"
			}
		}
		for _, r := range []*RegionArgs{&args.Primary, &args.Standby} {
			long(&r.ClusterIdentifier, 63)
			long(&r.ClusterARN, 120)
			long(&r.URL, 120)
			long(&r.TopicARN, 100)
			long(&r.DocumentsBucketName, 63)
		}
		for _, text := range []*string{&args.GlobalURL, &args.Runbook, &args.DashboardURL} {
			long(text, 160)
		}
		for _, name := range []*string{&args.Zone.GlobalName, &args.Zone.PrimaryName, &args.Zone.StandbyName} {
			long(name, 100)
		}
		args.Zone.NameServers = pulumi.ToStringArray([]string{
			"ns-2048.awsdns-64.co.uk", "ns-2048.awsdns-64.com", "ns-2048.awsdns-64.net", "ns-2048.awsdns-64.org",
		})
		args.Alarms = nil
		for range 16 {
			args.Alarms = append(args.Alarms, "alarm-engine-versions-differ-secondary-abcdefghijklmno")
		}
	})
	if text := recording.Get(t, parameterToken, "failover/config-primary").Text("insecureValue"); len(text) > limit {
		t.Errorf("the document has %d characters, a parameter %d", len(text), limit)
	}
}

func TestFunction(t *testing.T) {
	recording := build(t, unchanged)
	function := recording.Get(t, functionToken, functionName)
	got := function.Inputs.Mappable()
	delete(got, "code")
	want := map[string]any{
		"name": functionName, "description": "The failover controller", "runtime": "provided.al2023", "handler": "bootstrap",
		"architectures": []any{"arm64"}, "memorySize": 256.0, "timeout": 60.0,
		"role":        recording.Get(t, roleToken, "role-failover-secondary-blue").ARN(),
		"environment": map[string]any{"variables": map[string]any{"FAILOVER_CONFIG": "/warmstandby/blue/failover/config"}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the function is\n%v, want\n%v: without a VPC, without reserved concurrency", got, want)
	}
	if !function.Inputs["code"].IsArchive() {
		t.Errorf("its code is %v, want an archive", function.Inputs["code"])
	}
	logs := recording.Get(t, logsToken, "/aws/lambda/"+functionName)
	if logs.Text("kmsKeyId") != recording.Get(t, keyToken, "failover-secondary").ARN() || logs.Input("retentionInDays") != 14.0 {
		t.Errorf("its log is %v", logs.Inputs)
	}
	pulumitest.AssertDependsOn(t, function,
		logs, recording.Get(t, grantToken, "role-failover-secondary-blue"), recording.Get(t, tableToken, tableName),
		recording.Get(t, parameterToken, "failover/config-secondary"), recording.Get(t, parameterToken, "failover/mode-secondary"))
	want = map[string]any{"functionName": functionName, "maximumEventAgeInSeconds": 60.0, "maximumRetryAttempts": 0.0}
	retries := recording.Get(t, "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig", functionName)
	if got := retries.Inputs.Mappable(); !reflect.DeepEqual(got, want) {
		t.Errorf("its retries are %v, want %v: the next minute comes", got, want)
	}
}

func TestSchedules(t *testing.T) {
	recording := build(t, unchanged)
	function := recording.Get(t, functionToken, functionName)
	for task, rate := range map[string]string{"watch": "rate(1 minute)", "validate": "rate(1 hour)"} {
		made := recording.Get(t, scheduleToken, "schedule-"+task+"-secondary-blue")
		if made.Text("scheduleExpression") != rate || made.Text("target.input") != `{"task":"`+task+`"}` ||
			made.Text("target.arn") != function.ARN() || made.Input("target.retryPolicy.maximumRetryAttempts") != 0.0 {
			t.Errorf("the schedule of %s is %v, want %s of the function without retries", task, made.Inputs, rate)
		}
	}
}

// The primary region's schedule sends the heartbeat, and a rule in the standby delivers it to the controller.
func TestHeartbeat(t *testing.T) {
	recording := build(t, unchanged)
	sent := recording.Get(t, scheduleToken, "schedule-heartbeat-primary-blue")
	wantTarget := map[string]any{
		"arn": arn("events", east, "event-bus/bus"), "roleArn": recording.Get(t, roleToken, "role-heartbeat-primary-blue").ARN(),
		// EventBridge Scheduler replaces the text between the angle brackets, which JSON may not escape.
		"input":                 `{"at":"<aws.scheduler.scheduled-time>"}`,
		"eventbridgeParameters": map[string]any{"source": "warmstandby.heartbeat", "detailType": "Heartbeat"},
		"retryPolicy":           map[string]any{"maximumEventAgeInSeconds": 60.0, "maximumRetryAttempts": 2.0},
	}
	if got := sent.Input("target"); !reflect.DeepEqual(got, wantTarget) || sent.Text("scheduleExpression") != "rate(1 minute)" {
		t.Errorf("it is sent at %s to\n%v, want\n%v", sent.Text("scheduleExpression"), got, wantTarget)
	}

	rule := recording.Get(t, ruleToken, ruleName)
	var pattern map[string]any
	if err := json.Unmarshal([]byte(rule.Text("eventPattern")), &pattern); err != nil {
		t.Fatal(err)
	}
	wantPattern := map[string]any{
		"source": []any{"warmstandby.heartbeat"}, "detail-type": []any{"Heartbeat"}, "region": []any{east},
		// A replay of an archive would make a lost region look alive.
		"replay-name": []any{map[string]any{"exists": false}},
	}
	if !reflect.DeepEqual(pattern, wantPattern) || rule.Text("eventBusName") != "bus" || recording.Region(rule) != west {
		t.Errorf("the rule of %s on %s matches %v, want %v", recording.Region(rule), rule.Text("eventBusName"), pattern, wantPattern)
	}

	function := recording.Get(t, functionToken, functionName)
	permission := recording.Get(t, "aws:lambda/permission:Permission", ruleName)
	wantPermission := map[string]any{
		"statementId": "TheHeartbeatsRuleInvokes", "action": "lambda:InvokeFunction", "function": functionName,
		"principal": "events.amazonaws.com", "sourceArn": rule.ARN(),
	}
	if got := permission.Inputs.Mappable(); !maps.Equal(got, wantPermission) {
		t.Errorf("the permission is %v, want %v", got, wantPermission)
	}
	target := recording.Get(t, targetToken, ruleName)
	want := map[string]any{
		"rule": ruleName, "eventBusName": "bus", "targetId": "controller", "arn": function.ARN(),
		"retryPolicy": map[string]any{"maximumEventAgeInSeconds": 60.0, "maximumRetryAttempts": 2.0},
	}
	if got := target.Inputs.Mappable(); !reflect.DeepEqual(got, want) {
		t.Errorf("the target is\n%v, want\n%v", got, want)
	}
	pulumitest.AssertDependsOn(t, target, permission)
}
