package cloud

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"warmstandby/lambda/failover/config"
)

// Account is the way into AWS, by the credentials of the environment.
type Account struct {
	base   aws.Config
	region string
}

// Open finds the credentials for the standby region. It calls nothing.
func Open(ctx context.Context, standbyRegion string) (Account, error) {
	base, err := load(ctx, standbyRegion)
	return Account{base, standbyRegion}, err
}

// Configuration reads the controller's configuration from a parameter of the standby region. The error wraps ErrNoParameter
// when nothing is deployed.
func (a Account) Configuration(ctx context.Context, parameter string) (config.Config, error) {
	text, err := read(ctx, ssm.NewFromConfig(usual.in(a.base, a.region)), parameter)
	if err != nil {
		return config.Config{}, err
	}
	return config.Parse(text)
}

// Databases returns RDS of the standby region and of the primary, speaking of one global database.
func (a Account) Databases(globalCluster, primaryRegion string) (standby, primary Databases) {
	here, there := rds.NewFromConfig(usual.in(a.base, a.region)), rds.NewFromConfig(once.in(a.base, primaryRegion))
	return Databases{globalCluster, here, rds.NewFromConfig(long.in(a.base, a.region)), there},
		Databases{globalCluster, there, there, nil}
}

// Platform is all that the controller asks of AWS.
type Platform struct {
	Config config.Config

	Databases        Databases
	PrimaryDatabases Databases
	Replication      Replication
	// Back is replication to the primary region, while the writer is in the standby.
	Back         Replication
	Table        Table
	Mode         Mode
	PrimaryMode  Mode
	Topic        Topic
	PrimaryTopic Topic
	Gauge        Gauge
	PrimaryGauge Gauge
	Alarms       Alarms
	Application  Application
	// Documents is the bucket that the probe document arrives in, PrimaryDocuments the one that it is put into.
	Documents        Documents
	PrimaryDocuments Documents
}

// Platform returns the clients of a configuration.
func (a Account) Platform(c config.Config) Platform {
	here, there := usual.in(a.base, c.StandbyRegion), once.in(a.base, c.PrimaryRegion)
	metricsHere, metricsThere := cloudwatch.NewFromConfig(here), cloudwatch.NewFromConfig(there)
	databases, primaryDatabases := a.Databases(c.GlobalCluster, c.PrimaryRegion)
	return Platform{
		Config: c, Databases: databases, PrimaryDatabases: primaryDatabases,
		Replication:      Replication{metricsHere, c.StandbyCluster, c.PrimaryRegion},
		Back:             Replication{metricsThere, c.PrimaryCluster, c.StandbyRegion},
		Table:            Table{c.Table, dynamodb.NewFromConfig(here)},
		Mode:             Mode{ssm.NewFromConfig(here), c.ModeParameter},
		PrimaryMode:      Mode{ssm.NewFromConfig(there), c.ModeParameter},
		Topic:            Topic{sns.NewFromConfig(here), c.StandbyTopicARN},
		PrimaryTopic:     Topic{sns.NewFromConfig(there), c.PrimaryTopicARN},
		Gauge:            Gauge{metricsHere, c.MetricNamespace, c.Environment},
		PrimaryGauge:     Gauge{metricsThere, c.MetricNamespace, c.Environment},
		Alarms:           Alarms{metricsHere},
		Application:      Application{lambda.NewFromConfig(long.in(a.base, c.StandbyRegion)), c.StandbyFunction},
		Documents:        Documents{s3.NewFromConfig(here), c.StandbyDocumentsBucket},
		PrimaryDocuments: Documents{s3.NewFromConfig(there), c.PrimaryDocumentsBucket},
	}
}
