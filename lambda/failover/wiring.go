package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"warmstandby/lambda/failover/audit"
	"warmstandby/lambda/failover/awsclient"
	"warmstandby/lambda/failover/certificate"
	"warmstandby/lambda/failover/cli"
	"warmstandby/lambda/failover/controlloop"
	"warmstandby/lambda/failover/documents"
	"warmstandby/lambda/failover/move"
	"warmstandby/lambda/failover/nameserver"
	"warmstandby/lambda/failover/notice"
	"warmstandby/lambda/failover/observe"
	"warmstandby/lambda/failover/readiness"
	"warmstandby/lambda/failover/reconciliation"
	"warmstandby/lambda/failover/restore"
	"warmstandby/lambda/failover/restoretest"
)

func newSources(p awsclient.Platform) observe.Sources {
	return observe.Sources{
		Databases: p.Databases, Replication: p.Replication, Heartbeats: p.Table, Modes: p.Mode, Prober: observe.NewHTTPProber(),
		Router: nameserver.FromEnvironment(p.Config, os.Getenv),
	}
}

func newNotifier(p awsclient.Platform, log *slog.Logger) notice.Notifier {
	return notice.TopicNotifier{Standby: audit.Topic(p.Topic, log), Primary: p.PrimaryTopic, Log: log}
}

func newMover(p awsclient.Platform, log *slog.Logger) move.Mover {
	return move.Mover{
		Database: audit.Database(p.Databases, log), Notifier: newNotifier(p, log), Composer: notice.Composer{Config: p.Config}, Log: log,
	}
}

func newController(p awsclient.Platform, log *slog.Logger, owner string) controlloop.Controller {
	return controlloop.Controller{
		Config: p.Config, Sources: newSources(p), Store: audit.Store(p.Table, log), Reports: p.Table,
		Mover: newMover(p, log), Notifier: newNotifier(p, log),
		StandbyMetrics: p.Metrics, PrimaryMetrics: p.PrimaryMetrics, Documents: p.PrimaryDocuments, Log: log, Owner: owner,
	}
}

func newValidator(p awsclient.Platform, log *slog.Logger) readiness.Validator {
	return readiness.Validator{
		Config: p.Config, Sources: newSources(p), Application: p.Application, Documents: p.Documents, Alarms: p.Alarms,
		PrimaryQuotas: p.PrimaryQuotas, StandbyQuotas: p.StandbyQuotas, PrimaryClusters: p.PrimaryDatabases,
		Certificates: certificate.Presenter{},
		Store:        p.Table, Notifier: newNotifier(p, log), Log: log,
	}
}

func newRestoreValidator(p awsclient.Platform, log *slog.Logger) restoretest.Validator {
	return restoretest.Validator{
		Restored: p.RestoreTests, Reporter: p.RestoreTests, Notifier: newNotifier(p, log),
		Composer: notice.Composer{Config: p.Config}, Log: log,
	}
}

// connector implements cli.Connector with AWS's clients.
type connector struct{}

// openAccount opens an operator's account, and says so in one line where there are no credentials.
func openAccount(ctx context.Context, region string) (awsclient.Account, error) {
	account, err := awsclient.Open(ctx, region)
	if err != nil {
		return account, err
	}
	return account, account.CheckCredentials(ctx)
}

// Connect implements cli.Connector.
func (connector) Connect(ctx context.Context, region, parameter string) (cli.Platform, error) {
	account, err := openAccount(ctx, region)
	if err != nil {
		return cli.Platform{}, err
	}
	c, err := account.Configuration(ctx, parameter)
	if errors.Is(err, awsclient.ErrNoParameter) {
		err = fmt.Errorf("%w: %w", cli.ErrNotDeployed, err)
	}
	if err != nil {
		return cli.Platform{}, err
	}
	p := account.Platform(c)
	quiet := slog.New(slog.DiscardHandler) // the answer says what an operator must know
	return cli.Platform{
		Config:             c,
		Sources:            newSources(p),
		Store:              p.Table,
		Reports:            p.Table,
		Verify:             p.Application.Verify,
		Mover:              newMover(p, quiet),
		Databases:          p.Databases,
		Primary:            p.PrimaryDatabases,
		ReverseReplication: p.ReverseReplication,
		StandbyMode:        p.Mode,
		PrimaryMode:        p.PrimaryMode,
		Reconciliation: func(region string) (reconciliation.Databases, reconciliation.Application, error) {
			return account.Reconciliation(c, region)
		},
		Promotion: account.Promotion(c),
		Documents: func(region string) (documents.Restorer, error) { return account.Documents(c, region) },
	}, nil
}

// Databases implements cli.Connector.
func (connector) Databases(ctx context.Context, region, globalCluster, primaryRegion string) (cli.Detacher, cli.Clusters, error) {
	account, err := openAccount(ctx, region)
	if err != nil {
		return nil, nil, err
	}
	standby, primary := account.Databases(globalCluster, primaryRegion)
	return standby, primary, nil
}

// Restores implements cli.Connector.
func (connector) Restores(ctx context.Context, region string) (restore.Database, error) {
	account, err := openAccount(ctx, region)
	if err != nil {
		return nil, err
	}
	return account.RestoreDatabase(region), nil
}
