// Package restoretest validates what AWS Backup has restored in its weekly restore test, and notifies the operators of a test that
// failed. It restores nothing itself.
package restoretest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"warmstandby/lambda/failover/notice"
)

const (
	// completed is the status of a restore job that has restored something (AWS Backup API, RestoreJobsListMember, Status).
	completed = "COMPLETED"

	typeCluster, typeBucket = "Aurora", "S3"

	// maxProbeAge is the age of the oldest backup that a test restores, a week, and a day more. The controller writes the probe
	// every minute.
	maxProbeAge = 8 * 24 * time.Hour

	// available is the status of a cluster that can be used (Amazon Aurora User Guide, "Viewing DB cluster status").
	available = "available"
)

// Job is a restore job of a test.
type Job struct {
	// ID is the job's. Status and Message say how it ended.
	ID, Status, Message string
	// ResourceType is Aurora or S3. CreatedARN is what was restored.
	ResourceType, CreatedARN string
}

// Cluster is what RDS says of a restored cluster.
type Cluster struct {
	Status    string
	Encrypted bool
}

// Restored reads what was restored.
type Restored interface {
	// Cluster describes a cluster by its identifier.
	Cluster(ctx context.Context, identifier string) (Cluster, error)
	// Probe returns the time in the probe document of a bucket.
	Probe(ctx context.Context, bucket string) (time.Time, error)
}

// Reporter reports a validation's result to AWS Backup.
type Reporter interface {
	Report(ctx context.Context, jobID string, passed bool, message string) error
}

// Validator validates restore tests.
type Validator struct {
	Restored Restored
	Reporter Reporter
	Notifier notice.Notifier
	Composer notice.Composer
	Log      *slog.Logger
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// Validate validates one job, reports the result to AWS Backup, and notifies the operators unless the test has passed. A check that
// cannot be made has failed: nobody would look for a result that is missing.
func (v Validator) Validate(ctx context.Context, job Job) error {
	if job.Status != completed {
		return v.notify(ctx, job, "the restore job ended as "+job.Status+": "+job.Message)
	}
	fault := v.check(ctx, job)
	message := "what was restored is whole"
	if fault != nil {
		message = fault.Error()
	}
	v.Log.Info("restore test", "job", job.ID, "resource", job.CreatedARN, "passed", fault == nil, "message", message)
	err := v.Reporter.Report(ctx, job.ID, fault == nil, message)
	if fault != nil {
		err = errors.Join(err, v.notify(ctx, job, message))
	}
	return err
}

// check returns what is wrong with what was restored. Of a cluster it is AWS's own word: a restored cluster has no instance that could
// be asked for rows. Of a bucket it is a document that must be in it.
func (v Validator) check(ctx context.Context, job Job) error {
	name := job.CreatedARN[strings.LastIndexByte(job.CreatedARN, ':')+1:]
	switch job.ResourceType {
	case typeCluster:
		cluster, err := v.Restored.Cluster(ctx, name)
		switch {
		case err != nil:
			return fmt.Errorf("the restored cluster %s cannot be described: %w", name, err)
		case cluster.Status != available:
			return fmt.Errorf("the restored cluster %s is %s, want %s", name, cluster.Status, available)
		case !cluster.Encrypted:
			return fmt.Errorf("the restored cluster %s is not encrypted", name)
		}
		return nil
	case typeBucket:
		written, err := v.Restored.Probe(ctx, name)
		if err != nil {
			return fmt.Errorf("the probe document of the restored bucket %s cannot be read: %w", name, err)
		}
		now := time.Now
		if v.Now != nil {
			now = v.Now
		}
		if age := now().Sub(written); age > maxProbeAge {
			return fmt.Errorf("the probe document of the restored bucket %s is %s old, want %s at most", name, age.Round(time.Hour), maxProbeAge)
		}
		return nil
	}
	return fmt.Errorf("there is no check of a resource of the type %q", job.ResourceType)
}

func (v Validator) notify(ctx context.Context, job Job, reason string) error {
	if err := v.Notifier.Notify(ctx, v.Composer.RestoreTestFailed(job.ID, job.ResourceType, reason)); err != nil {
		return fmt.Errorf("notifying of the restore test %s: %w", job.ID, err)
	}
	return nil
}
