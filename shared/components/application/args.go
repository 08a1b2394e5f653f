package application

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"warmstandby/shared/region"
)

// Args are the inputs of the application. What other stacks own comes in as plain values, so that a preview knows them.
type Args struct {
	Region  region.Region
	Network Network
	Data    Data
	// Code is the folder or archive with the function's bundle, index.mjs.
	Code pulumi.Archive
	// ListenerPort is the port that clients connect to.
	ListenerPort int
	// CertificateARN names the region's certificate in ACM. Empty, the listener speaks plain HTTP.
	CertificateARN string
	// MemoryMB is the function's memory; Lambda gives it CPU in proportion.
	MemoryMB int
	// TimeoutSeconds is how long one invocation may take, at most [MaxTimeoutSeconds].
	TimeoutSeconds int
	// LogLevel is the least severe level that the function logs.
	LogLevel string
	// LogRetentionDays is how long the function's log and the load balancer's access logs are kept.
	LogRetentionDays int
	// AuditRetentionDays is how long the audit trail is kept.
	AuditRetentionDays int
	// VersionRetentionDays is how long earlier versions of a record are kept, and LegalHold keeps all of them.
	VersionRetentionDays int
	LegalHold            bool
	// Firewall are the settings of AWS WAF.
	Firewall Firewall
	// ConcurrencyQuota is how many executions at once Lambda grants the account in the region.
	ConcurrencyQuota int
	// NotificationEmails receive the alarms, each address once.
	NotificationEmails []string
	// Protection keeps the load balancer, the logs and the access logs when the stack is destroyed, and the key as long as
	// AWS can.
	Protection bool
}

// Network is the region's part of foundation-network. The VPC itself is no input: the subnets are in it, and a target group of
// a function is in none.
type Network struct {
	PublicSubnetIDs             []string
	PrivateSubnetIDs            []string
	LoadBalancerSecurityGroupID string
	FunctionSecurityGroupID     string
}

// Data is the region's part of data-global: what the function reads and writes besides the database, which it reaches through
// the network alone.
type Data struct {
	// ParameterPath is the path of the function's other parameters in Parameter Store.
	ParameterPath string
	// KeyARN is the key of the secret and of the documents.
	KeyARN string
	// SecretARN is the region's own replica of the database's credentials.
	SecretARN string
	// DocumentsBucketARN and EventBusARN are the region's.
	DocumentsBucketARN string
	EventBusARN        string
	// BackupVaultName is the region's vault, whose jobs the operators are notified of.
	BackupVaultName string
}

// scheme returns the listener's protocol.
func (a Args) scheme() string {
	if a.CertificateARN == "" {
		return "http"
	}
	return "https"
}

// check refuses arguments that would deploy and then not work.
func (a Args) check() error {
	var faults []error
	if a.TimeoutSeconds < 1 || a.TimeoutSeconds > MaxTimeoutSeconds {
		faults = append(faults, fmt.Errorf(
			"TimeoutSeconds is %d, allowed 1 to %d: the load balancer gives up after %d s, "+
				"and health checks, which come every %d s, must not overtake each other",
			a.TimeoutSeconds, MaxTimeoutSeconds, idleSeconds, healthIntervalSeconds))
	}
	if a.CertificateARN != "" && a.ListenerPort == httpPort {
		faults = append(faults, fmt.Errorf("there is a certificate and ListenerPort is %d, where clients speak plain HTTP: set %d",
			httpPort, httpsPort))
	}
	return errors.Join(faults...)
}
