package instance

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"warmstandby/test/local/testwait"
)

// attempt is a call that is refused or allowed.
type attempt func() (status int, body string, err error)

// refusedCall is one fault that is planted in a permission, and the same call with the permission.
type refusedCall struct {
	name         string
	without      attempt
	status       int
	code, words  string // of the refusal
	with         attempt
	withStatus   int    // http.StatusOK when it is zero
	withContains string // of what is not 200: that the call came further
}

func (c refusedCall) check(t *testing.T) {
	t.Helper()
	status, body, err := c.without()
	if err != nil {
		t.Fatal(err)
	}
	if status != c.status || !strings.Contains(body, c.code) || !strings.Contains(body, c.words) {
		t.Errorf("without the permission: %d %s, want %d %s: %s", status, body, c.status, c.code, c.words)
	}
	if c.with == nil {
		return
	}
	if c.withStatus == 0 {
		c.withStatus = http.StatusOK
	}
	status, body, err = c.with()
	if err != nil {
		t.Fatal(err)
	}
	if status != c.withStatus || !strings.Contains(body, c.withContains) {
		t.Errorf("with the permission: %d %s, want %d %s", status, body, c.withStatus, c.withContains)
	}
}

// permissionTest is an environment whose principals lack something.
type permissionTest struct {
	aws
	t *testing.T
}

// as returns a session of a role of that name, with these permissions.
func (p permissionTest) as(name string, statements ...object) principal {
	p.t.Helper()
	return p.assume(p.role(name, "lambda.amazonaws.com", statements...))
}

func (p permissionTest) json(who principal, service, target string, input object) attempt {
	return func() (int, string, error) { return who.json(p.t.Context(), east, service, target, input) }
}

func (p permissionTest) query(who principal, service, action string, fields ...string) attempt {
	return func() (int, string, error) { return who.query(p.t.Context(), east, service, action, fields...) }
}

// key makes a key, with the policy of AWS's default when there is no other, and returns its ARN.
func (p permissionTest) key(policy ...object) string {
	p.t.Helper()
	if len(policy) == 0 {
		policy = []object{
			{"Effect": "Allow", "Principal": object{"AWS": "arn:aws:iam::" + testAccount + ":root"}, "Action": "kms:*", "Resource": everything},
		}
	}
	made := p.aws.json(east, "kms", "CreateKey", object{"Policy": policyOf(policy...)})
	return made["KeyMetadata"].(map[string]any)["Arn"].(string)
}

// topic makes a topic that a key encrypts and returns its ARN.
func (p permissionTest) topic(name, key string) string {
	p.t.Helper()
	made := p.aws.query(east, "sns", "CreateTopic", "Name", name,
		"Attributes.entry.1.key", "KmsMasterKeyId", "Attributes.entry.1.value", key)
	return p.field(made, "TopicArn")
}

const (
	publishing = "sns:Publish"
	noPolicy   = "because no identity-based policy allows the "
	byDeny     = "with an explicit deny in a resource-based policy"
)

// keyUse is a statement for what SNS does with a key on a publisher's behalf, if the condition holds.
func keyUse(service string) object {
	use := allow(everything, "kms:GenerateDataKey", "kms:Decrypt")
	use["Condition"] = object{"StringEquals": object{"kms:ViaService": service + "." + east + ".amazonaws.com"}}
	return use
}

