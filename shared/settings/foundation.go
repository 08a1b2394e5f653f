package settings

import "net/netip"

// The keys of foundation-network, without the namespace.
const (
	keyProfile              = "profile"
	keyEnvironmentSuffix    = "environmentSuffix"
	keyPrimaryRegion        = "primaryRegion"
	keyStandbyRegion        = "standbyRegion"
	keyPrimaryCIDR          = "primaryCidr"
	keyStandbyCIDR          = "standbyCidr"
	keyPrimaryZoneIDs       = "primaryZoneIds"
	keyStandbyZoneIDs       = "standbyZoneIds"
	keyNATStrategy          = "natStrategy"
	keyListenerPort         = "listenerPort"
	keyFlowLogRetentionDays = "flowLogRetentionDays"
	keyProtection           = "protection"
	keyAllowedAccountIDs    = "allowedAccountIds"
)

// Network is the region and the address range of one VPC.
type Network struct {
	// Region is the AWS region, such as us-east-1.
	Region string
	// CIDR is the VPC's range: RFC 1918, /16 to /20, no host bits set.
	CIDR netip.Prefix
	// ZoneIDs are the ids of three availability zones, such as use1-az1, each once. Nil has the program choose.
	ZoneIDs []string
}

// Foundation is the configuration of foundation-network, with the profile's defaults filled in.
type Foundation struct {
	// Environment is the stack's name, the value of the tag Environment.
	Environment string
	// Suffix ends every physical name; naming.New accepts it.
	Suffix string
	// Profile is the row of defaults of the values that are not set.
	Profile Profile
	// Primary and Standby are in different regions, and their ranges do not overlap.
	Primary, Standby Network
	// NAT is the strategy of both VPCs.
	NAT NATStrategy
	// ListenerPort is the load balancer's port, 1 to 65535.
	ListenerPort int
	// FlowLogRetentionDays is a retention period that CloudWatch Logs offers.
	FlowLogRetentionDays int
	// Protection has Pulumi and AWS refuse to delete or replace what cannot be restored. It is off by default.
	Protection bool
	// AllowedAccountIDs are the accounts that may be deployed to, 12 digits each. Nil allows every account.
	AllowedAccountIDs []string
}

// LoadFoundation reads the configuration of the stack that the engine is running, by the declarations of its Pulumi.yaml. The error
// is [*Faults], or names what is wrong with the declarations, or reports that no engine is running the program.
func LoadFoundation(pulumiYAML []byte, stack string) (Foundation, error) {
	return load(pulumiYAML, stack, func(project Project, values map[string]string) (Foundation, error) {
		return ParseFoundation(project, stack, values)
	})
}
