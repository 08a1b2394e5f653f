package hipaa

import (
	"fmt"
	"slices"
	"strings"

	"warmstandby/test/support/invariant"
)

const (
	bucketToken     = "aws:s3/bucketV2:BucketV2"
	blockToken      = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
	encryptionToken = "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2"
	ownershipToken  = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
	versioningToken = "aws:s3/bucketVersioningV2:BucketVersioningV2"
	lifecycleToken  = "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2"
	policyToken     = "aws:s3/bucketPolicy:BucketPolicy"
	algorithm       = "rules.0.applyServerSideEncryptionByDefault.sseAlgorithm"
)

// ofBuckets is a rule about every bucket: those of documents and those of access logs.
func ofBuckets(name, requirement string, fault func(invariant.Resource, stack) string, excuses ...excuse) []Rule {
	return []Rule{{
		Name: name, excuses: excuses,
		check: &check{requirement: requirement, tokens: []string{bucketToken}, stack: withBuckets, fault: fault},
	}}
}

// withBuckets matches data-global and region-app-…, and no other stack.
const withBuckets = "[dr]*"

// setting is a fault of a bucket without a resource of a type, or with one that is not in order.
func setting(token string, inOrder func(invariant.Properties) string) func(invariant.Resource, stack) string {
	return companion(token, "bucket", "bucket", inOrder)
}

// output is a fault of a setting's property.
func output(property string, want any) func(invariant.Properties) string {
	return func(p invariant.Properties) string { return wants(property, want)(invariant.Resource{Outputs: p}, nil) }
}

// blocked is a fault of a public access block that lacks one of its switches.
func blocked(p invariant.Properties) string {
	for _, property := range [...]string{"blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"} {
		if fault := output(property, true)(p); fault != "" {
			return fault
		}
	}
	return ""
}

// tlsAlone is a fault of a policy that does not deny plain HTTP to everybody.
func tlsAlone(p invariant.Properties) string {
	for _, s := range statements(p.Text("policy")) {
		transport := texts(s.Condition["Bool"]["aws:SecureTransport"])
		if s.Effect == "Deny" && slices.Contains(texts(s.Principal), "*") && slices.Equal(transport, []string{"false"}) {
			return ""
		}
	}
	return "has a policy that does not deny plain HTTP"
}

// grantsEverybody is a fault of a bucket that everybody may use: without a block, or with a policy that allows everybody.
func grantsEverybody(r invariant.Resource, all stack) string {
	if fault := setting(blockToken, blocked)(r, all); fault != "" {
		return fault
	}
	return setting(policyToken, func(p invariant.Properties) string {
		for _, s := range statements(p.Text("policy")) {
			if s.Effect == "Allow" && slices.Contains(texts(s.Principal), "*") && len(s.Condition) == 0 {
				return "has a policy that allows everybody"
			}
		}
		return ""
	})(r, all)
}

// Names of buckets: data-global makes those of documents and of assets, region-app-… those of access logs.
const stored, accessLogs = "bucket-*", "bucket-accesslogs-*"

func ofLogs(reason string) excuse { return excuse{bucketToken, accessLogs, appStacks, reason} }

var bucketRules = slices.Concat(
	ofBuckets(
		"s3-bucket-acl-prohibited",
		"access control lists are off",
		setting(ownershipToken, output("rule.objectOwnership", "BucketOwnerEnforced")),
	),
	ofBuckets(
		"s3-bucket-default-lock-enabled", "objects are locked by default", wants("objectLockEnabled", true),
		excuse{
			bucketToken, stored, dataStack,
			"a patient's document must be deletable; versions, replicas and locked backups hold what was deleted by mistake",
		},
		ofLogs("a log is evidence of traffic, and not the audit trail, which is a log group that the function can only add to"),
	),
	ofBuckets(
		"s3-bucket-logging-enabled", "server access logging is on",
		setting("aws:s3/bucketLoggingV2:BucketLoggingV2", nil),
		excuse{
			bucketToken, stored, dataStack,
			"CloudTrail's data events, which the account brings, name the principal and come within minutes; access logs are best effort",
		},
		ofLogs("nothing but the load balancer writes it; CloudTrail's data events name who reads"),
	),
	ofBuckets("s3-bucket-public-read-prohibited", "nobody unknown reads", grantsEverybody),
	ofBuckets("s3-bucket-public-write-prohibited", "nobody unknown writes", grantsEverybody),
	ofBuckets(
		"s3-bucket-replication-enabled", "buckets replicate", setting("aws:s3/bucketReplicationConfig:BucketReplicationConfig", nil),
		ofLogs("each region has its own load balancer and its own logs, which are not needed after a failover"),
	),
	ofBuckets(
		"s3-bucket-server-side-encryption-enabled",
		"buckets are encrypted",
		setting(encryptionToken, func(p invariant.Properties) string {
			if used := p.Text(algorithm); !strings.HasPrefix(used, "aws:kms") && used != "AES256" {
				return fmt.Sprintf("is encrypted by %q", used)
			}
			return ""
		}),
	),
	ofBuckets("s3-bucket-ssl-requests-only", "plain HTTP is denied", setting(policyToken, tlsAlone)),
	ofBuckets(
		"s3-bucket-versioning-enabled", "versions are kept", setting(versioningToken, output("versioningConfiguration.status", "Enabled")),
		ofLogs("a log file is written once, under a name of its own"),
	),
	ofBuckets(
		"s3-default-encryption-kms", "buckets are under a KMS key", setting(encryptionToken, output(algorithm, "aws:kms")),
		ofLogs("load balancers write to buckets under S3's own key alone; the logs hold no patient's data"),
	),
	ofBuckets(
		"s3-event-notifications-enabled", "buckets send events", setting("aws:s3/bucketNotification:BucketNotification", nil),
		excuse{bucketToken, stored, dataStack, "nothing waits for an object; the application publishes what changes in its own events"},
		ofLogs("nothing waits for a log"),
	),
	ofBuckets("s3-version-lifecycle-policy-check", "versions have a lifecycle", setting(lifecycleToken, output("rules.0.status", "Enabled"))),
)
