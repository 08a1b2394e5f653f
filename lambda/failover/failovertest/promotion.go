package failovertest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"warmstandby/lambda/failover/globaldb"
	"warmstandby/lambda/failover/promotion"
)

// ErrKilled ends a run of a promotion.
var ErrKilled = errors.New("killed")

// cloudDuration is how long every operation of RDS takes.
const cloudDuration = 30 * time.Second

// Cloud is RDS in both regions, as a promotion needs it. Every operation takes some time, and RDS refuses what it refuses.
type Cloud struct {
	Clusters map[string]*CloudCluster
	// Snapshots are the snapshots' data, by name.
	Snapshots map[string]*CloudSnapshot
	// Members are the ARNs of the global database's, the writer first; Missing says that there is no global database.
	Members []string
	Missing bool
	// Data is what each cluster has.
	Data map[string]string
	// Calls are the changes. After the one of the number KillAt the run is killed; 0 is never.
	Calls  []string
	KillAt int
	// Denied are what is refused: snapshot, say.
	Denied map[string]error

	busy time.Time // until when the global database is being modified
	arns map[string]string
}

// CloudCluster is a cluster of a Cloud, with its instances, of which each has a time of its creation and of its removal.
type CloudCluster struct {
	Created, Deleted time.Time
	Instances        map[string]*[2]time.Time
	RestoredTo       string
}

// CloudSnapshot is a snapshot of a Cloud.
type CloudSnapshot struct {
	Created time.Time
	Data    string
}

// CloudNames are the clusters of a Cloud, with their ARNs and their instances, and the copy that was restored to a time.
type CloudNames struct {
	Primary, Standby, Copy          string
	PrimaryARN, StandbyARN          string
	PrimaryInstance, RestoredTo     string
	StandbyInstance, CopiesInstance string
}

// NewCloud has two clusters with damaged data in a global database, and a copy with good ones.
func NewCloud(n CloudNames) *Cloud {
	old := time.Now().Add(-time.Hour)
	made := func(restoredTo, instance string) *CloudCluster {
		return &CloudCluster{Created: old, Instances: map[string]*[2]time.Time{instance: {old}}, RestoredTo: restoredTo}
	}
	return &Cloud{
		Clusters: map[string]*CloudCluster{
			n.Primary: made("", n.PrimaryInstance), n.Standby: made("", n.StandbyInstance), n.Copy: made(n.RestoredTo, n.CopiesInstance),
		},
		Snapshots: map[string]*CloudSnapshot{}, Members: []string{n.PrimaryARN, n.StandbyARN}, Denied: map[string]error{},
		Data: map[string]string{n.Primary: "damaged", n.Standby: "damaged", n.Copy: "good"},
		arns: map[string]string{n.Primary: n.PrimaryARN, n.Standby: n.StandbyARN},
	}
}

// newSimulationCloud has the clusters of [Config].
func newSimulationCloud() *Cloud {
	c := Config()
	return NewCloud(CloudNames{
		Primary: c.PrimaryCluster, Standby: c.StandbyCluster, Copy: "aurora-records-restored-primary-" + c.Environment,
		PrimaryARN: c.PrimaryClusterARN, StandbyARN: c.StandbyClusterARN, PrimaryInstance: "one", StandbyInstance: "another",
		CopiesInstance: "copy", RestoredTo: "1999-12-31T23:00:00Z",
	})
}

// call notes a change and kills the run after it.
func (c *Cloud) call(format string, values ...any) error {
	c.Calls = append(c.Calls, fmt.Sprintf(format, values...))
	if c.KillAt > 0 && len(c.Calls) == c.KillAt {
		return ErrKilled
	}
	return nil
}

func refused(format string, values ...any) error {
	return globaldb.Refusal{Code: "InvalidState", Message: fmt.Sprintf(format, values...)}
}

func cloudStatus(made, removed time.Time) string {
	switch {
	case !removed.IsZero():
		return "deleting"
	case time.Since(made) < cloudDuration:
		return "creating"
	}
	return "available"
}

// Find returns a cluster, nil when there is none.
func (c *Cloud) Find(name string) *CloudCluster {
	one := c.Clusters[name]
	if one == nil || !one.Deleted.IsZero() && time.Since(one.Deleted) >= cloudDuration {
		return nil
	}
	return one
}

