package invariant

import (
	"path"
	"slices"
)

// Exception exempts resources from one rule.
type Exception struct {
	// Rule is the rule, Type the type token.
	Rule Rule
	Type string
	// Name is a pattern of path.Match for their logical names.
	Name string
	// Reason is why they cannot keep the rule.
	Reason string
}

// Exceptions are all exceptions of the platform.
var Exceptions = []Exception{
	{
		Rule: Closed, Type: "aws:lb/loadBalancer:LoadBalancer",
		Name: "alb-*", Reason: "users connect to it",
	},
	{
		Rule: Closed, Type: "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
		Name: "loadbalancer-from-world-*", Reason: "users have any address; the listener's port alone is open",
	},
	{
		Rule: Closed, Type: "aws:ec2/subnet:Subnet",
		Name: "vpc-*-public-*", Reason: "the subnets of the load balancer and of NAT gateways, and of nothing else",
	},
	{
		Rule: Encrypted,
		Type: "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2",
		Name: "bucket-accesslogs-*",
		Reason: "load balancers write access logs to buckets with SSE-S3 only " +
			"(Elastic Load Balancing, Application Load Balancers, \"Enable access logs\")",
	},
}

// excuses reports whether the exception covers a fault of a resource.
func (e Exception) excuses(rule Rule, token, name string) bool {
	match, err := path.Match(e.Name, name)
	return err == nil && match && e.Rule == rule && e.Type == token
}

// Excused reports whether an exception covers a fault of a resource.
func Excused(rule Rule, token, name string) bool {
	return slices.ContainsFunc(Exceptions, func(e Exception) bool { return e.excuses(rule, token, name) })
}
