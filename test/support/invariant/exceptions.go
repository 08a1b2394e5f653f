package invariant

import (
	"path"
	"slices"
)

// Exception excuses resources from one rule.
type Exception struct {
	// Rule is what they are excused from, Type whose type token they have.
	Rule Rule
	Type string
	// Name is the pattern of their logical names, as path.Match has it.
	Name string
	// Reason says why it must be so.
	Reason string
}

// Exceptions is the one table of what does not hold, and why.
var Exceptions = []Exception{
	{
		Closed, "aws:lb/loadBalancer:LoadBalancer", "alb-*",
		"it is what users reach",
	},
	{
		Closed, "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "loadbalancer-from-world-*",
		"users come from anywhere; the listener's port alone is open",
	},
	{
		Closed, "aws:ec2/subnet:Subnet", "vpc-*-public-*",
		"the load balancer's subnets; nothing else is put into them but NAT gateways",
	},
	{
		Closed, "aws:ec2/vpcEndpoint:VpcEndpoint", "vpce-*",
		"an endpoint is reached from inside the VPC alone, by the groups that its own group admits; who may do what is IAM's to say",
	},
	{
		Encrypted, "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2", "bucket-accesslogs-*",
		"load balancers write access logs to buckets with SSE-S3 only (Elastic Load Balancing, Application Load Balancers, \"Enable access logs\")",
	},
}

// excuses says whether the exception is about a fault of a resource.
func (e Exception) excuses(rule Rule, token, name string) bool {
	match, err := path.Match(e.Name, name)
	return err == nil && match && e.Rule == rule && e.Type == token
}

// Excused says whether any exception of the table is about a fault of a resource.
func Excused(rule Rule, token, name string) bool {
	return slices.ContainsFunc(Exceptions, func(e Exception) bool { return e.excuses(rule, token, name) })
}
