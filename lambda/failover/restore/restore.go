// Package restore makes a DB cluster with the data that the global database had at an earlier time (point-in-time recovery). The cluster
// that runs is not touched. `make restore` calls the package. Nothing is written back: that is package reconciliation, after a
// failover with data loss. Package restoretest checks what AWS Backup has restored.
//
// RDS restores into a new cluster (Amazon Aurora User Guide, "Restoring a DB cluster to a specified time"). The restored cluster has a
// name of its own, so that a second restore finds the first, and a tag with the time that it was restored to, so that a command
// that was broken off goes on where it was.
package restore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"warmstandby/lambda/failover/globaldb"
	"warmstandby/shared/naming"
)

// TimeTag is the tag of a restored cluster: the time whose data it has, in [TimeFormat].
const TimeTag = "RestoredTo"

// TimeFormat is the form in which times are tagged and printed, in UTC.
const TimeFormat = time.RFC3339

// Cluster is a DB cluster with its restore window, tag and endpoint.
type Cluster struct {
	globaldb.Cluster
	// Earliest and Latest are the window of times to which it can be restored.
	Earliest, Latest time.Time
	// RestoredTo is the value of [TimeTag], empty for a cluster that was not restored.
	RestoredTo string
	// Endpoint is host and port.
	Endpoint string
}

// Database is RDS in one region. Its errors wrap [globaldb.ErrNotFound] and are a [globaldb.Refusal] where RDS declines.
type Database interface {
	Describe(ctx context.Context, cluster string) (Cluster, error)
	// Restore makes a cluster of that name with the data that source had at a time, in source's network, with its encryption, groups
	// and tags.
	Restore(ctx context.Context, source, cluster string, at time.Time) error
	// AddInstance adds an instance as source has.
	AddInstance(ctx context.Context, source, cluster, instance string) error
	RemoveInstance(ctx context.Context, instance string) error
	Remove(ctx context.Context, cluster string) error
}

// ClusterName returns the name of an environment's restored cluster in the region of that role.
func ClusterName(environment string, role naming.Role) (string, error) {
	return name(environment, naming.DatabaseCluster, purpose, string(role))
}

// InstanceName returns the name of the restored cluster's instance.
func InstanceName(environment string, role naming.Role) (string, error) {
	return name(environment, naming.DatabaseInstance, purpose, string(role), "1")
}

// purpose is the purpose in both names. The role follows it, so that a sweep finds the environment's resources by name.
const purpose = "records-restored"

func name(environment string, kind naming.Kind, purposes ...string) (string, error) {
	namer, err := naming.New(environment)
	if err != nil {
		return "", err
	}
	return namer.Name(kind, purposes...)
}

// Latest is the text by which an operator asks for the latest time of the window.
const Latest = "latest"

