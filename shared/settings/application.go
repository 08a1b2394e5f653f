package settings

import (
	"fmt"
	"net/mail"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Application is the configuration of region-app-east or region-app-west, with
// the profile's defaults filled in.
type Application struct {
	// CertificateARN names a certificate of the region in ACM. Empty is plain HTTP.
	CertificateARN string
	// NotificationEmails are told of alarms, each address once. It may be nil.
	NotificationEmails []string
	// MemoryMB is the function's memory, 128 to 10240.
	MemoryMB int
	// TimeoutSeconds is how long one invocation may take, 5 to 30.
	TimeoutSeconds int
	// LogLevel is debug, info, warn or error.
	LogLevel string
	// LogRetentionDays is a retention period that CloudWatch Logs offers.
	LogRetentionDays int
}

// Surroundings are what the layers below tell of where an application stands,
// and what its configuration must fit.
type Surroundings struct {
	// Profile is the one that foundation-network tells.
	Profile Profile
	// Region is the region's name.
	Region string
	// ListenerPort is what the network admits.
	ListenerPort int
}

// LoadApplication reads the configuration of the stack that the engine is
// running. The error is [*Faults], or says that no engine is running the program.
func LoadApplication(project, stack string, around Surroundings) (Application, error) {
	values, err := load(project, stack)
	if err != nil {
		return Application{}, err
	}
	return ParseApplication(project, stack, around, values)
}

// ParseApplication returns the configuration of a regional stack of that name,
// with what is not set taken from the profile. The values are as the engine
// gives them; a key that is missing has its default of [ApplicationKeys]. The
// error is [*Faults].
func ParseApplication(project, stack string, around Surroundings, values map[string]string) (Application, error) {
	r := newReader(project, ApplicationKeys(), values)
	row := r.row(string(around.Profile), " (the profile that foundation-network tells)")
	a := Application{
		CertificateARN:     r.certificate(around),
		NotificationEmails: r.emails(),
		MemoryMB:           r.number(keyMemoryMB, memory),
		TimeoutSeconds:     r.number(keyTimeoutSeconds, timeout),
		LogLevel:           r.logLevel(),
		LogRetentionDays:   r.logRetention(row),
	}
	if len(r.faults) > 0 {
		return Application{}, newFaults(project, stack, r.faults)
	}
	return a, nil
}

// memory is what Lambda offers (AWS Lambda API, CreateFunction, MemorySize).
var memory = span{128, 10240, "MB"}

// timeout is at least a cold start with its connection to the database and at
// most half of the 60 seconds after which a load balancer gives a request up
// (Elastic Load Balancing, Application Load Balancers, Connection idle timeout).
var timeout = span{5, 30, "seconds"}

// The ports of plain HTTP and HTTPS.
const (
	httpPort  = 80
	httpsPort = 443
)

// certificateForm is that of a certificate's ARN in any partition; the group is
// the region.
var certificateForm = regexp.MustCompile(`^arn:aws[a-z-]*:acm:([a-z0-9-]+):[0-9]{12}:certificate/[A-Za-z0-9-]+$`)

// certificate returns the certificate's ARN, which prod must have. A load
// balancer takes certificates of its own region only.
func (r *reader) certificate(around Surroundings) string {
	arn := r.text(keyCertificateARN)
	allowed := "the ARN of an ACM certificate in " + around.Region
	if arn == "" {
		switch {
		case around.Profile == Prod:
			r.refuse(keyCertificateARN, allowed+", because prod does not serve plain HTTP", `""`)
		case around.ListenerPort == httpsPort:
			r.refuse(keyCertificateARN, allowed+", because clients speak HTTPS on port 443", `""`)
		}
		return ""
	}
	if form := certificateForm.FindStringSubmatch(arn); form == nil || form[1] != around.Region {
		r.refuse(keyCertificateARN, allowed, strconv.Quote(arn))
		return ""
	}
	if around.ListenerPort == httpPort {
		r.refuse(keyCertificateARN, "empty, or another listenerPort of foundation-network, such as 443: port 80 is plain HTTP's", strconv.Quote(arn))
		return ""
	}
	return arn
}

// emails returns the addresses, nil if there are none.
func (r *reader) emails() []string {
	const allowed = "a list of e-mail addresses without names, each once"
	addresses := r.list(keyNotificationEmails, allowed)
	for i, address := range addresses {
		parsed, err := mail.ParseAddress(address)
		_, domain, _ := strings.Cut(address, "@")
		if err != nil || parsed.Address != address || !strings.Contains(domain, ".") || slices.Contains(addresses[:i], address) {
			r.refuse(keyNotificationEmails, allowed, strconv.Quote(address))
		}
	}
	return addresses
}

// logLevels are the function's, the chattiest first.
var logLevels = [...]string{"debug", "info", "warn", "error"}

// logLevel returns the least severe level that is logged.
func (r *reader) logLevel() string {
	level := r.text(keyLogLevel)
	if !slices.Contains(logLevels[:], level) {
		r.refuse(keyLogLevel, orList(logLevels[:]), fmt.Sprintf("%q", level))
	}
	return level
}