// A principal is refused what a kind of permission does not allow, with the code and the words of AWS, and is allowed it otherwise.
func TestPermissions(t *testing.T) {
	t.Parallel()
	p := permissionTest{aws{t, newEnvironment(t).up().Endpoint}, t}
	nothing := p.as("nothing", allow(everything, "tag:GetResources"))
	parameters := "arn:aws:ssm:" + east + ":" + testAccount + ":parameter"
	for _, name := range []string{"/app/one", "/other/one"} {
		p.aws.json(east, "ssm", "PutParameter", object{"Name": name, "Value": "1", "Type": "String"})
	}
	reader := p.as("reader", allow(parameters+"/app", "ssm:GetParametersByPath"), allow(parameters+"/app/*", "ssm:GetParameter"))
	logger := p.as("logger", allow("arn:aws:logs:"+east+":"+testAccount+":log-group:audit:*", "logs:CreateLogStream"))
	stream := func(group string) object { return object{"logGroupName": group, "logStreamName": "one"} }
	p.aws.json(east, "logs", "CreateLogGroup", object{"logGroupName": "audit"})
	globe := "arn:aws:rds::" + testAccount + ":global-cluster:records"
	member := "arn:aws:rds:" + east + ":" + testAccount + ":cluster:one"
	move := []string{"GlobalClusterIdentifier", "records", "TargetDbClusterIdentifier", member}
	half, whole := p.as(
		"half",
		allow(globe, "rds:SwitchoverGlobalCluster"),
	), p.as(
		"whole",
		allow([]string{globe, member}, "rds:SwitchoverGlobalCluster"),
	)
	cluster := p.as("cluster", allow(member, "rds:DescribeDBClusters"))
	everyCluster := p.as("clusters", allow("arn:aws:rds:"+east+":"+testAccount+":cluster:*", "rds:DescribeDBClusters"))
	instances := p.as("instances", allow("arn:aws:rds:"+east+":"+testAccount+":db:*", "rds:DescribeDBInstances"))
	inRegion := func(name string) object {
		statement := allow(everything, "servicequotas:GetServiceQuota")
		statement["Condition"] = object{"StringEquals": object{"aws:RequestedRegion": name}}
		return statement
	}
	here, elsewhere := p.as("here", inRegion(east)), p.as("elsewhere", inRegion("eu-west-1"))
	concurrency := object{"ServiceCode": "lambda", "QuotaCode": "L-B99A9384"}
	for _, c := range []refusedCall{
		{
			"all clusters", p.query(cluster, "rds", "DescribeDBClusters"), http.StatusForbidden, "<Code>AccessDenied</Code>",
			"cluster:* " + noPolicy + "rds:DescribeDBClusters action", p.query(everyCluster, "rds", "DescribeDBClusters"), 0, "",
		},
		{
			"instances of a filter",
			p.query(cluster, "rds", "DescribeDBInstances", "Filters.Filter.1.Name", "db-cluster-id", "Filters.Filter.1.Values.Value.1", "one"),
			http.StatusForbidden, "<Code>AccessDenied</Code>", "db:* " + noPolicy + "rds:DescribeDBInstances action",
			p.query(instances, "rds", "DescribeDBInstances", "Filters.Filter.1.Name", "db-cluster-id", "Filters.Filter.1.Values.Value.1", "one"),
			0, "",
		},
		{
			"an identity's policy", p.json(reader, "ssm", "AmazonSSM.GetParameter", object{"Name": "/other/one"}), http.StatusBadRequest,
			"AccessDeniedException", noPolicy + "ssm:GetParameter action",
			p.json(reader, "ssm", "AmazonSSM.GetParameter", object{"Name": "/app/one"}), 0, "",
		},
		{
			"a log stream", p.json(logger, "logs", "Logs_20140328.CreateLogStream", stream("other")), http.StatusBadRequest,
			"AccessDeniedException", "log-group:other:log-stream:one " + noPolicy + "logs:CreateLogStream action",
			p.json(logger, "logs", "Logs_20140328.CreateLogStream", stream("audit")), 0, "",
		},
		{
			"a path of parameters", p.json(reader, "ssm", "AmazonSSM.GetParametersByPath", object{"Path": "/other"}), http.StatusBadRequest,
			"AccessDeniedException", noPolicy + "ssm:GetParametersByPath action",
			p.json(reader, "ssm", "AmazonSSM.GetParametersByPath", object{"Path": "/app/"}), 0, "/app/one",
		},
		{
			"an operation that the gateway answers, of each resource",
			p.query(half, "rds", "SwitchoverGlobalCluster", move...), http.StatusForbidden,
			"<Code>AccessDenied</Code>", noPolicy + "rds:SwitchoverGlobalCluster action",
			p.query(whole, "rds", "SwitchoverGlobalCluster", move...), http.StatusNotFound, "GlobalClusterNotFoundFault",
		},
		{
			"a service that the gateway alone has, in another region than the policy's condition",
			p.json(elsewhere, "servicequotas", "ServiceQuotasV20190624.GetServiceQuota", concurrency), http.StatusBadRequest,
			"AccessDeniedException", noPolicy + "servicequotas:GetServiceQuota action",
			p.json(here, "servicequotas", "ServiceQuotasV20190624.GetServiceQuota", concurrency), 0, `"Value":1000`,
		},
		{
			"an answer that the gateway completes", p.query(nothing, "rds", "DescribeGlobalClusters"), http.StatusForbidden,
			"<Code>AccessDenied</Code>", noPolicy + "rds:DescribeGlobalClusters action", nil, 0, "",
		},
		{
			"an operation in CBOR, whose name is in the path", func() (int, string, error) {
				return nothing.send(t.Context(), http.MethodPost, "/service/GraniteServiceVersion20100801/operation/DescribeAlarms", east, "monitoring",
					[]byte{0xa0}, http.Header{"Content-Type": {"application/cbor"}, "Smithy-Protocol": {"rpc-v2-cbor"}})
			}, http.StatusForbidden, "AccessDeniedException", noPolicy + "cloudwatch:DescribeAlarms action", nil, 0, "",
		},
	} {
		t.Run(c.name, c.check)
	}
	t.Run("a signature", func(t *testing.T) {
		forged := reader
		forged.secret = "another"
		refusedCall{
			"", p.json(forged, "ssm", "AmazonSSM.GetParameter", object{"Name": "/app/one"}), http.StatusBadRequest,
			"InvalidSignatureException", "The request signature we calculated does not match the signature you provided", nil, 0, "",
		}.check(t)
		forged = reader
		forged.token = "another"
		refusedCall{
			"", p.query(forged, "rds", "DescribeGlobalClusters"), http.StatusForbidden, "InvalidClientTokenId", "security token", nil, 0, "",
		}.check(t)
	})
}

