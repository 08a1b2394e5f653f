package instance

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"warmstandby/test/local/testwait"
)

// messages returns the bodies of a queue's messages, which it deletes.
func (p permissionTest) messages(url string) []string {
	p.t.Helper()
	var bodies []string
	for {
		received, _ := p.aws.json(east, "sqs", "ReceiveMessage", object{"QueueUrl": url, "MaxNumberOfMessages": 10})["Messages"].([]any)
		if len(received) == 0 {
			return bodies
		}
		for _, one := range received {
			message := one.(map[string]any)
			bodies = append(bodies, message["Body"].(string))
			p.aws.json(east, "sqs", "DeleteMessage", object{"QueueUrl": url, "ReceiptHandle": message["ReceiptHandle"]})
		}
	}
}

// await waits for a message that contains a text, and returns all that came until then.
func (p permissionTest) await(url, text string) string {
	p.t.Helper()
	var all []string
	testwait.Until(p.t, "a message with "+text, func() error {
		all = append(all, p.messages(url)...)
		if joined := strings.Join(all, "\n"); !strings.Contains(joined, text) {
			return fmt.Errorf("the messages are %q", joined)
		}
		return nil
	})
	return strings.Join(all, "\n")
}

// service is a statement of a resource's policy for a service, on behalf of a resource.
func service(name, action, resource, source string) object {
	return object{
		"Effect": "Allow", "Principal": object{"Service": name}, "Action": action, "Resource": resource,
		"Condition": object{"ArnLike": object{"aws:SourceArn": source}},
	}
}

