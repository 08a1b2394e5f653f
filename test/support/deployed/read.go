package deployed

import (
	"encoding/json"
	"strings"
	"testing"

	"warmstandby/test/support/pulumitest"
)

// read collects the policies that a run has registered.
func read(t testing.TB, recording *pulumitest.Recording) Stack {
	t.Helper()
	stack := Stack{
		Project: recording.Project, Roles: map[string]*Role{}, Resources: map[string]json.RawMessage{},
		Outputs: recording.Outputs.Mappable(),
	}
	for _, made := range recording.OfType("aws:iam/role:Role") {
		stack.Roles[made.Text("name")] = &Role{
			Trust: document(t, made, "assumeRolePolicy"), Policies: map[string]json.RawMessage{},
		}
	}
	for _, made := range recording.OfType("aws:iam/rolePolicy:RolePolicy") {
		stack.Roles[made.Text("role")].Policies[made.Text("name")] = document(t, made, "policy")
	}
	for _, made := range recording.OfType("aws:iam/rolePolicyAttachment:RolePolicyAttachment") {
		role := stack.Roles[made.Text("role")]
		role.Managed = append(role.Managed, made.Text("policyArn"))
	}
	stack.readResources(t, recording)
	return stack
}

// readResources collects the policies of resources: keys, buckets, queues, topics, buses and functions.
func (s *Stack) readResources(t testing.TB, recording *pulumitest.Recording) {
	t.Helper()
	arn := func(made pulumitest.Resource) string { return made.Outputs["arn"].StringValue() }
	for _, made := range recording.OfType("aws:kms/key:Key") {
		s.Resources[arn(made)] = document(t, made, "policy")
	}
	for _, made := range recording.OfType("aws:s3/bucketPolicy:BucketPolicy") {
		s.Resources["arn:aws:s3:::"+made.Text("bucket")] = document(t, made, "policy")
	}
	for _, made := range recording.OfType("aws:sns/topicPolicy:TopicPolicy") {
		s.Resources[made.Text("arn")] = document(t, made, "policy")
	}
	in := func(made pulumitest.Resource, service, id string) string {
		return strings.Join([]string{"arn:aws", service, recording.Region(made), pulumitest.Account, id}, ":")
	}
	for _, made := range recording.OfType("aws:backup/vaultPolicy:VaultPolicy") {
		vault := "backup-vault:" + made.Text("backupVaultName")
		s.Resources[in(made, "backup", vault)] = document(t, made, "policy")
	}
	for _, made := range recording.OfType("aws:sqs/queuePolicy:QueuePolicy") {
		url := made.Text("queueUrl")
		s.Resources[in(made, "sqs", url[strings.LastIndexByte(url, '/')+1:])] = document(t, made, "policy")
	}
	for _, made := range recording.OfType("aws:cloudwatch/eventBusPolicy:EventBusPolicy") {
		s.Resources[in(made, "events", "event-bus/"+made.Text("eventBusName"))] = document(t, made, "policy")
	}
	for _, made := range recording.OfType("aws:lambda/permission:Permission") {
		function := in(made, "lambda", "function:"+made.Text("function"))
		s.Resources[function] = permission(t, s.Resources[function], made, function)
	}
}

// document returns a policy of a resource's inputs.
func document(t testing.TB, made pulumitest.Resource, property string) json.RawMessage {
	t.Helper()
	text := made.Text(property)
	if !json.Valid([]byte(text)) {
		t.Fatalf("the %s of %s %s is no JSON: %q", property, made.Type, made.Name, text)
	}
	return json.RawMessage(text)
}

// permission adds the statement that Lambda makes of a permission to a function's policy (AWS Lambda Developer Guide, "Granting
// Lambda function access to AWS services").
func permission(t testing.TB, before json.RawMessage, made pulumitest.Resource, function string) json.RawMessage {
	t.Helper()
	policy := struct {
		Version   string
		Statement []map[string]any
	}{Version: "2012-10-17"}
	if before != nil {
		if err := json.Unmarshal(before, &policy); err != nil {
			t.Fatal(err)
		}
	}
	sid := made.Text("statementId")
	if sid == "" {
		sid = made.Name
	}
	policy.Statement = append(policy.Statement, map[string]any{
		"Sid": sid, "Effect": "Allow", "Principal": map[string]any{"Service": made.Text("principal")},
		"Action": made.Text("action"), "Resource": function,
		"Condition": map[string]any{"ArnLike": map[string]any{"AWS:SourceArn": made.Text("sourceArn")}},
	})
	text, err := json.Marshal(policy)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
