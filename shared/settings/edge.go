package settings

import (
	"fmt"
	"net/url"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// Edge is the configuration of global-edge, with the profile's defaults filled in.
type Edge struct {
	// DomainName is the name that fails over: lower case, no dot at the end.
	DomainName string
	// HostedZoneID names an existing zone that DomainName lies in. Empty, one is made.
	HostedZoneID string
	// Runbook is where an operator reads on: a URL or, where none is set, the
	// runbook's place in this repository.
	Runbook string
	// System and Architecture are those of the failover controller's machine: linux
	// on AWS, and arm64 or x86_64.
	System, Architecture string
	// LogRetentionDays is a retention period that CloudWatch Logs offers.
	LogRetentionDays int
}

// EdgeSurroundings are what the layers below tell of an edge, and what its
// configuration must fit.
type EdgeSurroundings struct {
	// Profile is the one that foundation-network tells, and Suffix the
	// environment's.
	Profile Profile
	Suffix  string
	// HTTPS says that a load balancer has a certificate, which is of a name.
	HTTPS bool
}

// RunbookFile is the runbook's place in the repository.
const RunbookFile = "lambda/failover/RUNBOOK.md"

// LoadEdge reads the configuration of the stack that the engine is running. The
// error is [*Faults], or says that no engine is running the program.
func LoadEdge(project, stack string, around EdgeSurroundings) (Edge, error) {
	values, err := load(project, stack)
	if err != nil {
		return Edge{}, err
	}
	return ParseEdge(project, stack, around, values)
}

// ParseEdge returns the configuration of global-edge's stack of that name, with
// what is not set taken from the profile. The values are as the engine gives
// them; a key that is missing has its default of [EdgeKeys]. The error is [*Faults].
func ParseEdge(project, stack string, around EdgeSurroundings, values map[string]string) (Edge, error) {
	r := newReader(project, EdgeKeys(), values)
	row := r.row(string(around.Profile), " (the profile that foundation-network tells)")
	e := Edge{
		DomainName:       r.domainName(around),
		HostedZoneID:     r.hostedZone(),
		Runbook:          r.runbook(around.Profile),
		System:           system(around.Profile),
		Architecture:     r.architecture(around.Profile),
		LogRetentionDays: r.logRetention(row),
	}
	if len(r.faults) > 0 {
		return Edge{}, newFaults(project, stack, r.faults)
	}
	return e, nil
}

// UnclaimedDomain is below a top level that the Internet's DNS never has (RFC
// 6761, section 6.2, "test."): a zone below it, which is what an environment
// without a domain gets, {suffix}.{UnclaimedDomain}, is asked of its own name
// servers, and nobody comes to it by accident.
const UnclaimedDomain = "warmstandby.test"

const (
	// longestDomain leaves room for each region's own name, {region}.{domain}, in
	// the 253 characters that a name of DNS has when it is written out (RFC 1035,
	// section 2.3.4).
	longestDomain = 200
	domainRule    = "a domain name in lower case, such as app.example.org, of at most 200 characters"
)

// domainForm is that of a name of at least two labels (RFC 1123, section 2.1).
var domainForm = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$`)

// domainName returns the name that fails over. One that nobody has delegated
// serves where clients speak plain HTTP: a certificate is of a name that is real.
func (r *reader) domainName(around EdgeSurroundings) string {
	name := r.text(keyDomainName)
	switch {
	case name != "":
		if len(name) > longestDomain || !domainForm.MatchString(name) {
			r.refuse(keyDomainName, domainRule, fmt.Sprintf("%q (%d characters)", name, len(name)))
		}
	case around.Profile == Prod:
		r.refuse(keyDomainName, domainRule+", because prod's users look it up", `""`)
	case around.HTTPS:
		r.refuse(keyDomainName, domainRule+", which the load balancers' certificates are for", `""`)
	default:
		return around.Suffix + "." + UnclaimedDomain
	}
	return name
}

// zoneForm is that of a hosted zone's id (Amazon Route 53 API, GetHostedZone, Id).
var zoneForm = regexp.MustCompile(`^Z[A-Z0-9]{1,31}$`)

func (r *reader) hostedZone() string {
	const allowed = "the id of a public hosted zone, such as Z1D633PJN98FT9, or empty to have one made"
	id := r.text(keyHostedZoneID)
	switch {
	case id == "":
	case !zoneForm.MatchString(id):
		r.refuse(keyHostedZoneID, allowed, strconv.Quote(id))
	case r.text(keyDomainName) == "":
		r.refuse(keyHostedZoneID, "empty, or "+keyDomainName+" with it: which name of the zone is it to be?", strconv.Quote(id))
	}
	return id
}

// runbook returns where an operator reads on. In prod it must open with a
// click: who is woken has no checkout of the repository.
func (r *reader) runbook(profile Profile) string {
	const allowed = "the URL of the runbook, such as https://wiki.example.org/failover"
	text := r.text(keyRunbookURL)
	if text == "" {
		if profile == Prod {
			r.refuse(keyRunbookURL, allowed+", because an operator of prod reads it at night", `""`)
		}
		return RunbookFile
	}
	parsed, err := url.Parse(text)
	if err != nil || parsed.Scheme != "https" || parsed.Host == "" || strings.ContainsAny(text, " ()<>\"\\") || parsed.User != nil {
		r.refuse(keyRunbookURL, allowed, strconv.Quote(text))
	}
	return text
}

// architectures are Lambda's names of them, by Go's.
var architectures = map[string]string{"amd64": "x86_64", "arm64": "arm64"}

// system returns the operating system of the failover controller, in Go's words.
// The embedded AWS runs functions on the machine that it is on.
func system(profile Profile) string {
	if profile == Local {
		return runtime.GOOS
	}
	return "linux"
}

// architecture returns the architecture of the failover controller.
func (r *reader) architecture(profile Profile) string {
	choices := []string{"arm64", "x86_64"}
	name := r.text(keyControllerArchitecture)
	switch {
	case name == "" && profile == Local:
		if name = architectures[runtime.GOARCH]; name == "" {
			r.refuse(keyControllerArchitecture, orList(choices), runtime.GOARCH+", this machine's")
		}
	case name == "":
		name = choices[0]
	case !slices.Contains(choices, name):
		r.refuse(keyControllerArchitecture, orList(choices)+orProfile, strconv.Quote(name))
	}
	return name
}
