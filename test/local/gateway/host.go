package gateway

import (
	"net"
	"regexp"
	"strings"
)

// regionPattern is the form of a region's name. AWS: AWS Regions reference, "Region codes".
var regionPattern = regexp.MustCompile(`^[a-z]{2}(-[a-z]+){1,2}-\d{1,2}$`)

// awsDomains are the suffixes of the host names that AWS gives out, and of those that the emulator adds.
var awsDomains = []string{".amazonaws.com", ".on.aws", localDomain}

// hostName returns the name in a Host header, in lower case, without port.
func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

// isAWSHost says whether a host name belongs to the emulated AWS.
func isAWSHost(host string) bool {
	name := hostName(host)
	for _, domain := range awsDomains {
		if strings.HasSuffix(name, domain) {
			return true
		}
	}
	return false
}

// regionOfHost returns the region in a host name, as in app-1.us-west-2.elb.amazonaws.com, or "". If two labels look like
// regions, the right one is the region: the left one is a name that a user chose.
func regionOfHost(host string) string {
	if !isAWSHost(host) {
		return ""
	}
	labels := strings.Split(hostName(host), ".")
	for i := len(labels) - 1; i > 0; i-- {
		if regionPattern.MatchString(labels[i]) {
			return labels[i]
		}
	}
	return ""
}

// accountPrefix splits a host name that begins with an account id, as S3 Control's do; ok says whether it does.
func accountPrefix(host string) (account, rest string, ok bool) {
	account, rest, ok = strings.Cut(host, ".")
	if !ok || len(account) != 12 || strings.Trim(account, "0123456789") != "" {
		return "", host, false
	}
	return account, rest, true
}
