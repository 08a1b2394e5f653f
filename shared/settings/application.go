package settings

import (
	"fmt"
	"net/mail"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The keys of the regional stacks, without the namespace; keyLogRetentionDays is data-global's, too.
const (
	keyCertificateARN     = "certificateArn"
	keyNotificationEmails = "notificationEmails"
	keyMemoryMB           = "memoryMb"
	keyTimeoutSeconds     = "timeoutSeconds"
	keyLogLevel           = "logLevel"
	keyAuditRetentionDays = "auditRetentionDays"
	keyVersionRetention   = "versionRetentionDays"
	keyLegalHold          = "legalHold"
	keyWAF                = "waf"
	keyWAFRateLimit       = "wafRateLimit"
	keyConcurrencyQuota   = "concurrencyQuota"
)

// Application is the configuration of region-app-east or region-app-west, with the profile's defaults filled in.
type Application struct {
	// CertificateARN names a certificate of the region in ACM. Empty is plain HTTP.
	CertificateARN string
	// NotificationEmails are the addresses that alarms are sent to, each once. It may be nil.
	NotificationEmails []string
	// MemoryMB is the function's memory, 128 to 10240.
	MemoryMB int
	// TimeoutSeconds is the longest duration of one invocation, 5 to 30.
	TimeoutSeconds int
	// LogLevel is debug, info, warn or error.
	LogLevel string
	// LogRetentionDays is a retention period that CloudWatch Logs offers.
	LogRetentionDays int
	// AuditRetentionDays is a retention period that CloudWatch Logs offers.
	AuditRetentionDays int
	// VersionRetentionDays is how long earlier versions of a record are kept after they ceased to be in effect, at least 1. LegalHold keeps
	// all of them.
	VersionRetentionDays int
	LegalHold            bool
	// WAF says whether AWS WAF stands before the load balancer, WAFRateLimit is how many requests it lets one address send in five
	// minutes, at least 10.
	WAF          bool
	WAFRateLimit int
	// ConcurrencyQuota is how many executions at once Lambda grants the account in the region, at least 10.
	ConcurrencyQuota int
}

// UpstreamConstraints are the values of foundation-network's outputs that limit an application's configuration.
type UpstreamConstraints struct {
	// Profile is the environment's.
	Profile Profile
	// Region is the name of the application's region.
	Region string
	// ListenerPort is the port that the network admits.
	ListenerPort int
}

// LoadApplication reads the configuration of the stack that the engine is running, by the declarations of its Pulumi.yaml. The error
// is [*Faults], or names what is wrong with the declarations, or reports that no engine is running the program.
func LoadApplication(pulumiYAML []byte, stack string, upstream UpstreamConstraints) (Application, error) {
	return load(pulumiYAML, stack, func(project Project, values map[string]string) (Application, error) {
		return ParseApplication(project, stack, upstream, values)
	})
}

// ParseApplication returns the configuration of a regional stack of that name, with the profile's defaults for what is not set. The
// values are as the engine passes them; a key that is missing has the project's default. The error is [*Faults].
func ParseApplication(project Project, stack string, upstream UpstreamConstraints, values map[string]string) (Application, error) {
	r := newReader(project, values)
	defaults := r.upstreamProfile(upstream.Profile)
	a := Application{
		CertificateARN:       r.certificate(upstream),
		NotificationEmails:   r.emails(),
		MemoryMB:             r.integer(keyMemoryMB, memoryRange),
		TimeoutSeconds:       r.integer(keyTimeoutSeconds, timeoutRange),
		LogLevel:             r.logLevel(),
		LogRetentionDays:     r.logRetentionOr(keyLogRetentionDays, defaults.logRetentionDays),
		AuditRetentionDays:   r.logRetentionOr(keyAuditRetentionDays, defaults.auditRetentionDays),
		VersionRetentionDays: r.integerOr(keyVersionRetention, daysFrom(1), defaults.versionRetentionDays),
		LegalHold:            r.boolean(keyLegalHold),
		WAF:                  r.booleanOr(keyWAF, defaults.waf),
		WAFRateLimit:         r.integer(keyWAFRateLimit, wafRateRange),
		ConcurrencyQuota:     r.integerOr(keyConcurrencyQuota, concurrencyRange, defaults.concurrencyQuota),
	}
	if err := r.err(stack); err != nil {
		return Application{}, err
	}
	return a, nil
}

// memoryRange is what Lambda offers (AWS Lambda API, CreateFunction, MemorySize).
var memoryRange = intRange{128, 10240, "MB"}

// timeoutRange is at least a cold start with its connection to the database, and at most half of the 60 seconds after which a load
// balancer closes an idle request (Elastic Load Balancing, Application Load Balancers, Connection idle timeout).
var timeoutRange = intRange{5, 30, "seconds"}

// wafRateRange is what AWS WAF offers (AWS WAF API, RateBasedStatement, Limit).
var wafRateRange = intRange{10, 2_000_000_000, "requests"}

// concurrencyRange begins with what AWS grants to new accounts (AWS Lambda Developer Guide, Lambda quotas); nobody has the upper bound.
var concurrencyRange = intRange{10, 1_000_000, "executions"}

// The ports of plain HTTP and HTTPS.
const (
	httpPort  = 80
	httpsPort = 443
)

// certificateForm is that of a certificate's ARN in any partition; the group is
// the region.
var certificateForm = regexp.MustCompile(`^arn:aws[a-z-]{0,20}:acm:([a-z0-9-]+):[0-9]{12}:certificate/[A-Za-z0-9-]{1,64}$`)

// certificate returns the certificate's ARN, which prod requires. A load balancer accepts certificates of its own region only.
func (r *reader) certificate(upstream UpstreamConstraints) string {
	arn := r.string(keyCertificateARN)
	allowed := "the ARN of an ACM certificate in " + upstream.Region
	if arn == "" {
		switch {
		case upstream.Profile == Prod:
			r.refuse(keyCertificateARN, allowed+", because prod does not serve plain HTTP", `""`)
		case upstream.ListenerPort == httpsPort:
			r.refuse(keyCertificateARN, allowed+", because clients speak HTTPS on port 443", `""`)
		}
		return ""
	}
	if form := certificateForm.FindStringSubmatch(arn); form == nil || form[1] != upstream.Region {
		r.refuse(keyCertificateARN, allowed, strconv.Quote(arn))
		return ""
	}
	if upstream.ListenerPort == httpPort {
		r.refuse(keyCertificateARN, "empty, or another "+keyListenerPort+" of foundation-network, such as 443: port 80 is plain HTTP's",
			strconv.Quote(arn))
		return ""
	}
	return arn
}

// longestEmail is the most characters of an address (RFC 5321, section 4.5.3.1.3: a path has 256, angle brackets included).
const longestEmail = 254

// asciiEmail is the characters of an address without SMTPUTF8, an extension of mail (RFC 6531) that SNS does not offer.
var asciiEmail = regexp.MustCompile(`^[!-~]*$`)

// emails returns the addresses, nil if there are none.
func (r *reader) emails() []string {
	const allowed = "a list of e-mail addresses without names, each once"
	addresses := r.array(keyNotificationEmails, allowed)
	for i, address := range addresses {
		if len(address) > longestEmail {
			r.refuse(keyNotificationEmails, fmt.Sprintf("addresses of at most %d characters", longestEmail), fmt.Sprintf("one of %d", len(address)))
			continue
		}
		parsed, err := mail.ParseAddress(address)
		_, domain, _ := strings.Cut(address, "@")
		valid := err == nil && parsed.Address == address && asciiEmail.MatchString(address) && strings.Contains(domain, ".")
		if !valid || slices.Contains(addresses[:i], address) {
			r.refuse(keyNotificationEmails, allowed, strconv.Quote(address))
		}
	}
	return addresses
}

// logLevels are the function's, the least severe first.
var logLevels = [...]string{"debug", "info", "warn", "error"}

// logLevel returns the least severe level that is logged.
func (r *reader) logLevel() string {
	level := r.string(keyLogLevel)
	if !slices.Contains(logLevels[:], level) {
		r.refuse(keyLogLevel, orList(logLevels[:]), fmt.Sprintf("%q", level))
	}
	return level
}
