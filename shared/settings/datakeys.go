package settings

// The names of data-global's configuration keys, without the namespace.
const (
	keyEngineVersion        = "engineVersion"
	keyMinCapacity          = "minCapacity"
	keyMaxCapacity          = "maxCapacity"
	keyPrimaryInstances     = "primaryInstances"
	keyStandbyInstances     = "standbyInstances"
	keyBackupRetentionDays  = "backupRetentionDays"
	keyBackupWindow         = "backupWindow"
	keyLogRetentionDays     = "logRetentionDays"
	keyRPOSeconds           = "rpoSeconds"
	keyPerformanceInsights  = "performanceInsights"
	keyTransitionDays       = "transitionDays"
	keyNoncurrentExpiryDays = "noncurrentExpiryDays"
	keyAbortUploadDays      = "abortUploadDays"
	keyArchiveDays          = "archiveDays"
	keyVaultRetentionDays   = "vaultRetentionDays"
	keyFeatureSwitches      = "featureSwitches"
	keyJWTIssuer            = "jwtIssuer"
	keyJWTAudience          = "jwtAudience"
	keyJWTKeys              = "jwtKeys"
)

// DataKeys returns the keys that data-global declares, in the order of its
// Pulumi.yaml. A key that the profile fills is a text with an empty default:
// the engine has no number that may be left out, and 0, which foundation-network
// takes for the profile's, is here a slip to refuse. The slice is the caller's own.
func DataKeys() []Key {
	return []Key{
		{keyEngineVersion, Text, "16.8",
			"Exact version of Aurora PostgreSQL in both regions, 16.8 or later. Quoted, because YAML reads 16.10 as 16.1."},
		{keyMinCapacity, Text, "",
			"Least capacity of a database instance in ACU, 0.5 to 256 in steps of 0.5. Not 0: a paused standby is not warm. Empty: the profile's."},
		{keyMaxCapacity, Text, "",
			"Most capacity of a database instance in ACU, 1 to 256 in steps of 0.5, no less than minCapacity. Empty: the profile's."},
		{keyPrimaryInstances, Text, "",
			"Database instances in the primary region, 1 to 15. Empty: the profile's."},
		{keyStandbyInstances, Integer, "1",
			"Database instances in the standby region, 1 to 15. Not 0: without a running reader the standby is not warm."},
		{keyBackupRetentionDays, Text, "",
			"Days of point-in-time recovery, 1 to 35. Empty: the profile's."},
		// Before the blocks out of which AWS picks maintenance windows, with which it
		// must not overlap: 03:00 to 11:00 in us-east-1, 06:00 to 14:00 in us-west-2
		// (Amazon Aurora User Guide, Amazon RDS maintenance window).
		{keyBackupWindow, Text, "01:00-02:00",
			"Daily window of Aurora's backups, hh:mm-hh:mm in UTC, at least 30 minutes."},
		{keyLogRetentionDays, Text, "",
			"Days that the database's logs are kept; one of CloudWatch Logs' retention periods. Empty: the profile's."},
		// Ten minutes: lag alarms come long before, and five minutes of the promise
		// are left. It cannot be small, because commits in the primary wait when the
		// only secondary lags more.
		{keyRPOSeconds, Integer, "600",
			"Lag of the standby, in seconds, at which commits in the primary wait (rds.global_db_rpo): 20 to 900, the promised 15 minutes, or 0: never."},
		{keyPerformanceInsights, Text, "",
			"true or false: whether Performance Insights records the database's load. Empty: the profile's."},
		{keyTransitionDays, Integer, "30",
			"Days after which objects move to STANDARD_IA; at least 30, S3's own least."},
		{keyNoncurrentExpiryDays, Integer, "90",
			"Days after which replaced and deleted versions of objects expire; more than transitionDays."},
		{keyAbortUploadDays, Integer, "7",
			"Days after which unfinished multipart uploads are thrown away."},
		{keyArchiveDays, Integer, "30",
			"Days that the event archives keep events. Not 0, which EventBridge takes for ever."},
		{keyVaultRetentionDays, Text, "",
			"Days that both AWS Backup vaults keep recovery points. Empty: the profile's."},
		// A map, which the engine checks to be one and `pulumi config set --path
		// featureSwitches.exports true` writes: a switch of the application's is
		// added without a change here.
		{keyFeatureSwitches, Map, "{}",
			"What the application may do: names of switches, each true or false. The application reads them at run time, in both regions."},
		// Texts, all three: JSON in a YAML map would lose nothing, but `pulumi config
		// set` takes what an issuer serves at its jwks_uri as it is.
		{keyJWTIssuer, Text, "",
			"Issuer (iss) of the access tokens that the application admits. Empty, with jwtAudience and jwtKeys: nobody is admitted."},
		{keyJWTAudience, Text, "",
			"Audience (aud) that an access token must name."},
		{keyJWTKeys, Text, "",
			"JSON Web Key Set of the issuer's public keys, RSA of 2048 bits or more for RS256 or P-256 for ES256, each with a kid; at most 4096 bytes."},
	}
}
