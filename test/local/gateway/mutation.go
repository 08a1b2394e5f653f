package gateway

import (
	"net/http"
	"slices"
	"strings"
)

// mutation is what a call changes in the emulator's state. It decides how durable the change must be before the response.
type mutation int

const (
	readOnly         mutation = iota // changes nothing
	changesData                      // changes objects, messages, events, log lines, or invokes a function
	changesResources                 // changes resources, which a deployment tool records in its state
)

// readVerbs are the prefixes of operations that change nothing.
var readVerbs = []string{
	"Describe", "Get", "List", "Head", "BatchGet", "Query", "Scan", "Filter", "Lookup", "Search", "Select", "Test", "Simulate",
	"Validate", "Check", "Verify",
}

// dataOperations are the operations on data, by service as signed. There are many a second, so their responses do not wait for
// a save; the next periodic save contains them.
var dataOperations = map[string][]string{
	"events": {"PutEvents"},
	"logs":   {"PutLogEvents", "CreateLogStream", "StartQuery"},
	"sqs": {
		"SendMessage", "SendMessageBatch", "ReceiveMessage", "DeleteMessage", "DeleteMessageBatch", "ChangeMessageVisibility",
		"ChangeMessageVisibilityBatch", "PurgeQueue",
	},
	"sns":        {"Publish", "PublishBatch"},
	"monitoring": {"PutMetricData", "SetAlarmState"},
	"kms":        {"Encrypt", "Decrypt", "ReEncrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "GenerateRandom", "Sign"},
	"sts":        {"AssumeRole", "AssumeRoleWithWebIdentity"},
	"dynamodb":   {"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"},
}

func (c *Call) mutation() mutation {
	if c.Action != "" {
		switch {
		case slices.ContainsFunc(readVerbs, func(verb string) bool { return strings.HasPrefix(c.Action, verb) }):
			return readOnly
		case slices.Contains(dataOperations[c.Service], c.Action):
			return changesData
		}
		return changesResources
	}
	switch {
	case c.Service == "":
		return changesData // traffic to a load balancer: its function may change data
	case c.Method == http.MethodGet, c.Method == http.MethodHead, c.Method == http.MethodOptions:
		return readOnly
	case c.Service == "lambda" && strings.HasSuffix(c.URL.Path, "/invocations"):
		return changesData
	case c.Service == "s3" && isObject(c):
		return changesData // objects are files of their own, on disk at once
	}
	return changesResources
}

// isObject says whether an S3 request addresses an object and not its bucket.
func isObject(c *Call) bool {
	if strings.HasPrefix(c.URL.Path, s3ControlPath) {
		return false
	}
	_, key, _ := strings.Cut(strings.TrimPrefix(c.URL.Path, "/"), "/")
	return key != "" || c.URL.Path != "/" && strings.Contains(hostName(c.Host), ".s3.")
}
