package settings

// The names of global-edge's configuration keys, without the namespace. The
// retention of logs is keyLogRetentionDays, as in data-global.
const (
	keyDomainName             = "domainName"
	keyHostedZoneID           = "hostedZoneId"
	keyRunbookURL             = "runbookUrl"
	keyControllerArchitecture = "controllerArchitecture"
)

// EdgeKeys returns the keys that global-edge declares, in the order of its
// Pulumi.yaml. The slice is the caller's own.
func EdgeKeys() []Key {
	return []Key{
		{keyDomainName, Text, "",
			"Name that users reach the platform by and that fails over; each region's own is {region}.{domainName}. Empty: {environmentSuffix}.warmstandby.test, which is nobody's; prod and load balancers with certificates refuse that."},
		{keyHostedZoneID, Text, "",
			"Id of an existing public hosted zone that domainName lies in. Empty: a zone called domainName is made, and destroyed with the stack."},
		{keyRunbookURL, Text, "",
			"Where operators find the runbook: notices and dashboards lead there. Empty: its place in this repository, which prod refuses."},
		// Graviton costs a fifth less for the same duration (AWS Lambda pricing).
		{keyControllerArchitecture, Text, "",
			"arm64 or x86_64: the machine of the failover controller. Empty: the profile's, arm64, and for local this machine's."},
		{keyLogRetentionDays, Text, "",
			"Days that the failover controller's log is kept; one of CloudWatch Logs' retention periods. Empty: the profile's."},
	}
}
