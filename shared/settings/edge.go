package settings

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"warmstandby/shared/naming"
)

// The keys of global-edge, without the namespace; keyLogRetentionDays is data-global's, too.
const (
	keyDomainName             = "domainName"
	keyHostedZoneID           = "hostedZoneId"
	keyRunbookURL             = "runbookUrl"
	keyControllerArchitecture = "controllerArchitecture"
)

// Edge is the configuration of global-edge, with the profile's defaults filled in.
type Edge struct {
	// DomainName is the name that fails over: lower case, no dot after the last label.
	DomainName string
	// HostedZoneID names an existing zone of DomainName or of a parent domain. Empty has the stack create a zone.
	HostedZoneID string
	// Runbook is the runbook's URL or, if none is set, its path in this repository.
	Runbook string
	// System and Architecture are those of the failover controller's machine: linux on AWS, and arm64 or x86_64.
	System, Architecture string
	// LogRetentionDays is a retention period that CloudWatch Logs offers.
	LogRetentionDays int
}

// EdgeUpstreamConstraints are the values of the upstream stacks' outputs that limit an edge's configuration.
type EdgeUpstreamConstraints struct {
	// Profile and Suffix are the environment's.
	Profile Profile
	Suffix  string
	// HTTPS reports that a load balancer has a certificate, which is valid for one domain.
	HTTPS bool
}

// RunbookFile is the runbook's path in the repository.
const RunbookFile = "lambda/failover/RUNBOOK.md"

// LoadEdge reads the configuration of the stack that the engine is running, by the declarations of its Pulumi.yaml. The error is
// [*Faults], or names what is wrong with the declarations, or reports that no engine is running the program.
func LoadEdge(pulumiYAML []byte, stack string, upstream EdgeUpstreamConstraints) (Edge, error) {
	return load(pulumiYAML, stack, func(project Project, values map[string]string) (Edge, error) {
		return ParseEdge(project, stack, upstream, values)
	})
}

// ParseEdge returns the configuration of global-edge's stack of that name, with the profile's defaults for what is not set. The values
// are as the engine passes them; a key that is missing has the project's default. The error is [*Faults].
func ParseEdge(project Project, stack string, upstream EdgeUpstreamConstraints, values map[string]string) (Edge, error) {
	r := newReader(project, values)
	defaults := r.upstreamProfile(upstream.Profile)
	e := Edge{
		DomainName:       r.domainName(upstream),
		HostedZoneID:     r.hostedZone(),
		Runbook:          r.runbook(upstream.Profile),
		System:           controllerSystem(stack),
		Architecture:     r.architecture(stack, defaults.architecture),
		LogRetentionDays: r.logRetentionOr(keyLogRetentionDays, defaults.logRetentionDays),
	}
	if err := r.err(stack); err != nil {
		return Edge{}, err
	}
	return e, nil
}

// UnclaimedDomain is the parent of the domain {suffix}.{UnclaimedDomain} of an environment that sets none. It is in the top-level
// domain test, which is never delegated in the Internet's DNS (RFC 6761, section 6.2): only a client that queries the zone's own name
// servers resolves it.
const UnclaimedDomain = "warmstandby.test"

const (
	// longestDomain leaves room for each region's own name, {region}.{domain}, in the 253 characters of a name of DNS in its text form
	// (RFC 1035, section 2.3.4).
	longestDomain = 200
	domainRule    = "a domain name in lower case, such as app.example.org, of at most 200 characters"
)

