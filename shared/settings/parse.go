package settings

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"warmstandby/shared/naming"
)

// highestPort is the highest TCP port (RFC 9293, section 3.1: 16 bits).
const highestPort = 65535

// retentionDays are the retention periods that CloudWatch Logs offers, in days
// (CloudWatch Logs API, PutRetentionPolicy, retentionInDays).
var retentionDays = [...]int{
	1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
}

// accountID is the form of an AWS account id, leading zeros included.
var accountID = regexp.MustCompile(`^[0-9]{12}$`)

// ParseFoundation returns the configuration of foundation-network's stack of
// that name. The values are as the engine gives them: the keys with their
// namespace ("foundation-network:natStrategy"), lists as JSON. A key that is
// missing has its default of [FoundationKeys]. The error is [*Faults].
func ParseFoundation(project, stack string, values map[string]string) (Foundation, error) {
	r := newReader(project, FoundationKeys(), values)
	row := r.profile(stack)
	f := Foundation{
		Environment:          stack,
		Suffix:               r.suffix(stack),
		Profile:              row.profile,
		NAT:                  r.natStrategy(row),
		ListenerPort:         r.listenerPort(row),
		FlowLogRetentionDays: r.flowLogRetention(row),
		Protection:           r.boolean(keyProtection),
		AllowedAccountIDs:    r.accountIDs(),
	}
	f.Primary, f.Standby = r.networks()
	if len(r.faults) > 0 {
		return Foundation{}, newFaults(project, stack, r.faults)
	}
	return f, nil
}

// profile returns the row of defaults, an empty one if there is none. The stacks local and local-7f3a are both of the
// profile local.
func (r *reader) profile(stack string) defaults {
	name, origin := r.text(keyProfile), ""
	if name == "" {
		name = string(ProfileOf(stack))
		origin = " (the first word of the stack's name, because profile is not set)"
	}
	return r.row(name, origin)
}

// ProfileOf returns the profile that a stack's name says, its first word, which may be none of the profiles.
func ProfileOf(stack string) Profile {
	word, _, _ := strings.Cut(stack, "-")
	return Profile(word)
}

// suffix returns the environment's suffix.
func (r *reader) suffix(stack string) string {
	suffix, origin := r.text(keyEnvironmentSuffix), ""
	if suffix == "" {
		suffix, origin = stack, ", the stack's name, because environmentSuffix is not set"
	}
	if _, err := naming.New(suffix); err != nil {
		r.refuse(keyEnvironmentSuffix, naming.SuffixRule(),
			fmt.Sprintf("%q (%d characters%s)", suffix, utf8.RuneCountInString(suffix), origin))
	}
	return suffix
}

// natStrategy returns the NAT strategy, the profile's if none is set.
func (r *reader) natStrategy(row defaults) NATStrategy {
	value := NATStrategy(r.text(keyNATStrategy))
	if value == "" {
		return row.nat
	}
	if !slices.Contains(natStrategies[:], value) {
		r.refuse(keyNATStrategy, orList(natStrategies[:]), strconv.Quote(string(value)))
	}
	return value
}

// listenerPort returns the listener's port, the profile's if none is set.
func (r *reader) listenerPort(row defaults) int {
	allowed := fmt.Sprintf("a port from 1 to %d, or 0 for the profile's", highestPort)
	port, ok := r.integer(keyListenerPort, allowed)
	switch {
	case !ok:
	case port == 0:
		return row.listenerPort
	case port < 0 || port > highestPort:
		r.refuse(keyListenerPort, allowed, strconv.Itoa(port))
	}
	return port
}

// flowLogRetention returns the retention in days, the profile's if none is set.
func (r *reader) flowLogRetention(row defaults) int {
	allowed := orList(retentionDays[:]) + ", or 0 for the profile's"
	days, ok := r.integer(keyFlowLogRetentionDays, allowed)
	switch {
	case !ok:
	case days == 0:
		return row.logRetentionDays
	case !slices.Contains(retentionDays[:], days):
		r.refuse(keyFlowLogRetentionDays, allowed, strconv.Itoa(days))
	}
	return days
}

// accountIDs returns the accounts that may be deployed to.
func (r *reader) accountIDs() []string {
	const allowed = `account ids of 12 digits, quoted, such as ["123456789012"]`
	ids := r.list(keyAllowedAccountIDs, allowed)
	for _, id := range ids {
		if !accountID.MatchString(id) {
			r.refuse(keyAllowedAccountIDs, allowed, strconv.Quote(id))
		}
	}
	return ids
}
