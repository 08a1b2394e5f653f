package naming

// Role is a region's role in disaster recovery, as the tag [TagRole] and the names of regional resources have it. Code outside
// this package calls the secondary the standby.
type Role string

const (
	// Primary is the region that serves and writes while nothing is wrong.
	Primary Role = "primary"
	// Secondary is the warm standby that takes over.
	Secondary Role = "secondary"
)

// The keys of the tags that every resource of the platform carries.
const (
	TagEnvironment = "Environment"
	TagRegion      = "Region"
	TagRole        = "DR-Role"
)

// The tag by which AWS Backup selects what it backs up: a resource is backed up
// if it carries [TagBackup] with the value [BackupWanted].
const (
	TagBackup    = "Backup"
	BackupWanted = "true"
)

// RequiredTags returns the tags that every resource of a region carries: the
// environment (the stack's name), the AWS region, and the region's role. The
// map is the caller's own.
func RequiredTags(environment, region string, role Role) map[string]string {
	return map[string]string{
		TagEnvironment: environment,
		TagRegion:      region,
		TagRole:        string(role),
	}
}
