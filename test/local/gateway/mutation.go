package gateway

import (
	"net/http"
	"slices"
	"strings"
)

// effect is what a call does to the emulator's state.
type effect int

const (
	reads   effect = iota // nothing
	moves                 // data: objects, messages, events, log lines, invocations
	changes               // resources: what a deployment tool keeps a record of
)

// readVerbs begin the names of operations that change nothing.
var readVerbs = []string{"Describe", "Get", "List", "Head", "BatchGet", "Query", "Scan", "Filter", "Lookup", "Search", "Select", "Test", "Simulate", "Validate", "Check", "Verify"}

// dataOperations are the operations on data, by service as signed. They are many a second, so their answers do not wait
// for a save; the next save, some seconds later, has them.
var dataOperations = map[string][]string{
	"events":     {"PutEvents"},
	"logs":       {"PutLogEvents", "CreateLogStream", "StartQuery"},
	"sqs":        {"SendMessage", "SendMessageBatch", "ReceiveMessage", "DeleteMessage", "DeleteMessageBatch", "ChangeMessageVisibility", "ChangeMessageVisibilityBatch", "PurgeQueue"},
	"sns":        {"Publish", "PublishBatch"},
	"monitoring": {"PutMetricData", "SetAlarmState"},
	"kms":        {"Encrypt", "Decrypt", "ReEncrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "GenerateRandom", "Sign"},
	"sts":        {"AssumeRole", "AssumeRoleWithWebIdentity"},
	"dynamodb":   {"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"},
}

func (c *Call) effect() effect {
	if c.Action != "" {
		switch {
		case slices.ContainsFunc(readVerbs, func(verb string) bool { return strings.HasPrefix(c.Action, verb) }):
			return reads
		case slices.Contains(dataOperations[c.Service], c.Action):
			return moves
		}
		return changes
	}
	switch {
	case c.Service == "":
		return moves // a load balancer's traffic: its function may change anything
	case c.Method == http.MethodGet, c.Method == http.MethodHead, c.Method == http.MethodOptions:
		return reads
	case c.Service == "lambda" && strings.HasSuffix(c.URL.Path, "/invocations"):
		return moves
	case c.Service == "s3" && isObject(c):
		return moves // objects are files of their own, on disk at once
	}
	return changes
}

// isObject says whether an S3 request is about an object and not its bucket.
func isObject(c *Call) bool {
	if strings.HasPrefix(c.URL.Path, s3ControlPath) {
		return false
	}
	_, key, _ := strings.Cut(strings.TrimPrefix(c.URL.Path, "/"), "/")
	return key != "" || c.URL.Path != "/" && strings.Contains(hostName(c.Host), ".s3.")
}
