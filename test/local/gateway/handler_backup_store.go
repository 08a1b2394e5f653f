package gateway

import (
	"context"
	"fmt"
	"maps"
	"os"
	"time"

	"warmstandby/test/local/aurora"
)

// backupOrder is what a backup job is started with, by a client or by a plan.
type backupOrder struct {
	region, vault, vaultARN string
	resource, role          string
	kept                    lifecycle
	tags                    map[string]string
	plan                    string
	at                      time.Time
}

// backUp runs a backup job.
func (h *backupHandler) backUp(ctx context.Context, g *Gateway, order backupOrder) (backupJob, error) {
	job := backupJob{
		ID: requestID(), Kind: backupJobs, Region: order.region, Created: order.at, Vault: order.vault, VaultARN: order.vaultARN,
		ResourceARN: order.resource, ResourceType: typeOf(order.resource), RoleARN: order.role, PlanID: order.plan,
	}
	return h.run(ctx, g, job, func(job *backupJob) error {
		point, err := h.newPoint(job, order.region, order.kept)
		if err != nil {
			return err
		}
		switch job.ResourceType {
		case typeS3:
			err = h.storeBucketPoint(ctx, g, &point)
		case typeAurora:
			err = storeCluster(ctx, g, job.ID, &point)
		default:
			err = refuse("The local AWS emulator backs up S3 buckets and clusters of Aurora, and this is %s.", job.ResourceARN)
		}
		if err != nil {
			return err
		}
		maps.Copy(point.Tags, order.tags)
		job.Bytes, job.PointARN = point.Bytes, point.ARN
		return h.points.update(point.ARN, func(row *recoveryPoint) { *row = point })
	})
}

// storeBucketPoint stores a bucket's objects in a recovery point.
func (h *backupHandler) storeBucketPoint(ctx context.Context, g *Gateway, point *recoveryPoint) (err error) {
	bucket := lastOf(point.ResourceARN)
	if point.Tags, err = g.bucketTags(ctx, point.Region, bucket); err != nil {
		return err
	}
	point.Bytes, err = g.storeBucket(ctx, point.Region, bucket, h.folderOf(point.ARN))
	return err
}

// storeCluster takes a snapshot of a cluster, which is the recovery point. AWS: AWS Backup Developer Guide, "Working with Aurora": it is
// a snapshot of RDS's, whose name begins with awsbackup, and RDS neither changes nor deletes it.
func storeCluster(ctx context.Context, g *Gateway, job string, point *recoveryPoint) error {
	id := aurora.NewID(point.Region, lastOf(point.ResourceARN))
	if g.aurora == nil {
		return refuse("The local AWS emulator has no database servers, and this is %s.", point.ResourceARN)
	}
	cluster, err := g.describeCluster(ctx, id)
	if err != nil {
		return err
	}
	if cluster == nil {
		return refuse("RDS has no DB cluster %s.", id)
	}
	name := aurora.BackupSnapshots + "job-" + job
	_, err = g.aurora.CreateSnapshot(context.WithoutCancel(ctx), aurora.Snapshot{
		Region: point.Region, Name: name, Cluster: id.Cluster, Type: aurora.BackupSnapshot, Attributes: attributesOf(cluster),
	})
	if _, refused := databaseRefusal(err); refused {
		return refuse("RDS refuses the snapshot: %v.", err)
	}
	point.ARN, point.Tags = snapshotARN(point.Region, name), tagsOf(cluster)
	return err
}

// tagsOf are the tags in a description of RDS's.
func tagsOf(described *xmlElement) map[string]string {
	tags := map[string]string{}
	if list := described.child("TagList"); list != nil {
		for _, tag := range list.Children {
			tags[tag.findText("Key")] = tag.findText("Value")
		}
	}
	return tags
}

// copyOrder is what a copy job is started with.
type copyOrder struct {
	vaultARN, role string
	kept           lifecycle
	at             time.Time
}

// copyPoint runs a job that copies a recovery point to a vault of any region.
func (h *backupHandler) copyPoint(ctx context.Context, g *Gateway, source recoveryPoint, order copyOrder) (backupJob, error) {
	region := regionOf(order.vaultARN)
	job := backupJob{
		ID: requestID(), Kind: copyJobs, Region: source.Region, Created: order.at, Vault: lastOf(order.vaultARN), VaultARN: order.vaultARN,
		SourceVaultARN: source.VaultARN, SourcePointARN: source.ARN, ResourceARN: source.ResourceARN, ResourceType: source.ResourceType,
		RoleARN: order.role, Bytes: source.Bytes,
	}
	return h.run(ctx, g, job, func(job *backupJob) error {
		if err := h.reach(g, region); err != nil {
			return err
		}
		point, err := h.newPoint(job, region, order.kept)
		if err != nil {
			return err
		}
		point.SourceVaultARN, point.Bytes, point.Tags = source.VaultARN, source.Bytes, source.Tags
		if source.ResourceType == typeAurora {
			err = copyCluster(ctx, g, job.ID, source, &point)
		} else if err = os.CopyFS(h.folderOf(point.ARN), os.DirFS(h.folderOf(source.ARN))); err != nil {
			err = fmt.Errorf("copying %s: %w", source.ARN, err)
		}
		if err != nil {
			return err
		}
		job.PointARN = point.ARN
		return h.points.update(point.ARN, func(row *recoveryPoint) { *row = point })
	})
}

// copyCluster copies the snapshot that a recovery point is.
func copyCluster(ctx context.Context, g *Gateway, job string, source recoveryPoint, point *recoveryPoint) error {
	if g.aurora == nil {
		return refuse("The local AWS emulator has no database servers, and this is %s.", source.ARN)
	}
	region, name := aurora.NewSnapshotName(source.Region, source.ARN)
	copied := aurora.BackupSnapshots + "copyjob-" + job
	_, err := g.aurora.CopySnapshot(context.WithoutCancel(ctx), aurora.Snapshot{Region: region, Name: name}, aurora.Snapshot{
		Region: point.Region, Name: copied, Type: aurora.BackupSnapshot, Source: source.ARN,
	})
	if _, refused := databaseRefusal(err); refused {
		return refuse("RDS refuses the copy: %v.", err)
	}
	point.ARN = snapshotARN(point.Region, copied)
	return err
}