// domainForm is that of a name of at least two labels (RFC 1123, section 2.1).
var domainForm = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$`)

// domainName returns the name that fails over. A domain that is not delegated suffices for plain HTTP only: a certificate is issued
// for a delegated domain.
func (r *reader) domainName(upstream EdgeUpstreamConstraints) string {
	name := r.string(keyDomainName)
	switch {
	case name != "":
		if len(name) > longestDomain || !domainForm.MatchString(name) {
			r.refuse(keyDomainName, domainRule, fmt.Sprintf("%q (%d characters)", name, len(name)))
		}
	case upstream.Profile == Prod:
		r.refuse(keyDomainName, domainRule+", because prod's users look it up", `""`)
	case upstream.HTTPS:
		r.refuse(keyDomainName, domainRule+", which the load balancers' certificates are for", `""`)
	default:
		return upstream.Suffix + "." + UnclaimedDomain
	}
	return name
}

// zoneForm is that of a hosted zone's id (Amazon Route 53 API, GetHostedZone, Id).
var zoneForm = regexp.MustCompile(`^Z[A-Z0-9]{1,31}$`)

func (r *reader) hostedZone() string {
	const allowed = "the id of a public hosted zone, such as Z1D633PJN98FT9, or empty to have one made"
	id := r.string(keyHostedZoneID)
	switch {
	case id == "":
	case !zoneForm.MatchString(id):
		r.refuse(keyHostedZoneID, allowed, strconv.Quote(id))
	case r.string(keyDomainName) == "":
		r.refuse(keyHostedZoneID, "empty, or "+keyDomainName+" with it: which name of the zone is it to be?", strconv.Quote(id))
	}
	return id
}

// longestRunbook is the most bytes that the runbook's URL takes in the JSON of the controller's configuration, which is a parameter of
// 4096 bytes. The rest of the document has less than 3500 with the longest domain, suffix and names of regions; a test of
// global-edge builds it.
const longestRunbook = 512

// runbook returns the runbook's URL or path. prod requires a URL: the operator on call opens it from a notification, without a clone
// of the repository.
func (r *reader) runbook(profile Profile) string {
	const allowed = "the URL of the runbook, such as https://wiki.example.org/failover"
	text := r.string(keyRunbookURL)
	if text == "" {
		if profile == Prod {
			r.refuse(keyRunbookURL, allowed+", because an operator of prod reads it at night", `""`)
		}
		return RunbookFile
	}
	parsed, err := url.Parse(text)
	if err != nil || parsed.Scheme != "https" || parsed.Host == "" || strings.ContainsAny(text, " ()<>{}\"\\") || parsed.User != nil {
		r.refuse(keyRunbookURL, allowed, strconv.Quote(text))
	}
	// A string always has a JSON form, in which an & takes six bytes.
	if encoded, _ := json.Marshal(text); len(encoded)-len(`""`) > longestRunbook {
		r.refuse(keyRunbookURL, fmt.Sprintf("at most %d bytes as JSON, because the controller's configuration is a parameter", longestRunbook),
			fmt.Sprintf("%d bytes", len(encoded)-len(`""`)))
	}
	return text
}

// The architectures in Lambda's words (AWS Lambda API, CreateFunction, Architectures).
const (
	arm64 = "arm64"
	amd64 = "x86_64"
)

// hostArchitectures are Lambda's words by Go's.
var hostArchitectures = map[string]string{"amd64": amd64, "arm64": arm64}

// controllerSystem returns the operating system of the failover controller, in Go's words. The local emulator runs functions on the
// host, whatever the profile of an environment there is.
func controllerSystem(stack string) string {
	if naming.Emulated(stack) {
		return runtime.GOOS
	}
	return "linux"
}

// architecture returns the architecture of the failover controller: by default the host's on the local emulator, and else the profile's.
func (r *reader) architecture(stack, fromProfile string) string {
	choices := []string{arm64, amd64}
	name, set := r.override(keyControllerArchitecture)
	switch {
	case set && !slices.Contains(choices, name):
		r.refuse(keyControllerArchitecture, orList(choices)+orProfile, strconv.Quote(name))
	case set:
		return name
	case !naming.Emulated(stack):
		return cmp.Or(fromProfile, arm64)
	case hostArchitectures[runtime.GOARCH] == "":
		r.refuse(keyControllerArchitecture, orList(choices), runtime.GOARCH+", the host's")
	}
	return hostArchitectures[runtime.GOARCH]
}
