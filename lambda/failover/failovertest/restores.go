package failovertest

import (
	"context"
	"strings"
	"time"

	"warmstandby/lambda/failover/globaldb"
	"warmstandby/lambda/failover/restore"
)

// RestoreDuration is how long RDS takes to make a restored cluster, an instance, or either go away.
const RestoreDuration = 2 * time.Minute

// restoredCluster is a restored cluster of the simulation. A zero time has not come.
type restoredCluster struct {
	source, to                   string
	made, instanceMade           time.Time
	instance                     string
	instanceRemoved, clusterGone time.Time
}

// SetRestored puts a cluster beside a region's, as if a restore to a time had made it long ago; an empty time leaves out the tag.
func (sim *Simulation) SetRestored(region, name, to string) {
	sim.locked(func() {
		sim.restored[region+"/"+name] = &restoredCluster{to: to, instance: "of-old"}
	})
}

// ForgetRestored takes every restored cluster away.
func (sim *Simulation) ForgetRestored() { sim.locked(func() { clear(sim.restored) }) }

// Restored returns the names of the restored clusters, with their regions in front, and the times that they were restored to.
func (sim *Simulation) Restored() map[string]string {
	found := map[string]string{}
	sim.locked(func() {
		for name, one := range sim.restored {
			if one.clusterGone.IsZero() || time.Now().Before(one.clusterGone) {
				found[name] = one.to
			}
		}
	})
	return found
}

// restores is RDS in one region, as a restore needs it.
type restores struct {
	*Simulation
	region string
}

// role is the region's role as call has it.
func (r restores) role() string {
	if r.region == Config().PrimaryRegion {
		return "primary"
	}
	return ""
}

// status is making until the duration is over, then available.
func statusSince(made time.Time) string {
	if time.Since(made) < RestoreDuration {
		return "creating"
	}
	return "available"
}

// Describe implements restore.Database.
func (r restores) Describe(ctx context.Context, name string) (found restore.Cluster, err error) {
	if err := r.call(ctx, "DescribeRestored", r.role()); err != nil {
		return restore.Cluster{}, err
	}
	if strings.HasSuffix(East, ":"+name) || strings.HasSuffix(West, ":"+name) {
		now := time.Now().UTC()
		found.Cluster, found.Earliest, found.Latest = available(name), now.Add(-r.Retention), now.Add(-time.Second)
		return found, nil
	}
	err = globaldb.ErrNotFound
	r.locked(func() {
		one := r.restored[r.region+"/"+name]
		if one == nil || !one.clusterGone.IsZero() && !time.Now().Before(one.clusterGone) {
			return
		}
		err = nil
		found.Cluster = globaldb.Cluster{Identifier: name, Status: statusSince(one.made)}
		found.RestoredTo, found.Endpoint = one.to, name+".example:5432"
		switch {
		case !one.clusterGone.IsZero():
			found.Status = "deleting"
		case one.instance == "":
		case one.instanceRemoved.IsZero():
			found.Instances = []globaldb.Instance{{Identifier: one.instance, Status: statusSince(one.instanceMade)}}
		case time.Now().Before(one.instanceRemoved):
			found.Instances = []globaldb.Instance{{Identifier: one.instance, Status: "deleting"}}
		}
	})
	return found, err
}

// Restore implements restore.Database as RDS does: a name that is taken is declined.
func (r restores) Restore(ctx context.Context, source, name string, at time.Time) error {
	if err := r.call(ctx, "Restore", r.role()); err != nil {
		return err
	}
	taken := false
	r.locked(func() {
		if taken = r.restored[r.region+"/"+name] != nil; !taken {
			r.restored[r.region+"/"+name] = &restoredCluster{source: source, to: at.Format(restore.TimeFormat), made: time.Now()}
		}
	})
	if taken {
		return globaldb.Refusal{Code: "DBClusterAlreadyExistsFault", Message: "it exists"}
	}
	return r.crash.step(ctx, "after Restore")
}

// AddInstance implements restore.Database.
func (r restores) AddInstance(ctx context.Context, _, cluster, instance string) error {
	if err := r.call(ctx, "AddInstance", r.role()); err != nil {
		return err
	}
	r.locked(func() {
		one := r.restored[r.region+"/"+cluster]
		one.instance, one.instanceMade = instance, time.Now()
	})
	return r.crash.step(ctx, "after AddInstance")
}

// RemoveInstance implements restore.Database.
func (r restores) RemoveInstance(ctx context.Context, instance string) error {
	if err := r.call(ctx, "RemoveInstance", r.role()); err != nil {
		return err
	}
	r.locked(func() {
		for _, one := range r.restored {
			if one.instance == instance {
				one.instanceRemoved = time.Now().Add(RestoreDuration)
			}
		}
	})
	return nil
}

// Remove implements restore.Database as RDS does: a cluster with instances is not deleted.
func (r restores) Remove(ctx context.Context, cluster string) error {
	if err := r.call(ctx, "Remove", r.role()); err != nil {
		return err
	}
	busy := false
	r.locked(func() {
		one := r.restored[r.region+"/"+cluster]
		busy = one.instance != "" && (one.instanceRemoved.IsZero() || time.Now().Before(one.instanceRemoved))
		if !busy {
			one.clusterGone = time.Now().Add(RestoreDuration)
		}
	})
	if busy {
		return globaldb.Refusal{Code: "InvalidDBClusterStateFault", Message: "it has instances"}
	}
	return nil
}
