package settings

import "fmt"

// The keys of data-global, without the namespace. The regional stacks and global-edge have keyLogRetentionDays, too.
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
	keyFinalSnapshot        = "finalSnapshot"
	keyFeatureSwitches      = "featureSwitches"
	keyJWTIssuer            = "jwtIssuer"
	keyJWTAudience          = "jwtAudience"
	keyJWTKeys              = "jwtKeys"
	keyJWTAudienceClaim     = "jwtAudienceClaim"
	keyJWTScopePrefix       = "jwtScopePrefix"
	keyJWTTenantClaim       = "jwtTenantClaim"
	keyJWTDefaultTenant     = "jwtDefaultTenant"
)

// Data is the configuration of data-global, with the profile's defaults filled in.
type Data struct {
	Database  Database
	Lifecycle Lifecycle
	// ArchiveDays are the days for which each region's archive keeps events, at least 1.
	ArchiveDays int
	// VaultRetentionDays are the days for which both backup vaults keep a recovery point, at least 1.
	VaultRetentionDays int
	// FeatureSwitches turn features of the application on and off, by name: a lower-case letter, then letters and digits, 64
	// characters at most. It may be nil.
	FeatureSwitches map[string]bool
	// Tokens are the access tokens that the application admits.
	Tokens Tokens
}

// Database is the configuration of the Aurora global database.
type Database struct {
	// EngineVersion is an exact version of Aurora PostgreSQL, such as 16.8.
	EngineVersion string
	// MinCapacity and MaxCapacity bound every instance, in Aurora capacity units and in steps of 0.5: 0.5 <= MinCapacity <=
	// MaxCapacity, 1 <= MaxCapacity <= 256.
	MinCapacity, MaxCapacity float64
	// PrimaryInstances and StandbyInstances are the instances of each member, at least 1: a standby without an instance is not warm.
	PrimaryInstances, StandbyInstances int
	// BackupRetentionDays are the days of point-in-time recovery, 1 to 35.
	BackupRetentionDays int
	// BackupWindow is hh:mm-hh:mm in UTC, 30 minutes to 22 hours.
	BackupWindow string
	// LogRetentionDays is a retention period that CloudWatch Logs offers.
	LogRetentionDays int
	// RPOSeconds is the value of rds.global_db_rpo, 20 to 900, or 0: off.
	RPOSeconds int
	// PerformanceInsights has the instances record their load by query.
	PerformanceInsights bool
	// FinalSnapshot is a word of the names of the snapshots that a destroy leaves, in the form of [naming.SnapshotTime]. Empty: a
	// destroy leaves none.
	FinalSnapshot string
}

// Lifecycle are the lifecycle rules of the buckets in both regions, in days: 30 <= TransitionDays < NoncurrentExpiryDays, 1 <=
// AbortUploadDays.
type Lifecycle struct {
	// TransitionDays after an object was written it moves to STANDARD_IA.
	TransitionDays int
	// NoncurrentExpiryDays after an object was replaced or deleted its old version is deleted.
	NoncurrentExpiryDays int
	// AbortUploadDays after its start an unfinished multipart upload is deleted.
	AbortUploadDays int
}

// LoadData reads the configuration of the stack that the engine is running, by the declarations of its Pulumi.yaml. The profile is
// the one that foundation-network exports. The error is [*Faults], or names what is wrong with the declarations, or reports that no
// engine is running the program.
func LoadData(pulumiYAML []byte, stack string, profile Profile) (Data, error) {
	return load(pulumiYAML, stack, func(project Project, values map[string]string) (Data, error) {
		return ParseData(project, stack, profile, values)
	})
}

// ParseData returns the configuration of data-global's stack of that name, with the profile's defaults for what is not set. Relations
// between keys can be checked only when all keys have a value, so the profile is needed here. The values are as the engine passes
// them; a key that is missing has the project's default. The error is [*Faults].
func ParseData(project Project, stack string, profile Profile, values map[string]string) (Data, error) {
	r := newReader(project, values)
	defaults := r.upstreamProfile(profile)
	d := Data{
		Database:           r.database(defaults),
		Lifecycle:          r.lifecycle(),
		ArchiveDays:        r.integer(keyArchiveDays, daysFrom(1)),
		VaultRetentionDays: r.integerOr(keyVaultRetentionDays, daysFrom(1), defaults.vaultRetentionDays),
		FeatureSwitches:    r.switches(keyFeatureSwitches),
		Tokens:             r.tokens(profile),
	}
	if err := r.err(stack); err != nil {
		return Data{}, err
	}
	return d, nil
}

// minTransitionDays is the age before which S3 moves no object to STANDARD_IA (Amazon S3 User Guide, Transitioning objects using
// Lifecycle, Constraints).
const minTransitionDays = 30

// lifecycle returns the days of the buckets' lifecycle.
func (r *reader) lifecycle() Lifecycle {
	l := Lifecycle{
		TransitionDays:       r.integer(keyTransitionDays, daysFrom(minTransitionDays)),
		NoncurrentExpiryDays: r.integer(keyNoncurrentExpiryDays, daysFrom(1)),
		AbortUploadDays:      r.integer(keyAbortUploadDays, daysFrom(1)),
	}
	// S3 refuses a rule that expires versions no later than it moves them (PutBucketLifecycleConfiguration, InvalidArgument), but only
	// during the update. An invalid transition is earlier than any expiry.
	if l.NoncurrentExpiryDays != invalid && l.NoncurrentExpiryDays <= l.TransitionDays {
		r.refuse(keyNoncurrentExpiryDays, "more days than "+keyTransitionDays+", so that a version moves before it expires",
			fmt.Sprintf("%d days, with %s %d", l.NoncurrentExpiryDays, keyTransitionDays, l.TransitionDays))
	}
	return l
}
