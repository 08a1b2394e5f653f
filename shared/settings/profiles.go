package settings

import "strconv"

// Profile names a row of defaults.
type Profile string

// The profiles. None of them turns protection on: every environment can be destroyed by default.
const (
	Local Profile = "local" // the local AWS emulator
	Dev   Profile = "dev"   // short-lived environments in an AWS account
	Prod  Profile = "prod"  // the platform that users depend on
)

// NATStrategy is the number of NAT gateways of a VPC.
type NATStrategy string

// The NAT strategies, as configuration spells them.
const (
	NATNone       NATStrategy = "none"       // private subnets reach AWS through VPC endpoints only
	NATSingle     NATStrategy = "single"     // one gateway: the cheapest, lost with its zone
	NATOnePerZone NATStrategy = "onePerZone" // a gateway in each zone: survives the loss of any zone
)

// natStrategies are the strategies in the order in which messages list them.
var natStrategies = [...]NATStrategy{NATNone, NATSingle, NATOnePerZone}

// profileDefaults are the values of one profile for the keys whose default is the profile's.
type profileDefaults struct {
	profile Profile
	// nat is none in every profile: functions reach AWS through gateway and interface endpoints, so a NAT gateway would cost money
	// and open a route to the Internet that nothing needs.
	nat NATStrategy
	// listenerPort is 443 where there are users, and so a certificate, and 80 where there is no certificate.
	listenerPort int
	// logRetentionDays is a year in prod, the minimum that AWS Config's rule cw-loggroup-retention-period-check accepts by default; a
	// week in dev, to investigate the last change; a day in local, which nobody audits.
	logRetentionDays int
	// auditRetentionDays is six years in prod, for which HIPAA requires documentation to be kept (45 CFR 164.316(b)(2)(i)), a period that
	// is commonly applied to audit trails; elsewhere it is that of the other logs.
	auditRetentionDays int
	// versionRetentionDays is six years in prod, by the same rule, which counts from the date when a document last was in effect, as this
	// does. State laws ask for up to ten years of medical records.
	versionRetentionDays int
	// waf costs money and is on where there are users (decision 47).
	waf bool
	// concurrencyQuota is what Lambda grants an account by default, and in local what it grants a new one, so that a drill on one machine can
	// use it up.
	concurrencyQuota int
	// minCapacity is 0.5 ACU, the smallest capacity of a running instance, where no user waits; in prod it is the minimum that AWS
	// recommends for the primary of a global database (Amazon Aurora User Guide, Choosing the minimum Aurora Serverless v2 capacity
	// setting), and the standby may become the primary at any moment.
	minCapacity float64
	// maxCapacity limits the cost: four times the minimum in prod and in dev, and in local the smallest maximum that AWS accepts.
	maxCapacity float64
	// primaryInstances is two in prod, so that Aurora recovers from the loss of a zone inside the region.
	primaryInstances int
	// standbyInstances is two in prod, too: after a failover the writer is in the standby region, and the loss of a zone there must not
	// end writes until Aurora has made an instance, which takes it minutes.
	standbyInstances int
	// backupRetentionDays is the longest that Aurora offers in prod, a week in dev, and the shortest in local, because backups cannot
	// be disabled.
	backupRetentionDays int
	// performanceInsights costs money and is on where slow queries are investigated.
	performanceInsights bool
	// vaultRetentionDays is a year in prod, as for logs and far longer than Aurora keeps its own backups; elsewhere it is Aurora's.
	vaultRetentionDays int
	// architecture is that of the failover controller: arm64, because Graviton costs a fifth less for the same duration (AWS Lambda
	// pricing). Empty is the host's: the local emulator runs functions on the host.
	architecture string
}

// profiles is the only table of what differs between environments by default.
var profiles = [...]profileDefaults{
	{
		profile: Local, nat: NATNone, listenerPort: 80, logRetentionDays: 1, auditRetentionDays: 1,
		versionRetentionDays: 1, concurrencyQuota: 10,
		minCapacity: 0.5, maxCapacity: 1, primaryInstances: 1, standbyInstances: 1, backupRetentionDays: 1, vaultRetentionDays: 1,
	},
	{
		profile: Dev, nat: NATNone, listenerPort: 80, logRetentionDays: 7, auditRetentionDays: 7,
		versionRetentionDays: 7, architecture: arm64, concurrencyQuota: 1000,
		minCapacity: 0.5, maxCapacity: 2, primaryInstances: 1, standbyInstances: 1, backupRetentionDays: 7, vaultRetentionDays: 7,
	},
	{
		profile: Prod, nat: NATNone, listenerPort: 443, logRetentionDays: 365, auditRetentionDays: 2192,
		versionRetentionDays: 2192, architecture: arm64,
		minCapacity: 8, maxCapacity: 32, primaryInstances: 2, standbyInstances: 2, backupRetentionDays: 35, performanceInsights: true,
		vaultRetentionDays: 365, waf: true, concurrencyQuota: 1000,
	},
}

// profileDefaults returns the defaults of the profile of that name, empty ones if there is no such profile. The origin is where the
// name comes from, for the message.
func (r *reader) profileDefaults(name, origin string) profileDefaults {
	names := make([]Profile, len(profiles))
	for i, defaults := range profiles {
		if string(defaults.profile) == name {
			return defaults
		}
		names[i] = defaults.profile
	}
	r.refuse(keyProfile, orList(names), strconv.Quote(name)+origin)
	return profileDefaults{}
}

// upstreamProfile returns the defaults of the profile that foundation-network exports.
func (r *reader) upstreamProfile(profile Profile) profileDefaults {
	return r.profileDefaults(string(profile), " (the profile that foundation-network exports)")
}
