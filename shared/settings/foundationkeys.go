package settings

// The names of foundation-network's configuration keys, without the namespace.
const (
	keyProfile              = "profile"
	keyEnvironmentSuffix    = "environmentSuffix"
	keyPrimaryRegion        = "primaryRegion"
	keyStandbyRegion        = "standbyRegion"
	keyPrimaryCIDR          = "primaryCidr"
	keyStandbyCIDR          = "standbyCidr"
	keyNATStrategy          = "natStrategy"
	keyListenerPort         = "listenerPort"
	keyFlowLogRetentionDays = "flowLogRetentionDays"
	keyProtection           = "protection"
	keyAllowedAccountIDs    = "allowedAccountIds"
)

// FoundationKeys returns the keys that foundation-network declares, in the
// order of its Pulumi.yaml. An empty text or a 0 as default stands for "what
// follows from the stack's name or from the profile". The slice is the caller's own.
func FoundationKeys() []Key {
	return []Key{
		{keyProfile, Text, "",
			"local, dev or prod: the row of defaults to start from. Empty: the first word of the stack's name, which must then be one of them."},
		{keyEnvironmentSuffix, Text, "",
			"Last part of every physical name. Empty: the stack's name."},
		{keyPrimaryRegion, Text, "us-east-1",
			"AWS region that serves and writes while nothing is wrong."},
		{keyStandbyRegion, Text, "us-west-2",
			"AWS region of the warm standby; another than primaryRegion."},
		{keyPrimaryCIDR, Text, "10.0.0.0/16",
			"Range of the primary VPC: private IPv4, /16 to /20."},
		{keyStandbyCIDR, Text, "10.1.0.0/16",
			"Range of the standby VPC: private IPv4, /16 to /20, apart from primaryCidr because the VPCs are peered."},
		{keyNATStrategy, Text, "",
			"none, single or onePerZone: NAT gateways of each VPC. Empty: the profile's."},
		{keyListenerPort, Integer, "0",
			"Port of the load balancer's listener, open to the world; beside 443, port 80 is too, for the redirect. 0: the profile's."},
		{keyFlowLogRetentionDays, Integer, "0",
			"Days that VPC flow logs are kept; one of CloudWatch Logs' retention periods. 0: the profile's."},
		{keyProtection, Boolean, "false",
			"true refuses every destroy before anything is touched, and every update that would delete or replace what cannot be made again: make refuses, Pulumi, and AWS last. `make unprotect ENV=name CONFIRM=name` takes it off, by a change of this setting that others can review. Off in every profile, so that environments can be destroyed."},
		{keyAllowedAccountIDs, List, "[]",
			"AWS account ids that may be deployed to, 12 digits each, quoted. Empty: any account."},
	}
}