// Policies of resources and of keys refuse what an identity is allowed.
func TestPermissionsOfResources(t *testing.T) {
	t.Parallel()
	p := permissionTest{aws{t, newEnvironment(t).up().Endpoint}, t}
	deny := func(action, resource string) object {
		return object{
			"Effect":    "Deny",
			"Principal": object{"AWS": "arn:aws:iam::" + testAccount + ":role/denied"},
			"Action":    action,
			"Resource":  resource,
		}
	}
	insecure := object{
		"Effect": "Deny", "Principal": object{"AWS": everything}, "Action": "sqs:*", "Resource": everything,
		"Condition": object{"Bool": object{"aws:SecureTransport": "false"}},
	}
	denied := p.as("denied", allow(everything, "sqs:SendMessage", "events:PutEvents"))
	sender := p.as("sender", allow(everything, "sqs:SendMessage", "events:PutEvents"))
	queue := p.aws.json(east, "sqs", "CreateQueue", object{
		"QueueName": "jobs", "Attributes": object{"Policy": policyOf(insecure, deny("sqs:SendMessage", queueARN(east, "jobs")))},
	})["QueueUrl"]
	message := object{"QueueUrl": queue, "MessageBody": "x"}
	p.aws.json(east, "events", "CreateEventBus", object{"Name": "records"})
	p.aws.json(
		east,
		"events",
		"PutPermission",
		object{"EventBusName": "records", "Policy": policyOf(deny("events:PutEvents", busARN(east, "records")))},
	)
	event := object{"Entries": []object{{"EventBusName": "records", "Source": "test", "DetailType": "x", "Detail": "{}"}}}

	closed := p.topic("closed", p.key(object{
		"Effect": "Allow", "Principal": object{"AWS": "arn:aws:iam::" + testAccount + ":role/nobody"}, "Action": "kms:*", "Resource": everything,
	}))
	open := p.topic("open", p.key())
	holder := p.as("holder", allow(everything, publishing, "kms:*"))
	throughQueues, throughTopics := p.as(
		"queues",
		allow(everything, publishing),
		keyUse("sqs"),
	), p.as(
		"topics",
		allow(everything, publishing),
		keyUse("sns"),
	)
	publishTo := func(who principal, topic string) attempt {
		return p.query(who, "sns", "Publish", "TopicArn", topic, "Message", "x")
	}
	for _, c := range []refusedCall{
		{
			"a queue's policy, which no connection with TLS offends", p.json(denied, "sqs", "AmazonSQS.SendMessage", message), http.StatusForbidden,
			"AccessDenied", byDeny, p.json(sender, "sqs", "AmazonSQS.SendMessage", message), 0, "MessageId",
		},
		{
			"a bus's policy, which the gateway keeps", p.json(denied, "events", "AWSEvents.PutEvents", event), http.StatusBadRequest,
			"AccessDenied", byDeny, p.json(sender, "events", "AWSEvents.PutEvents", event), 0, "EventId",
		},
		{
			"a key's policy", publishTo(holder, closed), http.StatusBadRequest, "<Code>KMSAccessDenied</Code>", "kms:GenerateDataKey",
			publishTo(holder, open), 0, "MessageId",
		},
		{
			"a key that is used by a service for somebody", publishTo(throughQueues, open), http.StatusBadRequest,
			"<Code>KMSAccessDenied</Code>", noPolicy + "kms:GenerateDataKey action", publishTo(throughTopics, open), 0, "MessageId",
		},
	} {
		t.Run(c.name, c.check)
	}
	t.Run("a key may be used through the service and not otherwise", func(t *testing.T) {
		key := p.key()
		use := func() (int, string, error) {
			return throughTopics.json(t.Context(), east, "kms", "TrentService.GenerateDataKey", object{"KeyId": key, "KeySpec": "AES_256"})
		}
		refusedCall{
			"",
			use,
			http.StatusBadRequest,
			"AccessDeniedException",
			"on resource: " + key + " " + noPolicy + "kms:GenerateDataKey action",
			nil,
			0,
			"",
		}.check(
			t,
		)
	})
}

