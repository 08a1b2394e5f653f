package promotion

import (
	"context"
	"errors"
	"fmt"
	"time"

	"warmstandby/lambda/failover/globaldb"
)

// removeOldClusters removes the old clusters; the primary's data stay as a snapshot.
func (p Promotion) removeOldClusters(ctx context.Context, s state) error {
	if s.there {
		if err := p.keep(ctx, s); err != nil {
			return err
		}
	}
	if s.globalThere {
		// The secondary goes first: RDS keeps a primary that others follow.
		for _, one := range [...]struct{ cluster, arn string }{
			{p.StandbyCluster, p.StandbyClusterARN}, {p.PrimaryCluster, p.PrimaryClusterARN},
		} {
			if err := p.detach(ctx, one.cluster, one.arn); err != nil {
				return err
			}
		}
		p.Progress("deleting the global database, which has no members")
		if err := p.Globals.Delete(ctx); err != nil && !errors.Is(err, globaldb.ErrNotFound) {
			return err
		}
		if err := p.await(ctx, "the global database is gone", func() (bool, error) {
			_, err := p.Globals.Global(ctx)
			if errors.Is(err, globaldb.ErrNotFound) {
				return true, nil
			}
			return false, err
		}); err != nil {
			return err
		}
	}
	if err := p.remove(ctx, p.Standby, p.StandbyCluster); err != nil {
		return err
	}
	return p.remove(ctx, p.Primary, p.PrimaryCluster)
}

// keep takes the snapshot of the old primary and waits for it: nothing is removed before.
func (p Promotion) keep(ctx context.Context, s state) error {
	if s.snapshot.Status == "" {
		p.Progress("taking snapshot %s of DB cluster %s, which has what was written since", s.names.snapshot, p.PrimaryCluster)
		if err := p.Primary.TakeSnapshot(ctx, p.PrimaryCluster, s.names.snapshot); err != nil {
			return fmt.Errorf("taking snapshot %s: %w", s.names.snapshot, err)
		}
	}
	return p.await(ctx, "snapshot "+s.names.snapshot+" is available", func() (bool, error) {
		found, err := p.Primary.Snapshot(ctx, s.names.snapshot)
		if err == nil && found.Status == "failed" {
			err = fmt.Errorf("snapshot %s has failed: delete it and run this again", s.names.snapshot)
		}
		return found.Status == available, err
	})
}

// detach takes a cluster out of the global database, unless it is out.
func (p Promotion) detach(ctx context.Context, cluster, arn string) error {
	return p.await(ctx, "DB cluster "+cluster+" has left the global database", func() (bool, error) {
		global, err := p.Globals.Global(ctx)
		if errors.Is(err, globaldb.ErrNotFound) {
			return true, nil
		}
		if err != nil {
			return false, err
		}
		if global.Status != available {
			return false, nil // RDS is still at work
		}
		if _, member := global.Member(arn); !member {
			return true, nil
		}
		p.Progress("detaching DB cluster %s", cluster)
		return false, p.Globals.Detach(ctx, arn)
	})
}

// remove removes a cluster with its instances, unless it is gone, and waits until it is.
func (p Promotion) remove(ctx context.Context, database Database, cluster string) error {
	asked := map[string]bool{}
	return p.await(ctx, "DB cluster "+cluster+" is gone", func() (bool, error) {
		found, there, err := describe(ctx, database, cluster)
		if err != nil || !there {
			return err == nil, err
		}
		for _, one := range found.Instances {
			if !asked[one.Identifier] && one.Status != "deleting" {
				p.Progress("removing instance %s", one.Identifier)
				if err := database.RemoveInstance(ctx, one.Identifier); err != nil {
					return false, fmt.Errorf("removing instance %s: %w", one.Identifier, err)
				}
				asked[one.Identifier] = true
			}
		}
		if len(found.Instances) == 0 && !asked[cluster] && found.Status != "deleting" {
			p.Progress("removing DB cluster %s", cluster)
			if err := database.Remove(ctx, cluster); err != nil && !errors.Is(err, globaldb.ErrNotFound) {
				return false, fmt.Errorf("removing DB cluster %s: %w", cluster, err)
			}
			asked[cluster] = true
		}
		return false, nil
	})
}

// makePrimary clones the copy under the primary's name and makes the global database of it.
func (p Promotion) makePrimary(ctx context.Context, n names) error {
	asked := map[string]bool{}
	if err := p.await(ctx, "DB cluster "+p.PrimaryCluster+" serves", func() (bool, error) {
		found, there, err := describe(ctx, p.Primary, p.PrimaryCluster)
		if err != nil {
			return false, err
		}
		if !there {
			p.Progress("cloning DB cluster %s as %s", n.copy, p.PrimaryCluster)
			return false, p.Primary.Clone(ctx, n.copy, p.PrimaryCluster)
		}
		if found.Status != available {
			return false, nil
		}
		for _, one := range found.Instances {
			if one.Identifier == n.instance {
				return one.Status == available, nil
			}
		}
		if asked[n.instance] {
			return false, nil
		}
		asked[n.instance] = true
		p.Progress("adding instance %s", n.instance)
		return false, p.Primary.AddInstance(ctx, n.copy, p.PrimaryCluster, n.instance)
	}); err != nil {
		return err
	}
	return p.await(ctx, "the global database has its primary", func() (bool, error) {
		global, err := p.Globals.Global(ctx)
		if errors.Is(err, globaldb.ErrNotFound) {
			p.Progress("making the global database of DB cluster %s", p.PrimaryCluster)
			return false, p.Globals.Create(ctx, p.PrimaryClusterARN)
		}
		return err == nil && global.Status == available && global.WriterIs(p.PrimaryClusterARN), err
	})
}

// await repeats a step until it is done.
func (p Promotion) await(ctx context.Context, what string, step func() (done bool, err error)) error {
	for {
		done, err := step()
		if done || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting until %s: %w", what, ctx.Err())
		case <-time.After(p.Wait):
		}
	}
}
