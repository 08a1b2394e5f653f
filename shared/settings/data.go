package settings

// Data is the configuration of data-global, with the profile's defaults filled in.
type Data struct {
	Database  Database
	Lifecycle Lifecycle
	// ArchiveDays are the days for which each region's archive keeps events, at
	// least 1.
	ArchiveDays int
	// VaultRetentionDays are the days for which both backup vaults keep a
	// recovery point, at least 1.
	VaultRetentionDays int
	// FeatureSwitches are what the application may do, by name: a lower-case
	// letter, then letters and digits, 64 characters at most. It may be nil.
	FeatureSwitches map[string]bool
	// Tokens says whose access tokens the application admits.
	Tokens Tokens
}

// Database is the configuration of the Aurora global database.
type Database struct {
	// EngineVersion is an exact version of Aurora PostgreSQL, such as 16.8.
	EngineVersion string
	// MinCapacity and MaxCapacity bound every instance, in Aurora capacity units
	// and in steps of 0.5: 0.5 <= MinCapacity <= MaxCapacity, 1 <= MaxCapacity <= 256.
	MinCapacity, MaxCapacity float64
	// PrimaryInstances and StandbyInstances are the instances of each member, at
	// least 1: a member without any is not warm.
	PrimaryInstances, StandbyInstances int
	// BackupRetentionDays are the days of point-in-time recovery, 1 to 35.
	BackupRetentionDays int
	// BackupWindow is hh:mm-hh:mm in UTC, at least 30 minutes.
	BackupWindow string
	// LogRetentionDays is a retention period that CloudWatch Logs offers.
	LogRetentionDays int
	// RPOSeconds is the value of rds.global_db_rpo, 20 to 900, or 0: off.
	RPOSeconds int
	// PerformanceInsights says whether the instances record what their load is
	// made of.
	PerformanceInsights bool
}

// Lifecycle is what becomes of objects with time, in days, the same in both
// regions: 30 <= TransitionDays < NoncurrentExpiryDays, 1 <= AbortUploadDays.
type Lifecycle struct {
	// TransitionDays after it was written, a version moves to STANDARD_IA.
	TransitionDays int
	// NoncurrentExpiryDays after it was replaced or deleted, a version is gone.
	NoncurrentExpiryDays int
	// AbortUploadDays after its beginning, an unfinished upload is thrown away.
	AbortUploadDays int
}

// LoadData reads the configuration of the stack that the engine is running. The
// profile is the one that foundation-network tells. The error is [*Faults], or
// says that no engine is running the program.
func LoadData(project, stack string, profile Profile) (Data, error) {
	values, err := load(project, stack)
	if err != nil {
		return Data{}, err
	}
	return ParseData(project, stack, profile, values)
}

// ParseData returns the configuration of data-global's stack of that name, with
// what is not set taken from the profile. The profile comes from
// foundation-network and is needed here, because relations between keys can be
// judged only when all have a value. The values are as the engine gives them;
// a key that is missing has its default of [DataKeys]. The error is [*Faults].
func ParseData(project, stack string, profile Profile, values map[string]string) (Data, error) {
	r := newReader(project, DataKeys(), values)
	row := r.row(string(profile), " (the profile that foundation-network tells)")
	d := Data{
		Database:           r.database(row),
		Lifecycle:          r.lifecycle(),
		ArchiveDays:        r.number(keyArchiveDays, daysFrom(1)),
		VaultRetentionDays: r.numberOr(keyVaultRetentionDays, daysFrom(1), row.vaultRetentionDays),
		FeatureSwitches:    r.switches(keyFeatureSwitches),
		Tokens:             r.tokens(),
	}
	if len(r.faults) > 0 {
		return Data{}, newFaults(project, stack, r.faults)
	}
	return d, nil
}

// leastTransitionDays is the age before which S3 moves nothing to STANDARD_IA
// (Amazon S3 User Guide, Transitioning objects using Lifecycle, Constraints).
const leastTransitionDays = 30

// lifecycle returns the days of the buckets' lifecycle.
func (r *reader) lifecycle() Lifecycle {
	l := Lifecycle{
		TransitionDays:       r.number(keyTransitionDays, daysFrom(leastTransitionDays)),
		NoncurrentExpiryDays: r.number(keyNoncurrentExpiryDays, daysFrom(1)),
		AbortUploadDays:      r.number(keyAbortUploadDays, daysFrom(1)),
	}
	// S3 refuses a rule that expires versions no later than it moves them
	// (PutBucketLifecycleConfiguration, InvalidArgument), but only in the update. A
	// transition that was refused is before any expiry.
	if l.NoncurrentExpiryDays != refused && l.NoncurrentExpiryDays <= l.TransitionDays {
		r.refuse(keyNoncurrentExpiryDays, "more days than "+keyTransitionDays+", so that a version moves before it expires",
			daysFrom(1).count(l.NoncurrentExpiryDays)+", with "+keyTransitionDays+" "+r.text(keyTransitionDays))
	}
	return l
}