// A resource is not made that names a role which its service may not assume, or a key that it may not use.
func TestPermissionsOfServicesWhenSomethingIsMade(t *testing.T) {
	t.Parallel()
	p := permissionTest{aws{t, newEnvironment(t).up().Endpoint}, t}
	stranger := p.role("stranger", "ec2.amazonaws.com", allow(everything, "events:PutEvents"))
	send := func(method, path, service, body string) attempt {
		return func() (int, string, error) {
			request, err := http.NewRequestWithContext(t.Context(), method, p.endpoint+path, strings.NewReader(body))
			if err != nil {
				return 0, "", err
			}
			request.Header.Set("Content-Type", "application/json")
			sign(request, east, service)
			return roundTrip(request)
		}
	}
	schedule := func(role string) string {
		return `{"ScheduleExpression":"rate(1 hour)","FlexibleTimeWindow":{"Mode":"OFF"},"Target":{"Arn":"` + busARN(
			east,
			"default",
		) + `","RoleArn":"` + role + `"}}`
	}
	function := func(role string) string {
		return `{"FunctionName":"made","Runtime":"nodejs22.x","Handler":"index.handler","Role":"` + role +
			`","Code":{"ZipFile":"UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA=="}}`
	}
	named := func(body string) string { return strings.Replace(body, `"made"`, `"made-for-the-account"`, 1) }
	p.aws.json(east, "events", "PutRule", object{"Name": "rule", "EventPattern": `{"source":["x"]}`})
	target := func(role string) attempt {
		return func() (int, string, error) {
			return p.trying(
				"events",
				"PutTargets",
				object{"Rule": "rule", "Targets": []object{{"Id": "t", "Arn": busARN(west, "default"), "RoleArn": role}}},
			)
		}
	}
	group := func(key string) attempt {
		return func() (int, string, error) {
			return p.trying("logs", "CreateLogGroup", object{"logGroupName": "audit", "kmsKeyId": key})
		}
	}
	const logsARN = "arn:aws:logs:" + east + ":" + testAccount + ":log-group:audit"
	forLogs := object{
		"Effect":    "Allow",
		"Principal": object{"Service": "logs." + east + ".amazonaws.com"},
		"Action":    []string{"kms:GenerateDataKey*", "kms:Decrypt*"},
		"Resource":  everything,
		"Condition": object{"ArnEquals": object{"kms:EncryptionContext:aws:logs:arn": logsARN}},
	}
	for _, c := range []refusedCall{
		{
			"a function's role", send(http.MethodPost, "/2015-03-31/functions", "lambda", function(stranger)), http.StatusBadRequest,
			"InvalidParameterValueException", "The role defined for the function cannot be assumed by Lambda.",
			send(http.MethodPost, "/2015-03-31/functions", "lambda", function(p.functionRole())), http.StatusCreated, "FunctionArn",
		},
		{
			"the account in a function's trust policy",
			send(http.MethodPost, "/2015-03-31/functions", "lambda", function(p.trusting("other", "lambda", sourceAccount("444455556666")))),
			http.StatusBadRequest, "InvalidParameterValueException", "The role defined for the function cannot be assumed by Lambda.",
			send(http.MethodPost, "/2015-03-31/functions", "lambda", named(function(p.trusting("own", "lambda", sourceAccount(testAccount))))),
			http.StatusCreated, "FunctionArn",
		},
		{
			"a source in a function's trust policy, which Lambda does not name",
			send(http.MethodPost, "/2015-03-31/functions", "lambda", function(p.trusting("arn", "lambda", object{
				"ArnLike": object{"aws:SourceArn": "arn:aws:lambda:*:" + testAccount + ":function:*"},
			}))),
			http.StatusBadRequest, "InvalidParameterValueException", "The role defined for the function cannot be assumed by Lambda.",
			nil, 0, "",
		},
		{
			"a schedule's role", send(http.MethodPost, "/schedules/hourly", "scheduler", schedule(stranger)), http.StatusBadRequest,
			"ValidationException", "must allow AWS EventBridge Scheduler to assume the role",
			send(http.MethodPost, "/schedules/hourly", "scheduler", schedule(p.starter())), 0, "ScheduleArn",
		},
		{
			"a rule's role", target(stranger), http.StatusBadRequest, "ValidationException", "cannot be assumed by principal 'events.amazonaws.com'",
			target(p.forwarder()), 0, "FailedEntryCount",
		},
		{
			"a log group's key", group(p.key()), http.StatusBadRequest,
			"InvalidParameterException", "is not allowed to be used with Arn '" + logsARN + "'",
			group(p.key(forLogs)), 0, "",
		},
	} {
		t.Run(c.name, c.check)
	}
}

