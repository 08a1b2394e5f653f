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

// ports are the TCP ports (RFC 9293, section 3.1: 16 bits).
var ports = intRange{1, 65535, "(TCP port)"}

// accountID is the form of an AWS account id, leading zeros included.
var accountID = regexp.MustCompile(`^[0-9]{12}$`)

// ParseFoundation returns the configuration of foundation-network's stack of that name. The values are as the engine passes them:
// the keys with their namespace ("foundation-network:natStrategy"), arrays as JSON. A key that is missing has the project's default.
// The error is [*Faults].
func ParseFoundation(project Project, stack string, values map[string]string) (Foundation, error) {
	r := newReader(project, values)
	defaults := r.profile(stack)
	f := Foundation{
		Environment:          stack,
		Suffix:               r.suffix(stack),
		Profile:              defaults.profile,
		NAT:                  r.natStrategy(defaults.nat),
		ListenerPort:         r.integerOr(keyListenerPort, ports, defaults.listenerPort),
		FlowLogRetentionDays: r.logRetentionOr(keyFlowLogRetentionDays, defaults.logRetentionDays),
		Protection:           r.boolean(keyProtection),
		AllowedAccountIDs:    r.accountIDs(),
	}
	f.Primary, f.Standby = r.networks()
	if err := r.err(stack); err != nil {
		return Foundation{}, err
	}
	return f, nil
}

// profile returns the defaults of the stack's profile, empty ones if there is no such profile. The stacks local and local-7f3a are
// both of the profile local.
func (r *reader) profile(stack string) profileDefaults {
	name, origin := r.string(keyProfile), ""
	if name == "" {
		name = string(ProfileOf(stack))
		origin = " (the first word of the stack's name, because profile is not set)"
	}
	return r.profileDefaults(name, origin)
}

// ProfileOf returns the first word of a stack's name, which is its profile unless another is set. It may be no profile.
func ProfileOf(stack string) Profile {
	word, _, _ := strings.Cut(stack, "-")
	return Profile(word)
}

// secretEnding is how a suffix ends that would have a secret's name end like its ARN, in a hyphen and six characters: Secrets Manager
// appends such an ending to each ARN, and then finds another secret, or none, by a partial one (AWS Secrets Manager API, CreateSecret,
// Name: "Do not end your secret name with a hyphen followed by six characters").
var secretEnding = regexp.MustCompile(`^(.*-)?[a-z0-9]{6}$`)

// suffix returns the environment's suffix.
func (r *reader) suffix(stack string) string {
	suffix, origin := r.string(keyEnvironmentSuffix), ""
	if suffix == "" {
		suffix, origin = stack, ", the stack's name, because environmentSuffix is not set"
	}
	if _, err := naming.New(suffix); err != nil {
		r.refuse(keyEnvironmentSuffix, naming.SuffixRule(),
			fmt.Sprintf("%q (%d characters%s)", suffix, utf8.RuneCountInString(suffix), origin))
	} else if secretEnding.MatchString(suffix) {
		const allowed = "a last word that has not six characters, because a secret's name must not end like the -abcdef of its ARN"
		r.refuse(keyEnvironmentSuffix, allowed, strconv.Quote(suffix)+origin)
	}
	return suffix
}

// natStrategy returns the NAT strategy, the profile's default if none is set.
func (r *reader) natStrategy(fromProfile NATStrategy) NATStrategy {
	value, set := r.override(keyNATStrategy)
	if !set {
		return fromProfile
	}
	strategy := NATStrategy(value)
	if !slices.Contains(natStrategies[:], strategy) {
		r.refuse(keyNATStrategy, orList(natStrategies[:])+orProfile, strconv.Quote(value))
	}
	return strategy
}

// accountIDs returns the accounts that may be deployed to, nil if there are none.
func (r *reader) accountIDs() []string {
	const allowed = `account ids of 12 digits, quoted, such as ["123456789012"]`
	ids := r.array(keyAllowedAccountIDs, allowed)
	for _, id := range ids {
		if !accountID.MatchString(id) {
			r.refuse(keyAllowedAccountIDs, allowed, strconv.Quote(id))
		}
	}
	return ids
}
