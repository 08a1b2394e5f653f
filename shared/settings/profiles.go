package settings

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
	// flowLogRetentionDays is a year in prod, the least that AWS Config's rule
	// cw-loggroup-retention-period-check accepts by default; a week in dev, to
	// look back on the last change; a day in local, which nobody audits.
	flowLogRetentionDays int
}

// profiles is the one table of what differs between environments.
var profiles = [...]defaults{
	{profile: Local, nat: NATNone, listenerPort: 80, flowLogRetentionDays: 1},
	{profile: Dev, nat: NATNone, listenerPort: 80, flowLogRetentionDays: 7},
	{profile: Prod, nat: NATNone, listenerPort: 443, flowLogRetentionDays: 365},
}