// An alarm notifies a topic if the topic's policy and the policy of its key let CloudWatch publish.
func TestPermissionsOfAlarms(t *testing.T) {
	t.Parallel()
	p := permissionTest{aws{t, newEnvironment(t).up().Endpoint}, t}
	account := object{
		"Effect":    "Allow",
		"Principal": object{"AWS": "arn:aws:iam::" + testAccount + ":root"},
		"Action":    "kms:*",
		"Resource":  everything,
	}
	alarms := object{
		"Effect": "Allow", "Principal": object{"Service": "cloudwatch.amazonaws.com"}, "Action": []string{"kms:Decrypt", "kms:GenerateDataKey*"},
		"Resource": everything,
	}
	inbox := p.aws.json(east, "sqs", "CreateQueue", object{"QueueName": "inbox", "Attributes": object{"Policy": policyOf(
		object{"Effect": "Allow", "Principal": object{"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": everything},
	)}})["QueueUrl"].(string)
	alarmARN := func(name string) string { return "arn:aws:cloudwatch:" + east + ":" + testAccount + ":alarm:" + name }
	for _, c := range []struct {
		name, source string // of the alarm, and of the topic's statement
		key          []object
		notified     bool
	}{
		{"topic-of-others", "another", []object{account, alarms}, false},
		{"key-of-others", "*", []object{account}, false},
		{"both-allow", "*", []object{account, alarms}, true},
	} {
		topic := p.topic(c.name, p.key(c.key...))
		p.aws.query(east, "sns", "SetTopicAttributes", "TopicArn", topic, "AttributeName", "Policy",
			"AttributeValue", policyOf(service("cloudwatch.amazonaws.com", "sns:Publish", topic, alarmARN(c.source))))
		p.aws.query(east, "sns", "Subscribe", "TopicArn", topic, "Protocol", "sqs", "Endpoint", queueARN(east, "inbox"))
		p.aws.query(
			east,
			"monitoring",
			"PutMetricAlarm",
			"AlarmName",
			c.name,
			"Namespace",
			"N",
			"MetricName",
			"M",
			"Period",
			"60",
			"EvaluationPeriods",
			"1",
			"Threshold",
			"1",
			"Statistic",
			"Sum",
			"ComparisonOperator",
			"GreaterThanThreshold",
			"AlarmActions.member.1",
			topic,
		)
		p.aws.query(east, "monitoring", "SetAlarmState", "AlarmName", c.name, "StateValue", "ALARM", "StateReason", "test")
	}
	got := p.await(inbox, "both-allow")
	for _, muted := range []string{"topic-of-others", "key-of-others"} {
		if strings.Contains(got, muted) {
			t.Errorf("alarm %s notified its topic: %s", muted, got)
		}
	}
}

// A rule sends to a queue if the queue's policy lets it, and by a role as far as the role may; the rest are dead letters.
func TestPermissionsOfRules(t *testing.T) {
	t.Parallel()
	p := permissionTest{aws{t, newEnvironment(t).up().Endpoint}, t}
	lost := p.queue(east, "lost")
	rule := func(name string) string {
		return "arn:aws:events:" + east + ":" + testAccount + ":rule/records/" + name
	}
	p.aws.json(east, "events", "CreateEventBus", object{"Name": "records"})
	p.aws.json(west, "events", "CreateEventBus", object{"Name": "records"})
	inbox := p.aws.json(east, "sqs", "CreateQueue", object{"QueueName": "inbox", "Attributes": object{"Policy": policyOf(
		service("events.amazonaws.com", "sqs:SendMessage", queueARN(east, "inbox"), rule("one")),
	)}})["QueueUrl"].(string)
	powerless := p.role("powerless", "events.amazonaws.com", allow(everything, "sqs:SendMessage"))
	for name, target := range map[string]object{
		"one":   {"Arn": queueARN(east, "inbox")},
		"other": {"Arn": queueARN(east, "inbox"), "Input": `{"from":"other"}`},
		"role":  {"Arn": busARN(west, "records"), "RoleArn": powerless},
	} {
		target["DeadLetterConfig"] = object{"Arn": queueARN(east, "lost")}
		p.rule(east, "records", name, `{"source":[{"prefix":""}]}`, target)
	}
	if _, err := p.put(east, "records", 1); err != nil {
		t.Fatal(err)
	}
	if got := p.await(inbox, "Record Stored"); strings.Contains(got, "other") {
		t.Errorf("a rule that the queue's policy does not name sent to it: %s", got)
	}
	why := map[string]string{}
	testwait.Until(t, "the events of two rules are dead letters", func() error {
		received, _ := p.aws.json(east, "sqs", "ReceiveMessage", object{
			"QueueUrl": lost, "MaxNumberOfMessages": 10, "MessageAttributeNames": []string{"All"},
		})["Messages"].([]any)
		for _, one := range received {
			attributes := one.(map[string]any)["MessageAttributes"].(map[string]any)
			text := func(name string) string { return attributes[name].(map[string]any)["StringValue"].(string) }
			why[text("RULE_ARN")] = text("ERROR_CODE") + " " + text("ERROR_MESSAGE")
		}
		if len(why) < 2 {
			return fmt.Errorf("the dead letters are %v", why)
		}
		return nil
	})
	for name, words := range map[string]string{
		"other": "User: events.amazonaws.com is not authorized to perform: sqs:SendMessage on resource: " + queueARN(east, "inbox"),
		"role":  "User: arn:aws:sts::" + testAccount + ":assumed-role/powerless/events is not authorized to perform: events:PutEvents",
	} {
		if !strings.HasPrefix(why[rule(name)], "NO_PERMISSIONS "+words) {
			t.Errorf("rule %s: %s, want %s", name, why[rule(name)], words)
		}
	}
}

// A schedule reaches its target as far as its role may.
func TestPermissionsOfSchedules(t *testing.T) {
	t.Parallel()
	p := permissionTest{aws{t, newEnvironment(t).up().Endpoint}, t}
	inbox := p.queue(east, "inbox")
	powerless := p.role("powerless", "scheduler.amazonaws.com", allow(everything, "events:PutEvents"))
	for _, c := range []struct{ name, role string }{{"refused", powerless}, {"allowed", p.starter()}} {
		body, err := json.Marshal(object{
			"ScheduleExpression": "at(2020-01-01T00:00:00)", "FlexibleTimeWindow": object{"Mode": "OFF"},
			"Target": object{"Arn": queueARN(east, "inbox"), "RoleArn": c.role, "Input": c.name},
		})
		if err != nil {
			t.Fatal(err)
		}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.endpoint+"/schedules/"+c.name, strings.NewReader(string(body)))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/json")
		sign(request, east, "scheduler")
		if status, answer := p.do(request); status != http.StatusOK {
			t.Fatalf("making schedule %s: %d %s", c.name, status, answer)
		}
	}
	// Schedules that are due are started in the order in which they were made.
	if got := p.await(inbox, "allowed"); strings.Contains(got, "refused") {
		t.Errorf("a schedule's role that may not send has sent: %s", got)
	}
}