// ParseTime reads the time that an operator types: RFC 3339, or date and time in UTC. [Latest] is the zero time.
func ParseTime(text string) (time.Time, error) {
	if text == Latest {
		return time.Time{}, nil
	}
	for _, form := range []string{time.RFC3339Nano, "2006-01-02 15:04:05", "2006-01-02T15:04:05"} {
		if at, err := time.Parse(form, text); err == nil {
			return at.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("reading the time %q: want UTC as 2026-03-01T12:02:00Z, or %s", text, Latest)
}

// Refusal is why a restore is not begun. Nothing has changed.
type Refusal struct {
	Reason string
	// Exists says that the reason is a restored cluster of another time, which can be removed.
	Exists bool
}

// Error implements error.
func (r Refusal) Error() string { return r.Reason }

// Restorer restores one environment's cluster.
type Restorer struct {
	Database    Database
	Environment string
	Role        naming.Role // of the region
	Source      string      // the cluster of the writer
	// Wait is the pause between two descriptions of a cluster.
	Wait     time.Duration
	Progress func(format string, values ...any)
}

// Run makes the restored cluster with the data of a time, the zero time for the latest possible, and returns it when it has an
// instance that serves. Run again with the same time, it goes on with what it finds.
func (r Restorer) Run(ctx context.Context, at time.Time) (Cluster, error) {
	cluster, instance, err := r.names()
	if err != nil {
		return Cluster{}, err
	}
	source, err := r.Database.Describe(ctx, r.Source)
	if err != nil {
		return Cluster{}, fmt.Errorf("describing DB cluster %s: %w", r.Source, err)
	}
	found, err := r.Database.Describe(ctx, cluster)
	switch {
	case errors.Is(err, globaldb.ErrNotFound):
		if at, err = chooseTime(source, at); err != nil {
			return Cluster{}, err
		}
		r.Progress("restoring DB cluster %s to %s as %s", r.Source, at.Format(TimeFormat), cluster)
		if err := r.Database.Restore(ctx, r.Source, cluster, at); err != nil {
			return Cluster{}, fmt.Errorf("restoring DB cluster %s: %w", r.Source, err)
		}
	case err != nil:
		return Cluster{}, fmt.Errorf("describing DB cluster %s: %w", cluster, err)
	case found.RestoredTo == "":
		return Cluster{}, Refusal{Reason: fmt.Sprintf("DB cluster %s exists and is not tagged as restored", cluster)}
	case !at.IsZero() && found.RestoredTo != at.Format(TimeFormat):
		return Cluster{}, Refusal{
			Reason: fmt.Sprintf("DB cluster %s exists and has the data of %s: remove it first", cluster, found.RestoredTo), Exists: true,
		}
	}
	return r.complete(ctx, cluster, instance)
}

// RestoredTo returns the time whose data the restored cluster has.
func (r Restorer) RestoredTo(ctx context.Context) (time.Time, error) {
	cluster, _, err := r.names()
	if err != nil {
		return time.Time{}, err
	}
	found, err := r.Database.Describe(ctx, cluster)
	switch {
	case errors.Is(err, globaldb.ErrNotFound):
		return time.Time{}, Refusal{Reason: fmt.Sprintf("there is no DB cluster %s, whose time says which documents are meant", cluster)}
	case err != nil:
		return time.Time{}, fmt.Errorf("describing DB cluster %s: %w", cluster, err)
	case found.RestoredTo == "":
		return time.Time{}, Refusal{Reason: fmt.Sprintf("DB cluster %s exists and is not tagged as restored", cluster)}
	}
	at, err := time.Parse(TimeFormat, found.RestoredTo)
	if err != nil {
		return time.Time{}, fmt.Errorf("reading the tag %s of DB cluster %s: %w", TimeTag, cluster, err)
	}
	return at, nil
}

func (r Restorer) names() (cluster, instance string, err error) {
	if cluster, err = ClusterName(r.Environment, r.Role); err != nil {
		return "", "", err
	}
	instance, err = InstanceName(r.Environment, r.Role)
	return cluster, instance, err
}

// chooseTime returns the time to restore to, in whole seconds: the precision of RDS's window and of the tag.
func chooseTime(source Cluster, at time.Time) (time.Time, error) {
	if at.IsZero() {
		at = source.Latest.Truncate(time.Second)
	}
	if source.Earliest.IsZero() || at.Before(source.Earliest) || at.After(source.Latest) {
		return at, Refusal{Reason: fmt.Sprintf("DB cluster %s can be restored to a time from %s to %s, not to %s", source.Identifier,
			source.Earliest.UTC().Format(TimeFormat), source.Latest.UTC().Format(TimeFormat), at.Format(TimeFormat))}
	}
	return at, nil
}

// complete waits until the restored cluster is available, adds an instance unless there is one, and waits until the instance is available.
func (r Restorer) complete(ctx context.Context, cluster, instance string) (Cluster, error) {
	if _, err := r.await(ctx, cluster, func(c Cluster) bool { return c.Status == available }); err != nil {
		return Cluster{}, err
	}
	hasInstance := func(c Cluster) bool {
		return slices.ContainsFunc(c.Instances, func(i globaldb.Instance) bool { return i.Identifier == instance })
	}
	found, err := r.Database.Describe(ctx, cluster)
	if err != nil {
		return Cluster{}, fmt.Errorf("describing DB cluster %s: %w", cluster, err)
	}
	if !hasInstance(found) {
		r.Progress("adding instance %s", instance)
		if err := r.Database.AddInstance(ctx, r.Source, cluster, instance); err != nil {
			return Cluster{}, fmt.Errorf("adding an instance to DB cluster %s: %w", cluster, err)
		}
	}
	return r.await(ctx, cluster, func(c Cluster) bool {
		return c.Status == available && slices.ContainsFunc(c.Instances, func(i globaldb.Instance) bool {
			return i.Identifier == instance && i.Status == available
		})
	})
}

// available is the status in which a cluster or an instance serves and can be changed. AWS: Amazon Aurora User Guide, "Viewing DB
// cluster status".
const available = "available"

// failedStatuses are those that a restoring cluster does not leave by itself. AWS: Amazon Aurora User Guide, "Viewing DB cluster status".
var failedStatuses = []string{"failed", "incompatible-restore", "incompatible-network", "inaccessible-encryption-credentials", "deleting"}

// await describes a cluster until a condition holds. It returns an error when the restore has failed or the context ends.
func (r Restorer) await(ctx context.Context, cluster string, holds func(Cluster) bool) (Cluster, error) {
	for {
		found, err := r.Database.Describe(ctx, cluster)
		switch {
		case err == nil && holds(found):
			return found, nil
		case err == nil && slices.Contains(failedStatuses, found.Status):
			return found, fmt.Errorf("DB cluster %s is %s", cluster, found.Status)
		}
		select {
		case <-ctx.Done():
			return found, errors.Join(fmt.Errorf("waiting for DB cluster %s, which is %s: %w", cluster, orUnknown(found.Status), ctx.Err()), err)
		case <-time.After(r.Wait):
		}
	}
}

func orUnknown(status string) string {
	if status == "" {
		return "not described"
	}
	return status
}

// describeTimeout bounds a description in a region that may be lost: RDS answers within a second.
const describeTimeout = 10 * time.Second

// describe describes a cluster of a region that may be lost.
func (r Restorer) describe(ctx context.Context, cluster string) (Cluster, error) {
	ctx, cancel := context.WithTimeout(ctx, describeTimeout)
	defer cancel()
	return r.Database.Describe(ctx, cluster)
}

// Remove removes the restored cluster with its instance and returns when both are gone. found is false when there is none. A
// cluster of that name that no restore has made is left alone.
func (r Restorer) Remove(ctx context.Context) (found bool, err error) {
	cluster, _, err := r.names()
	if err != nil {
		return false, err
	}
	for asked := false; ; {
		described, err := r.describe(ctx, cluster)
		switch {
		case errors.Is(err, globaldb.ErrNotFound):
			return found, nil
		case err != nil:
			return found, fmt.Errorf("describing DB cluster %s: %w", cluster, err)
		case described.RestoredTo == "":
			return false, Refusal{Reason: fmt.Sprintf("DB cluster %s is not tagged as restored, so it is not removed", cluster)}
		}
		found = true
		if len(described.Instances) == 0 && described.Status != "deleting" {
			if err := r.Database.Remove(ctx, cluster); err != nil && !errors.Is(err, globaldb.ErrNotFound) {
				return true, fmt.Errorf("removing DB cluster %s: %w", cluster, err)
			}
		}
		for _, one := range described.Instances {
			if asked || one.Status == "deleting" {
				continue
			}
			if err := r.Database.RemoveInstance(ctx, one.Identifier); err != nil {
				return true, fmt.Errorf("removing instance %s: %w", one.Identifier, err)
			}
		}
		asked = true
		select {
		case <-ctx.Done():
			return true, fmt.Errorf("waiting until DB cluster %s is gone: %w", cluster, ctx.Err())
		case <-time.After(r.Wait):
		}
	}
}
