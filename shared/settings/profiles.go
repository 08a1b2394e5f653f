package settings

import "strconv"

// Profile names a row of defaults.
type Profile string

// The profiles. Each can be destroyed whole; protection is a setting apart.
const (
	Local Profile = "local" // the embedded AWS on one machine
	Dev   Profile = "dev"   // short-lived environments in an AWS account
	Prod  Profile = "prod"  // the platform that users depend on
)

// NATStrategy says how many NAT gateways a VPC has.
type NATStrategy string

// The NAT strategies, as configuration spells them.
const (
	NATNone       NATStrategy = "none"       // private subnets reach AWS through VPC endpoints only
	NATSingle     NATStrategy = "single"     // one gateway: cheapest way out, lost with its zone
	NATOnePerZone NATStrategy = "onePerZone" // a gateway in each zone: outlives the loss of any
)

// natStrategies are the strategies in the order in which messages list them.
var natStrategies = [...]NATStrategy{NATNone, NATSingle, NATOnePerZone}

// defaults is one profile's row.
type defaults struct {
	profile Profile
	// nat is none everywhere: functions reach AWS through gateway and interface
	// endpoints, so a NAT gateway would cost money and open a way out for nothing.
	nat NATStrategy
	// listenerPort is 443 where there are users and so a certificate, and 80
	// where there is none to present.
	listenerPort int
	// logRetentionDays is a year in prod, the least that AWS Config's rule
	// cw-loggroup-retention-period-check accepts by default; a week in dev, to
	// look back on the last change; a day in local, which nobody audits.
	logRetentionDays int
	// minCapacity is 0.5 ACU, the least that is running, where nobody waits; in
	// prod it is the least that AWS recommends for the primary of a global
	// database (Amazon Aurora User Guide, Choosing the minimum Aurora Serverless
	// v2 capacity setting), and the standby may become that at any moment.
	minCapacity float64
	// maxCapacity bounds the bill: four times the minimum in prod and in dev, and
	// in local the least that AWS takes.
	maxCapacity float64
	// primaryInstances is two in prod, so that the loss of a zone is repaired
	// inside the region.
	primaryInstances int
	// backupRetentionDays is the longest that Aurora offers in prod, a week in
	// dev, and in local the shortest, because backups cannot be off.
	backupRetentionDays int
	// performanceInsights is on where someone looks for slow queries, and pays.
	performanceInsights bool
	// vaultRetentionDays reaches a year back in prod, as far as its logs and far
	// behind what Aurora itself keeps; elsewhere it is Aurora's.
	vaultRetentionDays int
}

// profiles is the one table of what differs between environments.
var profiles = [...]defaults{
	{
		profile: Local, nat: NATNone, listenerPort: 80, logRetentionDays: 1,
		minCapacity: 0.5, maxCapacity: 1, primaryInstances: 1, backupRetentionDays: 1, vaultRetentionDays: 1,
	},
	{
		profile: Dev, nat: NATNone, listenerPort: 80, logRetentionDays: 7,
		minCapacity: 0.5, maxCapacity: 2, primaryInstances: 1, backupRetentionDays: 7, vaultRetentionDays: 7,
	},
	{
		profile: Prod, nat: NATNone, listenerPort: 443, logRetentionDays: 365,
		minCapacity: 8, maxCapacity: 32, primaryInstances: 2, backupRetentionDays: 35, performanceInsights: true, vaultRetentionDays: 365,
	},
}

// row returns the profile of that name, an empty one if there is none. The origin, for the message, says where the name
// is from.
func (r *reader) row(name, origin string) defaults {
	names := make([]Profile, len(profiles))
	for i, row := range profiles {
		if string(row.profile) == name {
			return row
		}
		names[i] = row.profile
	}
	r.refuse(keyProfile, orList(names), strconv.Quote(name)+origin)
	return defaults{}
}