// A load balancer reaches a function whose policy lets it.
func TestPermissionsOfLoadBalancers(t *testing.T) {
	t.Parallel()
	p := permissionTest{aws{t, newEnvironment(t).up().Endpoint}, t}
	function := p.function(east, "app", application)
	group := p.field(p.aws.query(east, "elasticloadbalancing", "CreateTargetGroup", "Name", "alone", "TargetType", "lambda"), "TargetGroupArn")
	status, body := p.try(east, "elasticloadbalancing", "RegisterTargets", "TargetGroupArn", group, "Targets.member.1.Id", function)
	if want := "elasticloadbalancing principal does not have permission to invoke " + function; status != http.StatusForbidden ||
		!strings.Contains(body, "<Code>AccessDenied</Code>") || !strings.Contains(body, want) {
		t.Errorf("registering the function: %d %s, want 403 %s", status, body, want)
	}
	name, _ := p.balance(east, function)
	if status, body := p.visit(name, "/"); status != http.StatusOK {
		t.Errorf("the load balancer answers %d %s", status, body)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, p.endpoint+"/2015-03-31/functions/app/policy/balancer", nil)
	if err != nil {
		t.Fatal(err)
	}
	sign(request, east, "lambda")
	if status, body := p.do(request); status != http.StatusNoContent {
		t.Fatalf("removing the permission: %d %s", status, body)
	}
	if status, body := p.visit(name, "/"); status != http.StatusBadGateway {
		t.Errorf("without the permission the load balancer answers %d %s, want 502", status, body)
	}
}

// S3 replicates what its role may read and write, and with the keys of both buckets.
func TestPermissionsOfReplication(t *testing.T) {
	t.Parallel()
	p := permissionTest{aws{t, newEnvironment(t).up().Endpoint}, t}
	s3 := func(region, method, path, body string) (int, http.Header) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), method, p.endpoint+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		sign(request, region, "s3")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode >= http.StatusBadRequest {
			t.Fatalf("%s %s: %d", method, path, response.StatusCode)
		}
		return response.StatusCode, response.Header
	}
	key := p.key()
	s3(east, http.MethodPut, "/source", "")
	s3(
		west,
		http.MethodPut,
		"/copy",
		"<CreateBucketConfiguration><LocationConstraint>"+west+"</LocationConstraint></CreateBucketConfiguration>",
	)
	for bucket, region := range map[string]string{"source": east, "copy": west} {
		s3(region, http.MethodPut, "/"+bucket+"?versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")
	}
	s3(
		east,
		http.MethodPut,
		"/source?encryption",
		"<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm>"+
			"<KMSMasterKeyID>"+key+"</KMSMasterKeyID></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>",
	)
	source, copies := "arn:aws:s3:::source", "arn:aws:s3:::copy/*"
	reads := []object{
		allow(source, "s3:GetReplicationConfiguration", "s3:ListBucket"),
		allow(source+"/*", "s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl"),
	}
	decrypts := allow(key, "kms:Decrypt")
	decrypts["Condition"] = object{"StringLike": object{"kms:ViaService": "s3." + east + ".amazonaws.com"}}
	writes := allow(copies, "s3:ReplicateObject")
	role := p.role("replicate", "s3.amazonaws.com")
	s3(
		east,
		http.MethodPut,
		"/source?replication",
		"<ReplicationConfiguration><Role>"+role+"</Role><Rule><ID>all</ID><Status>Enabled</Status><Priority>0</Priority>"+
			"<Filter><Prefix></Prefix></Filter><DeleteMarkerReplication><Status>Enabled</Status></DeleteMarkerReplication>"+
			"<Destination><Bucket>arn:aws:s3:::copy</Bucket></Destination></Rule></ReplicationConfiguration>",
	)
	for _, c := range []struct {
		object     string
		statements []object
		want       string
	}{
		{"nothing", nil, "FAILED"},
		{"no-key", append(reads, writes), "FAILED"},
		{"no-write", append(reads, decrypts), "FAILED"},
		{"all", append(reads, writes, decrypts), "COMPLETED"},
	} {
		p.role("replicate", "s3.amazonaws.com", c.statements...)
		s3(east, http.MethodPut, "/source/"+c.object, "x")
		_, header := s3(east, http.MethodHead, "/source/"+c.object, "")
		if got := header.Get("X-Amz-Replication-Status"); got != c.want {
			t.Errorf("with %s the status is %q, want %s", c.object, got, c.want)
		}
	}
	p.aws.query(east, "iam", "UpdateAssumeRolePolicy", "RoleName", "replicate", "PolicyDocument",
		policyOf(object{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": object{"Service": "ec2.amazonaws.com"}}))
	s3(east, http.MethodPut, "/source/untrusted", "x")
	if _, header := s3(east, http.MethodHead, "/source/untrusted", ""); header.Get("X-Amz-Replication-Status") != "FAILED" {
		t.Errorf("a role that S3 may not assume: %v", header)
	}
}
