package world

import (
	"context"
	"time"

	"warmstandby/lambda/failover/aurora"
	"warmstandby/lambda/failover/command"
	"warmstandby/lambda/failover/decision"
	"warmstandby/lambda/failover/evidence"
)

// Connect implements command.Connector.
func (w *World) Connect(ctx context.Context, _, parameter string) (command.Platform, error) {
	if err := w.call(ctx, "Connect "+parameter, ""); err != nil {
		return command.Platform{}, err
	}
	if w.ConnectFails != nil {
		return command.Platform{}, w.ConnectFails
	}
	own := w.Watch("operator")
	return command.Platform{
		Config: own.Config, Sources: own.Sources, Store: own.Store, Reports: w, Mover: own.Mover, Databases: w, Primary: primary{w},
		Verify: func(ctx context.Context) error { return w.call(ctx, "Verify", "") },
		Back:   primary{w}, StandbyMode: mode{w, ""}, PrimaryMode: mode{w, "primary"},
	}, nil
}

// Databases implements command.Connector.
func (w *World) Databases(context.Context, string, string, string) (command.Detacher, command.Clusters, error) {
	return w, primary{w}, nil
}

// Detach implements command.Detacher as RDS does: the writer goes last.
func (w *World) Detach(ctx context.Context, arn string) error {
	if err := w.call(ctx, "Detach "+arn, ""); err != nil {
		return err
	}
	last := true
	w.set(func() {
		for _, one := range [...]string{East, West} {
			last = last && (one == arn || w.gone[one])
		}
		if arn != w.writer || last {
			w.gone[arn] = true
		}
	})
	if arn == w.writer && !last {
		return aurora.Refusal{Code: "InvalidGlobalClusterStateFault", Message: "others follow it"}
	}
	return nil
}

// DeletePrimary makes the primary region's cluster one that RDS does not know, while the global database may still list it.
func (w *World) DeletePrimary(listed bool) {
	w.set(func() { w.deleted, w.gone[East] = true, !listed })
}

// primary is what is asked of the primary region.
type primary struct{ *World }

// Cluster implements command.Clusters.
func (p primary) Cluster(ctx context.Context, _ string) (aurora.Cluster, error) {
	if err := p.call(ctx, "DescribeDBClusters", "primary"); err != nil {
		return aurora.Cluster{}, err
	}
	if p.deleted {
		return aurora.Cluster{}, aurora.ErrNotFound
	}
	return p.PrimaryCluster, nil
}

// Replication implements evidence.Replication.
func (p primary) Replication(ctx context.Context) (evidence.Measurement, error) {
	if err := p.call(ctx, "GetMetricData", "primary"); err != nil {
		return evidence.Measurement{}, err
	}
	return evidence.Measurement{Known: true, Through: time.Now().Add(-p.BackLag), Lag: p.BackLag, At: time.Now()}, nil
}

type mode struct {
	*World
	region string
}

// SetMode implements command.ModeSetter.
func (m mode) SetMode(ctx context.Context, to decision.Mode) error {
	if err := m.call(ctx, "PutParameter", m.region); err != nil {
		return err
	}
	if m.region == "" {
		m.Set = to
	}
	return nil
}