// sourceAccount is a condition on the account of the resource for which a service acts.
func sourceAccount(account string) object {
	return object{"StringEquals": object{"aws:SourceAccount": account}}
}

// trusting makes a role that a service may assume on a condition, and returns its ARN.
func (p permissionTest) trusting(name, service string, condition object) string {
	p.t.Helper()
	p.aws.query(east, "iam", "CreateRole", "RoleName", name, "AssumeRolePolicyDocument", policyOf(object{
		"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": object{"Service": service + ".amazonaws.com"}, "Condition": condition,
	}))
	return "arn:aws:iam::" + testAccount + ":role/" + name
}

// trying sends a JSON-protocol request of the administrator's and returns the answer as text.
func (p permissionTest) trying(service, action string, input object) (status int, body string, err error) {
	status, output, err := p.sendJSON(east, service, action, input)
	if err != nil {
		return 0, "", err
	}
	return status, policyOf(output), nil
}

// A function has its role's credentials, and no others.
func TestAFunctionSignsAsItsRole(t *testing.T) {
	t.Parallel()
	p := permissionTest{aws{t, newEnvironment(t).up().Endpoint}, t}
	function := p.function(
		east,
		"own",
		`const names = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];
export const handler = async () => names.map((name) => process.env[name]).join(" ");`,
	)
	answer := strings.Fields(strings.Trim(p.lambda(east, "/2015-03-31/functions/own/invocations", "{}"), `"`))
	if len(answer) != 3 {
		t.Fatalf("the function has %q", answer)
	}
	own := principal{p.endpoint, answer[0], answer[1], answer[2]}
	status, body, err := own.query(t.Context(), east, "sts", "GetCallerIdentity", "Version", "2011-06-15")
	if err != nil || status != http.StatusOK || !strings.Contains(body, "assumed-role/app/own") {
		t.Errorf("it is %d %s, %v, want the role's session", status, body, err)
	}
	refusedCall{
		"", p.query(own, "rds", "DescribeGlobalClusters"), http.StatusForbidden, "<Code>AccessDenied</Code>", noPolicy, nil, 0, "",
	}.check(t)
	p.role("app", "lambda.amazonaws.com", allow(everything, "rds:DescribeGlobalClusters"), object{
		"Effect":    "Deny",
		"Action":    "rds:*",
		"Resource":  everything,
		"Condition": object{"ArnEquals": object{"lambda:SourceFunctionArn": function}},
	})
	refusedCall{
		"", p.query(own, "rds", "DescribeGlobalClusters"), http.StatusForbidden, "<Code>AccessDenied</Code>",
		"with an explicit deny in an identity-based policy", nil, 0, "",
	}.check(t)
}

