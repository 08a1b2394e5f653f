package invariant

import (
	"path"
	"slices"
)

// Setting is something that a platform is configured with, and that some exceptions are for.
type Setting string

// The settings.
const (
	// HTTPS: users are served by HTTPS on port 443.
	HTTPS Setting = "HTTPS on port 443"
	// NAT: functions reach the internet through NAT gateways.
	NAT Setting = "NAT gateways"
)

// Exception exempts resources from one rule.
type Exception struct {
	// Rule is the rule, Type the type token.
	Rule Rule
	Type string
	// Name is a pattern of path.Match for their logical names, Stack one for the project that makes them.
	Name, Stack string
	// When is the setting with which they are made; empty: they always are. Without the setting nothing is excused.
	When Setting
	// With are outputs that they must have, by path, so that nothing else passes under the same name.
	With map[string]any
	// Reason is why they cannot keep the rule.
	Reason string
}

const (
	networkStack = "foundation-network"
	dataStack    = "data-global"
	regionStacks = "region-app-*"
)

// Exceptions are all exceptions of the platform.
var Exceptions = []Exception{
	{
		Rule: Closed, Type: "aws:lb/loadBalancer:LoadBalancer",
		Name: "alb-*", Stack: regionStacks, Reason: "users connect to it",
	},
	{
		Rule: Closed, Type: "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
		Name: "loadbalancer-from-world-*", Stack: networkStack, Reason: "users have any address; the listener's port alone is open",
	},
	{
		Rule: Closed, Type: "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
		Name: "loadbalancer-redirect-from-world-*", Stack: networkStack, When: HTTPS,
		With:   map[string]any{"ipProtocol": "tcp", "fromPort": 80.0, "toPort": 80.0, "cidrIpv4": "0.0.0.0/0"},
		Reason: "browsers try HTTP for a name without a scheme; the listener of port 80 redirects to HTTPS and does nothing else",
	},
	{
		Rule: Closed, Type: "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
		Name: "function-to-world-*", Stack: networkStack, When: NAT,
		With:   map[string]any{"ipProtocol": "tcp", "fromPort": 443.0, "toPort": 443.0, "cidrIpv4": "0.0.0.0/0"},
		Reason: "natStrategy is set for functions that call servers on the internet, by HTTPS alone",
	},
	{
		Rule: Closed, Type: roleType, Name: "role-replicate-*", Stack: dataStack,
		Reason: "no page of AWS's says that S3 names the account when it assumes a role to replicate; another account can pass no role of this " +
			"one to S3 (Amazon S3 User Guide, \"Setting up permissions for live replication\")",
	},
	{
		Rule: Closed, Type: roleType, Name: "role-backup-*", Stack: dataStack,
		Reason: "AWS Backup names a source to topics and keys alone (AWS Backup Developer Guide, \"Cross-service confused deputy prevention\"); " +
			"another account can pass no role of this one to AWS Backup",
	},
	{
		Rule: Closed, Type: roleType, Name: "role-restoretest-*", Stack: dataStack,
		Reason: "as for role-backup-*: it is AWS Backup's, too",
	},
	{
		Rule: Encrypted,
		Type: "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2",
		Name: "bucket-accesslogs-*", Stack: regionStacks,
		Reason: "load balancers write access logs to buckets with SSE-S3 only " +
			"(Elastic Load Balancing, Application Load Balancers, \"Enable access logs\")",
	},
}

// excuses reports whether the exception covers a fault of a resource of a platform.
func (e Exception) excuses(rule Rule, r Resource, platform Platform) bool {
	for output, want := range e.With {
		if r.Outputs.Get(output) != want {
			return false
		}
	}
	return e.Rule == rule && e.Type == r.Type && matches(e.Name, r.Name) && platform.has(e.When)
}

// expected reports whether the exception must cover something: a stack that makes such resources is among the resources', and the
// platform is configured so.
func (e Exception) expected(resources []Resource, platform Platform) bool {
	return platform.has(e.When) && slices.ContainsFunc(resources, func(r Resource) bool { return matches(e.Stack, r.Stack) })
}

func matches(pattern, name string) bool {
	match, err := path.Match(pattern, name)
	return err == nil && match
}

// Excused reports whether an exception covers a fault of a resource, whatever its outputs.
func Excused(rule Rule, token, name string) bool {
	return slices.ContainsFunc(Exceptions, func(e Exception) bool { return e.Rule == rule && e.Type == token && matches(e.Name, name) })
}
