package instance

import (
	"net/http"
	"strings"
	"testing"
)

// Each action of CloudWatch Logs is judged on the ARN of its kind: of a group as it ends in policies, in :*, or without that for actions on
// tags; of a stream; of all where an action takes no resource.
func TestPermissionsOfLogs(t *testing.T) {
	t.Parallel()
	p := permissionTest{aws{t, newEnvironment(t).up().Endpoint}, t}
	group := personal("logs", "log-group:logs-app-dev")
	person := p.as("reader",
		allow(group+":*", "logs:PutRetentionPolicy", "logs:FilterLogEvents", "logs:DescribeLogStreams", "logs:UntagResource",
			"logs:PutResourcePolicy"),
		allow(group, "logs:TagResource", "logs:DeleteLogGroup", "logs:AssociateKmsKey"),
		allow(group+":log-stream:own", "logs:GetLogEvents", "logs:CreateLogStream"),
		allow(everything, "logs:DescribeLogGroups"),
	)
	const named, other = "logs-app-dev", "logs-app-prod"
	arn := func(name string) string { return "arn:aws:logs:" + east + ":" + testAccount + ":log-group:" + name }
	p.aws.json(east, "logs", "CreateLogGroup", object{"logGroupName": named})
	stream := func(name string) object { return object{"logGroupName": named, "logStreamName": name} }
	for _, c := range []struct {
		name, action string
		input        object
		allowed      bool
	}{
		{"a group", "PutRetentionPolicy", object{"logGroupName": named, "retentionInDays": 7}, true},
		{"another group", "PutRetentionPolicy", object{"logGroupName": other, "retentionInDays": 7}, false},
		{"a group of which the policy has no :*", "DeleteLogGroup", object{"logGroupName": named}, false},
		{"a group of which the policy has no :*, by an identifier", "AssociateKmsKey", object{"resourceIdentifier": arn(named)}, false},
		{"a search of a group", "FilterLogEvents", object{"logGroupName": named}, true},
		{"a search of a group by its ARN", "FilterLogEvents", object{"logGroupIdentifier": arn(named)}, true},
		{"a search of another group by its ARN", "FilterLogEvents", object{"logGroupIdentifier": arn(other)}, false},
		{"a list of streams", "DescribeLogStreams", object{"logGroupName": named}, true},
		{"tags of a group", "TagResource", object{"resourceArn": arn(named), "tags": object{"a": "b"}}, true},
		{"tags of another group", "TagResource", object{"resourceArn": arn(other), "tags": object{"a": "b"}}, false},
		{"tags of a group of which the policy has :*", "UntagResource", object{"resourceArn": arn(named), "tagKeys": []string{"a"}}, false},
		{"a stream", "CreateLogStream", stream("own"), true},
		{"another stream", "CreateLogStream", stream("other"), false},
		{"what is in a stream", "GetLogEvents", stream("own"), true},
		{"what is in another stream", "GetLogEvents", stream("other"), false},
		{"all groups", "DescribeLogGroups", object{}, true},
		{"what has no resource, for a policy that names one", "PutResourcePolicy", object{"policyName": "p", "policyDocument": "{}"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, body, err := p.json(person, "logs", "Logs_20140328."+c.action, c.input)()
			refused := strings.Contains(body, "not authorized to perform: logs:"+c.action)
			if err != nil || refused == c.allowed || c.allowed && status != http.StatusOK {
				t.Errorf("%d %s, %v; want it allowed: %t", status, body, err, c.allowed)
			}
		})
	}
}
