package failovertest

import (
	"context"
	"time"

	"warmstandby/lambda/failover/cli"
	"warmstandby/lambda/failover/documents"
	"warmstandby/lambda/failover/globaldb"
	"warmstandby/lambda/failover/observe"
	"warmstandby/lambda/failover/promotion"
	"warmstandby/lambda/failover/reconciliation"
	"warmstandby/lambda/failover/restore"
	"warmstandby/shared/contract/controller"
)

// Connect implements cli.Connector.
func (sim *Simulation) Connect(ctx context.Context, _, parameter string) (cli.Platform, error) {
	if err := sim.call(ctx, "Connect "+parameter, ""); err != nil {
		return cli.Platform{}, err
	}
	if sim.ConnectFails != nil {
		return cli.Platform{}, sim.ConnectFails
	}
	own := sim.Controller("operator")
	return cli.Platform{
		Config: own.Config, Sources: own.Sources, Store: own.Store, Reports: sim, Mover: own.Mover, Databases: sim, Primary: primary{sim},
		Verify:             func(ctx context.Context) error { return sim.call(ctx, "Verify", "") },
		ReverseReplication: primary{sim}, StandbyMode: mode{sim, ""}, PrimaryMode: mode{sim, "primary"},
		Reconciliation: func(region string) (reconciliation.Databases, reconciliation.Application, error) {
			reconciler := snapshotRestorer{sim, sim.Restoring, region}
			return reconciler, reconciler, nil
		},
		Promotion: promotion.Promotion{
			Primary: sim.Cloud, Standby: sim.Cloud, Globals: sim.Cloud, Environment: own.Config.Environment,
			PrimaryCluster: own.Config.PrimaryCluster, StandbyCluster: own.Config.StandbyCluster,
			PrimaryClusterARN: own.Config.PrimaryClusterARN, StandbyClusterARN: own.Config.StandbyClusterARN,
		},
		Documents: func(region string) (documents.Restorer, error) {
			return documents.Restorer{
				Buckets: [2]documents.Bucket{sim.Buckets[0], sim.Buckets[1]},
				Records: func(ctx context.Context, _ time.Time, ids []string) (found []documents.Record, err error) {
					for _, id := range ids {
						if record, known := sim.Records[id]; known {
							found = append(found, record)
						}
					}
					return found, sim.call(ctx, "Invoke documents", "")
				},
			}, nil
		},
	}, nil
}

// Databases implements cli.Connector.
func (sim *Simulation) Databases(context.Context, string, string, string) (cli.Detacher, cli.Clusters, error) {
	return sim, primary{sim}, nil
}

// Restores implements cli.Connector.
func (sim *Simulation) Restores(_ context.Context, region string) (restore.Database, error) {
	return restores{sim, region}, nil
}

// Detach implements cli.Detacher as RDS does: the writer goes last.
func (sim *Simulation) Detach(ctx context.Context, arn string) error {
	if err := sim.call(ctx, "Detach "+arn, ""); err != nil {
		return err
	}
	last := true
	sim.locked(func() {
		for _, one := range [...]string{East, West} {
			last = last && (one == arn || sim.detached[one])
		}
		if arn != sim.writer || last {
			sim.detached[arn] = true
		}
	})
	if arn == sim.writer && !last {
		return globaldb.Refusal{Code: "InvalidGlobalClusterStateFault", Message: "others follow it"}
	}
	return nil
}

// DeletePrimary deletes the primary region's cluster. The global database may still list it.
func (sim *Simulation) DeletePrimary(listed bool) {
	sim.locked(func() { sim.primaryDeleted, sim.detached[East] = true, !listed })
}

// primary is the primary region.
type primary struct{ *Simulation }

// Cluster implements cli.Clusters.
func (p primary) Cluster(ctx context.Context, _ string) (globaldb.Cluster, error) {
	if err := p.call(ctx, "DescribeDBClusters", "primary"); err != nil {
		return globaldb.Cluster{}, err
	}
	if p.primaryDeleted {
		return globaldb.Cluster{}, globaldb.ErrNotFound
	}
	return p.PrimaryCluster, nil
}

// CommitLimit implements cli.Clusters.
func (p primary) CommitLimit(ctx context.Context, _ string) (globaldb.CommitLimit, error) {
	return p.CommitLimits[East], p.call(ctx, "DescribeDBClusterParameters", "primary")
}

// Replication implements observe.Replication.
func (p primary) Replication(ctx context.Context) (observe.Measurement, error) {
	if err := p.call(ctx, "GetMetricData", "primary"); err != nil {
		return observe.Measurement{}, err
	}
	return observe.Measurement{Known: true, Through: time.Now().Add(-p.ReverseLag), Lag: p.ReverseLag, At: time.Now()}, nil
}

type mode struct {
	*Simulation
	region string
}

// SetMode implements cli.ModeSetter.
func (m mode) SetMode(ctx context.Context, to controller.Mode) error {
	if err := m.call(ctx, "PutParameter", m.region); err != nil {
		return err
	}
	if m.region == "" {
		m.StoredMode = to
	}
	return nil
}
