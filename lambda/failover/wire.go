package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"warmstandby/lambda/failover/cloud"
	"warmstandby/lambda/failover/command"
	"warmstandby/lambda/failover/evidence"
	"warmstandby/lambda/failover/move"
	"warmstandby/lambda/failover/notice"
	"warmstandby/lambda/failover/readiness"
	"warmstandby/lambda/failover/watch"
)

func sources(p cloud.Platform) evidence.Sources {
	return evidence.Sources{
		Databases: p.Databases, Replication: p.Replication, Heartbeats: p.Table, Modes: p.Mode, Prober: evidence.NewHTTP(),
	}
}

func board(p cloud.Platform, log *slog.Logger) notice.Board {
	return notice.Topics{Standby: p.Topic, Primary: p.PrimaryTopic, Log: log}
}

func mover(p cloud.Platform, log *slog.Logger) move.Mover {
	return move.Mover{Database: p.Databases, Board: board(p, log), Notices: notice.Writer{Config: p.Config}, Log: log}
}

func watching(p cloud.Platform, log *slog.Logger, owner string) watch.Watch {
	return watch.Watch{
		Config: p.Config, Sources: sources(p), Store: p.Table, Reports: p.Table, Mover: mover(p, log), Board: board(p, log),
		Standby: p.Gauge, Primary: p.PrimaryGauge, Documents: p.PrimaryDocuments, Log: log, Owner: owner,
	}
}

func validation(p cloud.Platform, log *slog.Logger) readiness.Validation {
	return readiness.Validation{
		Config: p.Config, Sources: sources(p), Application: p.Application, Documents: p.Documents, Alarms: p.Alarms,
		Store: p.Table, Board: board(p, log), Log: log,
	}
}

// connector is the command line's way into AWS.
type connector struct{}

// Connect implements command.Connector.
func (connector) Connect(ctx context.Context, region, parameter string) (command.Platform, error) {
	account, err := cloud.Open(ctx, region)
	if err != nil {
		return command.Platform{}, err
	}
	c, err := account.Configuration(ctx, parameter)
	if errors.Is(err, cloud.ErrNoParameter) {
		err = fmt.Errorf("%w: %w", command.ErrNotDeployed, err)
	}
	if err != nil {
		return command.Platform{}, err
	}
	p := account.Platform(c)
	quiet := slog.New(slog.DiscardHandler) // the answer says what an operator must know
	return command.Platform{
		Config: c, Sources: sources(p), Store: p.Table, Reports: p.Table, Verify: p.Application.Verify, Mover: mover(p, quiet),
		Databases: p.Databases, Primary: p.PrimaryDatabases, Back: p.Back, StandbyMode: p.Mode, PrimaryMode: p.PrimaryMode,
	}, nil
}

// Databases implements command.Connector.
func (connector) Databases(ctx context.Context, region, globalCluster, primaryRegion string) (command.Detacher, command.Clusters, error) {
	account, err := cloud.Open(ctx, region)
	if err != nil {
		return nil, nil, err
	}
	standby, primary := account.Databases(globalCluster, primaryRegion)
	return standby, primary, nil
}
