// Package settings turns a stack's configuration into typed, validated values.
//
// The keys of a stack are one table ([FoundationKeys], [DataKeys]), which its Pulumi.yaml
// repeats so that the engine checks types and explains keys. What a type cannot
// say is checked here: ranges, relations between keys, and that every key of
// the project's namespace is a known one, so that a typo does not pass for a
// default. Nothing falls back in silence: every fault is collected, and all are
// returned together as [*Faults].
package settings

import "net/netip"

// Network is where one region's VPC lies.
type Network struct {
	// Region is the AWS region, such as us-east-1.
	Region string
	// CIDR is the VPC's range: RFC 1918, /16 to /20, no host bits set.
	CIDR netip.Prefix
}

// Foundation is the configuration of foundation-network.
type Foundation struct {
	// Environment is the stack's name, the value of the tag Environment.
	Environment string
	// Suffix ends every physical name; naming.New accepts it.
	Suffix string
	// Profile is the row of defaults that the values below start from.
	Profile Profile
	// Primary and Standby lie in different regions and do not overlap.
	Primary, Standby Network
	// NAT is the strategy of both VPCs.
	NAT NATStrategy
	// ListenerPort is the load balancer's port, 1 to 65535.
	ListenerPort int
	// FlowLogRetentionDays is a retention period that CloudWatch Logs offers.
	FlowLogRetentionDays int
	// Protection guards what cannot be made again, by Pulumi and by AWS. It is
	// off unless it is asked for.
	Protection bool
	// AllowedAccountIDs are the accounts that may be deployed to, 12 digits
	// each. Empty admits any.
	AllowedAccountIDs []string
}

// LoadFoundation reads the configuration of the stack that the engine is
// running. The error is [*Faults], or says that no engine is running the program.
func LoadFoundation(project, stack string) (Foundation, error) {
	values, err := load(project, stack)
	if err != nil {
		return Foundation{}, err
	}
	return ParseFoundation(project, stack, values)
}
