package settings

// The names of the regional stacks' configuration keys, without the namespace.
// The retention of logs is keyLogRetentionDays, as in data-global.
const (
	keyCertificateARN     = "certificateArn"
	keyNotificationEmails = "notificationEmails"
	keyMemoryMB           = "memoryMb"
	keyTimeoutSeconds     = "timeoutSeconds"
	keyLogLevel           = "logLevel"
)

// ApplicationKeys returns the keys that region-app-east and region-app-west
// declare, in the order of their Pulumi.yaml. The slice is the caller's own.
func ApplicationKeys() []Key {
	return []Key{
		{keyCertificateARN, Text, "",
			"ARN of the region's own ACM certificate, which the load balancer speaks HTTPS with on listenerPort. Empty: plain HTTP, which prod refuses."},
		{keyNotificationEmails, List, "[]",
			"Addresses that are told of alarms. SNS asks each to confirm first."},
		// One vCPU is 1,769 MB (AWS Lambda Developer Guide, Configuring memory); half of
		// one verifies a token and speaks TLS to the database in a few milliseconds.
		{keyMemoryMB, Integer, "1024",
			"Memory of the function in MB, 128 to 10240; Lambda gives it CPU in proportion."},
		{keyTimeoutSeconds, Integer, "15",
			"Seconds that one invocation may take, 5 to 30."},
		{keyLogLevel, Text, "info",
			"Least severe level that the function logs: debug, info, warn or error."},
		{keyLogRetentionDays, Text, "",
			"Days that the function's logs and the load balancer's access logs are kept; one of CloudWatch Logs' retention periods. Empty: the profile's."},
	}
}