// Composite alarms are shown to who may describe every alarm.
func TestPermissionToSeeCompositeAlarms(t *testing.T) {
	t.Parallel()
	p := permissionTest{aws{t, newEnvironment(t).up().Endpoint}, t}
	p.aws.query(east, "monitoring", "PutMetricAlarm", "AlarmName", "one", "Namespace", "N", "MetricName", "M", "Period", "60",
		"EvaluationPeriods", "1", "Threshold", "1", "Statistic", "Sum", "ComparisonOperator", "GreaterThanThreshold")
	p.aws.query(east, "monitoring", "PutCompositeAlarm", "AlarmName", "both", "AlarmRule", "ALARM(one)")
	narrow := p.as("narrow", allow("arn:aws:cloudwatch:"+east+":"+testAccount+":alarm:*", "cloudwatch:DescribeAlarms"))
	wide := p.as("wide", allow(everything, "cloudwatch:DescribeAlarms"))
	for who, seen := range map[*principal]bool{&narrow: false, &wide: true} {
		status, body, err := who.query(
			t.Context(),
			east,
			"monitoring",
			"DescribeAlarms",
			"AlarmTypes.member.1",
			"MetricAlarm",
			"AlarmTypes.member.2",
			"CompositeAlarm",
		)
		if err != nil || status != http.StatusOK || !strings.Contains(body, "<AlarmName>one<") {
			t.Fatalf("%d %s, %v, want the metric alarm", status, body, err)
		}
		if strings.Contains(body, "<AlarmName>both<") != seen {
			t.Errorf("the composite alarm is shown: %v, want %v: %s", !seen, seen, body)
		}
	}
}

// With a delay of propagation, what was before a change of a role is in effect until the delay is over.
func TestPermissionsPropagate(t *testing.T) {
	t.Parallel()
	described := func(propagation time.Duration) attempt {
		e := newEnvironment(t)
		e.propagation = propagation
		p := permissionTest{aws{t, e.up().Endpoint}, t}
		p.role("late", "lambda.amazonaws.com", allow(everything, "rds:DescribeGlobalClusters"))
		return p.query(p.assume("arn:aws:iam::"+testAccount+":role/late"), "rds", "DescribeGlobalClusters")
	}
	refusedCall{
		"", described(time.Hour), http.StatusForbidden, "<Code>AccessDenied</Code>", noPolicy, nil, 0, "",
	}.check(t)
	describe := described(time.Millisecond)
	testwait.Until(t, "a policy of a millisecond ago has an effect", func() error {
		status, body, err := describe()
		if err == nil && status != http.StatusOK {
			err = fmt.Errorf("%d %s", status, body)
		}
		return err
	})
}

// A role that may put the events of one source puts no others, neither alone nor beside its own.
func TestPermissionOfTheSourceOfEvents(t *testing.T) {
	t.Parallel()
	p := permissionTest{aws{t, newEnvironment(t).up().Endpoint}, t}
	publisher := p.as("publisher", object{
		"Effect": "Allow", "Action": "events:PutEvents", "Resource": everything,
		"Condition": object{"StringEquals": object{"events:source": "records"}},
	})
	put := func(sources ...string) attempt {
		var entries []object
		for _, source := range sources {
			entries = append(entries, object{"Source": source, "DetailType": "x", "Detail": "{}"})
		}
		return p.json(publisher, "events", "AWSEvents.PutEvents", object{"Entries": entries})
	}
	for _, c := range []refusedCall{
		{
			"another source", put("heartbeat"), http.StatusBadRequest, "AccessDeniedException", "events:PutEvents action",
			put("records"), 0, "",
		},
		{
			"another source beside its own", put("records", "heartbeat"), http.StatusBadRequest, "AccessDeniedException",
			"events:PutEvents action", put("records", "records"), 0, "",
		},
	} {
		t.Run(c.name, c.check)
	}
}