// Describe implements promotion.Database.
func (c *Cloud) Describe(_ context.Context, name string) (promotion.Cluster, error) {
	one := c.Find(name)
	if one == nil {
		return promotion.Cluster{}, globaldb.ErrNotFound
	}
	found := promotion.Cluster{Created: one.Created}
	found.Identifier, found.Status, found.RestoredTo = name, cloudStatus(one.Created, one.Deleted), one.RestoredTo
	for id, times := range one.Instances {
		if times[1].IsZero() || time.Since(times[1]) < cloudDuration {
			found.Instances = append(found.Instances, globaldb.Instance{Identifier: id, Status: cloudStatus(times[0], times[1])})
		}
	}
	return found, nil
}

// Snapshot implements promotion.Database.
func (c *Cloud) Snapshot(_ context.Context, name string) (promotion.Snapshot, error) {
	one := c.Snapshots[name]
	if one == nil {
		return promotion.Snapshot{}, globaldb.ErrNotFound
	}
	return promotion.Snapshot{Status: cloudStatus(one.Created, time.Time{}), Created: one.Created}, nil
}

// TakeSnapshot implements promotion.Database.
func (c *Cloud) TakeSnapshot(_ context.Context, of, name string) error {
	if err := c.Denied["snapshot"]; err != nil {
		return err
	}
	if c.Snapshots[name] != nil {
		return refused("there is snapshot %s", name)
	}
	c.Snapshots[name] = &CloudSnapshot{time.Now(), c.Data[of]}
	return c.call("snapshot of %s", of)
}

// Clone implements promotion.Database.
func (c *Cloud) Clone(_ context.Context, source, name string) error {
	if c.Find(name) != nil {
		return refused("%s exists", name)
	}
	c.Clusters[name] = &CloudCluster{Created: time.Now(), Instances: map[string]*[2]time.Time{}}
	c.Data[name] = c.Data[source]
	return c.call("clone of %s as %s", source, name)
}

// AddInstance implements promotion.Database.
func (c *Cloud) AddInstance(_ context.Context, _, name, id string) error {
	for _, one := range c.Clusters {
		if times := one.Instances[id]; times != nil && (times[1].IsZero() || time.Since(times[1]) < cloudDuration) {
			return refused("instance %s exists", id)
		}
	}
	c.Clusters[name].Instances[id] = &[2]time.Time{time.Now()}
	return c.call("instance %s", id)
}

// RemoveInstance implements promotion.Database.
func (c *Cloud) RemoveInstance(_ context.Context, id string) error {
	for _, one := range c.Clusters {
		if times := one.Instances[id]; times != nil {
			times[1] = time.Now()
		}
	}
	return c.call("remove %s", id)
}

// Remove implements promotion.Database.
func (c *Cloud) Remove(_ context.Context, name string) error {
	if slices.Contains(c.Members, c.arns[name]) {
		return refused("%s is a member", name)
	}
	c.Clusters[name].Deleted = time.Now()
	return c.call("remove %s", name)
}

// Global implements promotion.Globals.
func (c *Cloud) Global(context.Context) (globaldb.Global, error) {
	if c.Missing {
		return globaldb.Global{}, globaldb.ErrNotFound
	}
	g := globaldb.Global{Status: "available"}
	if time.Now().Before(c.busy) {
		g.Status = "modifying"
	}
	for i, arn := range c.Members {
		g.Members = append(g.Members, globaldb.Member{ARN: arn, Writer: i == 0})
	}
	return g, nil
}

// Detach implements promotion.Globals.
func (c *Cloud) Detach(_ context.Context, arn string) error {
	if arn == c.Members[0] && len(c.Members) > 1 || time.Now().Before(c.busy) {
		return refused("others follow it")
	}
	c.Members, c.busy = slices.DeleteFunc(c.Members, func(one string) bool { return one == arn }), time.Now().Add(cloudDuration)
	return c.call("detach %s", arn)
}

// Delete implements promotion.Globals.
func (c *Cloud) Delete(context.Context) error {
	if len(c.Members) > 0 || time.Now().Before(c.busy) {
		return refused("it has members")
	}
	c.Missing = true
	return c.call("delete global")
}

// Create implements promotion.Globals.
func (c *Cloud) Create(_ context.Context, arn string) error {
	c.Missing, c.Members, c.busy = false, []string{arn}, time.Now().Add(cloudDuration)
	return c.call("create global of %s", arn)
}
