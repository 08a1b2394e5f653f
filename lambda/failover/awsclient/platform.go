// Package awsclient holds the AWS clients of the failover controller and its command line. It is the only package that imports
// the AWS SDK.
//
// Every call has a timeout for its connection and for its response, and a limit of attempts. All calls go to the standby
// region, except those named Primary, which nothing waits for.
package awsclient

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"warmstandby/shared/contract/controller"
)

// Account holds the AWS credentials of the process environment, and makes clients of them.
type Account struct {
	base   aws.Config
	region string
}

// Open loads the credentials and settings for the standby region. It makes no call to AWS.
func Open(ctx context.Context, standbyRegion string) (Account, error) {
	base, err := loadConfig(ctx, standbyRegion)
	return Account{base, standbyRegion}, err
}

// credentialsTimeout is how long credentials are looked for: outside of AWS nothing answers where a machine of AWS finds its role.
const credentialsTimeout = 5 * time.Second

// CheckCredentials returns in one line that there are no credentials. Otherwise every call would say so, in the SDK's words. It makes no
// call to AWS.
func (a Account) CheckCredentials(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, credentialsTimeout)
	defer cancel()
	if a.base.Credentials != nil {
		if _, err := a.base.Credentials.Retrieve(ctx); err == nil {
			return nil
		}
	}
	return errors.New("there are no credentials of AWS: log in (aws sso login), or set AWS_PROFILE")
}

// Configuration reads the controller's configuration from a parameter of the standby region. The error wraps ErrNoParameter
// when nothing is deployed.
func (a Account) Configuration(ctx context.Context, parameter string) (controller.Config, error) {
	text, err := readParameter(ctx, ssm.NewFromConfig(standard.configFor(a.base, a.region)), parameter)
	if err != nil {
		return controller.Config{}, err
	}
	return controller.ParseConfig(text)
}

// Databases returns RDS of the standby region and of the primary, for one global database.
func (a Account) Databases(globalCluster, primaryRegion string) (standby, primary Databases) {
	standbyReader := rds.NewFromConfig(standard.configFor(a.base, a.region))
	standbyWriter := rds.NewFromConfig(slowCall.configFor(a.base, a.region))
	primaryClient := rds.NewFromConfig(noRetry.configFor(a.base, primaryRegion))
	return Databases{identifier: globalCluster, reader: standbyReader, writer: standbyWriter, primaryWriter: primaryClient},
		Databases{identifier: globalCluster, reader: primaryClient, writer: primaryClient}
}

// Platform holds every AWS client that the controller uses.
type Platform struct {
	Config controller.Config

	Databases        Databases
	PrimaryDatabases Databases
	Replication      Replication
	// ReverseReplication is replication to the primary region, while the writer is in the standby.
	ReverseReplication Replication
	Table              Table
	Mode               Mode
	PrimaryMode        Mode
	Topic              Topic
	PrimaryTopic       Topic
	Metrics            MetricPublisher
	PrimaryMetrics     MetricPublisher
	Alarms             Alarms
	Application        Application
	// Documents is the bucket in which the probe document arrives, PrimaryDocuments the one in which it is written.
	Documents        Documents
	PrimaryDocuments Documents
	RestoreTests     RestoreTests
	// StandbyQuotas and PrimaryQuotas are what the account may have in each region.
	StandbyQuotas, PrimaryQuotas Quotas
}

// Platform returns the clients for a configuration.
func (a Account) Platform(c controller.Config) Platform {
	standbyConfig, primaryConfig := standard.configFor(a.base, c.StandbyRegion), noRetry.configFor(a.base, c.PrimaryRegion)
	standbyMetrics, primaryMetrics := cloudwatch.NewFromConfig(standbyConfig), cloudwatch.NewFromConfig(primaryConfig)
	databases, primaryDatabases := a.Databases(c.GlobalCluster, c.PrimaryRegion)
	return Platform{
		Config: c, Databases: databases, PrimaryDatabases: primaryDatabases,
		Replication:        Replication{standbyMetrics, c.StandbyCluster, c.PrimaryRegion},
		ReverseReplication: Replication{primaryMetrics, c.PrimaryCluster, c.StandbyRegion},
		Table:              Table{c.Table, dynamodb.NewFromConfig(standbyConfig)},
		Mode:               Mode{ssm.NewFromConfig(standbyConfig), c.ModeParameter},
		PrimaryMode:        Mode{ssm.NewFromConfig(primaryConfig), c.ModeParameter},
		Topic:              Topic{sns.NewFromConfig(standbyConfig), c.StandbyTopicARN},
		PrimaryTopic:       Topic{sns.NewFromConfig(primaryConfig), c.PrimaryTopicARN},
		Metrics:            MetricPublisher{standbyMetrics, c.MetricNamespace, c.Environment},
		PrimaryMetrics:     MetricPublisher{primaryMetrics, c.MetricNamespace, c.Environment},
		Alarms:             Alarms{standbyMetrics},
		Application:        Application{lambda.NewFromConfig(slowCall.configFor(a.base, c.StandbyRegion)), c.StandbyFunction},
		Documents:          Documents{s3.NewFromConfig(standbyConfig), c.StandbyDocumentsBucket},
		PrimaryDocuments:   Documents{s3.NewFromConfig(primaryConfig), c.PrimaryDocumentsBucket},
		StandbyQuotas:      Quotas{servicequotas.NewFromConfig(standbyConfig)},
		PrimaryQuotas:      Quotas{servicequotas.NewFromConfig(primaryConfig)},
		RestoreTests: RestoreTests{
			backup.NewFromConfig(standbyConfig), rds.NewFromConfig(standbyConfig), s3.NewFromConfig(standbyConfig),
		},
	}
}
