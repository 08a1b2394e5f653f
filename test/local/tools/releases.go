package tools

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"time"
)

// ReleasesVariable names the environment's variable that holds the URL of a mirror of Pulumi's releases.
const ReleasesVariable = "WARMSTANDBY_RELEASES_URL"

// Where Pulumi publishes its releases, and how long that host is waited for.
const (
	publishedURL = "https://get.pulumi.com/releases"
	decideWithin = 5 * time.Second  // a host that is reached answers in well under a second
	stall        = 30 * time.Second // a connection that lost its packets is not given up before TCP has sent them again
)

// Releases is where Pulumi's releases are found, and how long to wait for that place. A field that is zero is as Pulumi's own
// host needs it.
type Releases struct {
	// URL holds sdk/ with the CLI and plugins/ with the plugins.
	URL string
	// DecideWithin is how long the host may take to say that it has the CLI before [Auto] builds it from source.
	DecideWithin time.Duration
	// Stall is how long an answer or a download may be silent before it is given up.
	Stall time.Duration
}

func (r Releases) orPublished() Releases {
	if r.URL == "" {
		r.URL = publishedURL
	}
	if r.DecideWithin == 0 {
		r.DecideWithin = decideWithin
	}
	if r.Stall == 0 {
		r.Stall = stall
	}
	return r
}

// shown is the URL without a password.
func (r Releases) shown() string {
	parsed, err := url.Parse(r.URL)
	if err != nil {
		return "the host of the releases" // what is no URL may still hold a password
	}
	return parsed.Redacted()
}

// ReleasesFromEnvironment returns Pulumi's own host, or the mirror that WARMSTANDBY_RELEASES_URL names.
func ReleasesFromEnvironment() (Releases, error) {
	mirror := os.Getenv(ReleasesVariable)
	if mirror == "" {
		return Releases{}, nil
	}
	parsed, err := ParseReleasesURL(mirror)
	if err != nil {
		return Releases{}, fmt.Errorf(
			"%s: %w: set it to the URL below which a mirror has sdk/ and plugins/ of %s, or unset it", ReleasesVariable, err, publishedURL,
		)
	}
	return Releases{URL: parsed}, nil
}

// ParseReleasesURL reads the URL of a mirror of Pulumi's releases and returns it without a slash at its end. It must be
// https, by which alone the host is known; http is for a server on this machine. A query or a fragment is refused, as paths
// are appended to the URL. The error does not contain the URL, which may hold a password.
func ParseReleasesURL(text string) (string, error) {
	parsed, err := url.Parse(text)
	if err != nil {
		return "", errors.New("it is no URL")
	}
	switch {
	case parsed.Scheme != "https" && parsed.Scheme != "http":
		return "", errors.New("it is no https URL")
	case parsed.Hostname() == "":
		return "", errors.New("it names no host")
	case parsed.RawQuery != "" || parsed.ForceQuery || strings.Contains(text, "#"):
		return "", errors.New("it has a query or a fragment")
	case parsed.Scheme == "http" && !isLoopback(parsed.Hostname()):
		return "", fmt.Errorf(
			"http is for this machine only, and %s is another: nothing would show that the releases are the mirror's", parsed.Hostname(),
		)
	}
	return strings.TrimRight(parsed.String(), "/"), nil
}

// isLoopback answers whether a host name or address is this machine's own.
func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
