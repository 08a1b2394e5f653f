package naming

import (
	"fmt"
	"regexp"
)

// The tightest limit of the platform is that of a load balancer and of its
// target groups: 32 characters (Elastic Load Balancing API, CreateTargetGroup
// and CreateLoadBalancer, parameter Name). S3 gives a bucket 63, of which the
// account id takes 13 with its hyphen, so it leaves more.
const (
	targetGroupNameLimit = 32
	// longestTargetGroupStem is the longest name planned for a target group or
	// a load balancer, up to its suffix.
	longestTargetGroupStem = "tg-app-" + string(Secondary) + "-"
)

// MaxSuffixLength is the most characters that an environment suffix may have:
// what the longest target group name leaves of its 32. An environment is
// refused before its first layer, not when the load balancer comes to be named.
const MaxSuffixLength = targetGroupNameLimit - len(longestTargetGroupStem)

// reservedEnding is how the name of a bucket may not end, as far as [word] allows it: S3 reserves "-s3alias" for the aliases of
// access points (Amazon S3 User Guide, "General purpose bucket naming rules") and "-an" for the buckets of an account's
// regional namespace ("Namespaces for general purpose buckets").
var reservedEnding = regexp.MustCompile(`^(.*-)?(s3alias|an)$`)

// SuffixRule returns, for an error message, what an environment suffix may be.
func SuffixRule() string {
	return fmt.Sprintf("1 to %d characters of a-z, 0-9 and single hyphens between them (%s<suffix> names a target group, limit %d), "+
		"the last word neither an nor s3alias (S3 takes no bucket of such a name)",
		MaxSuffixLength, longestTargetGroupStem, targetGroupNameLimit)
}
