package awsclient

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"warmstandby/lambda/failover/documents"
	"warmstandby/shared/contract/controller"
)

// versionsAPI is the part of S3's API that lists and restores versions.
type versionsAPI interface {
	s3.ListObjectVersionsAPIClient
	s3.HeadObjectAPIClient
	CopyObject(context.Context, *s3.CopyObjectInput, ...func(*s3.Options)) (*s3.CopyObjectOutput, error)
	DeleteObject(context.Context, *s3.DeleteObjectInput, ...func(*s3.Options)) (*s3.DeleteObjectOutput, error)
}

// DocumentsBucket is the documents' bucket of one region, with its versions.
type DocumentsBucket struct {
	objects      versionsAPI
	name, region string
}

// Names implements documents.Bucket.
func (b DocumentsBucket) Names() (bucket, region string) { return b.name, b.region }

// Versions implements documents.Bucket. S3 lists versions and markers of a key apart, each the newest first.
func (b DocumentsBucket) Versions(ctx context.Context, key string) ([]documents.Version, error) {
	var all []documents.Version
	pages := s3.NewListObjectVersionsPaginator(b.objects, &s3.ListObjectVersionsInput{Bucket: aws.String(b.name), Prefix: aws.String(key)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("listing the versions of %s in bucket %s: %w", key, b.name, err)
		}
		all = append(all, versionsOf(page, key)...)
	}
	return all, nil
}

// versionsOf merges the versions and the markers of one key, the newest first: the current one, and then by time.
func versionsOf(page *s3.ListObjectVersionsOutput, key string) []documents.Version {
	var versions, markers, merged []documents.Version
	current := ""
	for _, one := range page.Versions {
		if aws.ToString(one.Key) != key {
			continue
		}
		if aws.ToBool(one.IsLatest) {
			current = aws.ToString(one.VersionId)
		}
		versions = append(versions, documents.Version{
			ID: aws.ToString(one.VersionId), Modified: aws.ToTime(one.LastModified), Size: aws.ToInt64(one.Size), ETag: aws.ToString(one.ETag),
		})
	}
	for _, one := range page.DeleteMarkers {
		if aws.ToString(one.Key) != key {
			continue
		}
		if aws.ToBool(one.IsLatest) {
			current = aws.ToString(one.VersionId)
		}
		markers = append(markers, documents.Version{ID: aws.ToString(one.VersionId), Marker: true, Modified: aws.ToTime(one.LastModified)})
	}
	for len(versions)+len(markers) > 0 {
		// Of two of the same second the marker is the later one: what is removed was there before.
		marker := len(versions) == 0 || len(markers) > 0 && !markers[0].Modified.Before(versions[0].Modified)
		if len(merged) == 0 && len(versions) > 0 && len(markers) > 0 {
			marker = markers[0].ID == current
		}
		if marker {
			merged, markers = append(merged, markers[0]), markers[1:]
		} else {
			merged, versions = append(merged, versions[0]), versions[1:]
		}
	}
	return merged
}

// Hidden implements documents.Bucket, a page of S3's list at once.
func (b DocumentsBucket) Hidden(ctx context.Context, since time.Time, each func(keys []string) error) error {
	pages := s3.NewListObjectVersionsPaginator(b.objects, &s3.ListObjectVersionsInput{
		Bucket: aws.String(b.name), Prefix: aws.String(documents.KeyPrefix),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("listing the versions in bucket %s: %w", b.name, err)
		}
		var keys []string
		for _, marker := range page.DeleteMarkers {
			if aws.ToBool(marker.IsLatest) && !aws.ToTime(marker.LastModified).Before(since) {
				keys = append(keys, aws.ToString(marker.Key))
			}
		}
		if err := each(keys); err != nil {
			return err
		}
	}
	return nil
}

// head reads a version's metadata.
func (b DocumentsBucket) head(ctx context.Context, key, version string) (*s3.HeadObjectOutput, error) {
	head, err := b.objects.HeadObject(ctx, &s3.HeadObjectInput{
		Bucket: aws.String(b.name), Key: aws.String(key), VersionId: aws.String(version),
	})
	if err != nil {
		return nil, fmt.Errorf("reading version %s of %s in bucket %s: %w", version, key, b.name, err)
	}
	return head, nil
}

// Origin implements documents.Bucket.
func (b DocumentsBucket) Origin(ctx context.Context, key, version string) (string, error) {
	head, err := b.head(ctx, key, version)
	if err != nil {
		return "", err
	}
	return head.Metadata[documents.OriginMetadata], nil
}

// Remove implements documents.Bucket.
func (b DocumentsBucket) Remove(ctx context.Context, key, version string) error {
	_, err := b.objects.DeleteObject(ctx, &s3.DeleteObjectInput{
		Bucket: aws.String(b.name), Key: aws.String(key), VersionId: aws.String(version),
	})
	if err != nil {
		return fmt.Errorf("removing version %s of %s in bucket %s: %w", version, key, b.name, err)
	}
	return nil
}

// errOtherBucket says that a copy was asked of a bucket that is none of S3's.
var errOtherBucket = errors.New("the source is no bucket of S3")

// Copy implements documents.Bucket. S3 copies between its regions without the content passing here; the copy is encrypted by its own
// bucket's key. What replaces the metadata must have all of it.
func (b DocumentsBucket) Copy(ctx context.Context, from documents.Bucket, key, version string) (string, error) {
	source, is := from.(DocumentsBucket)
	if !is {
		return "", errOtherBucket
	}
	head, err := source.head(ctx, key, version)
	if err != nil {
		return "", err
	}
	metadata := maps.Clone(head.Metadata)
	if metadata == nil {
		metadata = map[string]string{}
	}
	metadata[documents.OriginMetadata] = version
	copied, err := b.objects.CopyObject(ctx, &s3.CopyObjectInput{
		Bucket: aws.String(b.name), Key: aws.String(key),
		CopySource:        aws.String((&url.URL{Path: source.name + "/" + key}).EscapedPath() + "?versionId=" + url.QueryEscape(version)),
		MetadataDirective: types.MetadataDirectiveReplace, Metadata: metadata, ContentType: head.ContentType,
		CacheControl: head.CacheControl, ContentDisposition: head.ContentDisposition, ContentEncoding: head.ContentEncoding,
		ContentLanguage: head.ContentLanguage,
	})
	if err != nil {
		return "", fmt.Errorf("copying version %s of %s from bucket %s to %s: %w", version, key, source.name, b.name, err)
	}
	return aws.ToString(copied.VersionId), nil
}

// documentsQuery is the event that asks the function about records (lambda/app/src/reconcile/requests.js).
type documentsQuery struct {
	Task  string    `json:"task"`
	Since time.Time `json:"since"`
	IDs   []string  `json:"ids"`
}

// DocumentRecords asks the application's function about records, as documents.Restorer needs it.
func (a Application) DocumentRecords(ctx context.Context, since time.Time, ids []string) ([]documents.Record, error) {
	var answer struct {
		Records []struct {
			ID        string     `json:"id"`
			Exists    bool       `json:"exists"`
			Key       string     `json:"key"`
			DeletedAt *time.Time `json:"deletedAt"`
		} `json:"records"`
	}
	if err := a.call(ctx, documentsQuery{"documents", since.UTC(), ids}, &answer); err != nil {
		return nil, err
	}
	var records []documents.Record
	for _, one := range answer.Records {
		records = append(records, documents.Record{
			ID: one.ID, Exists: one.Exists, Key: one.Key, DeletedAt: aws.ToTime(one.DeletedAt),
		})
	}
	return records, nil
}

// Documents returns what brings documents back, asking the application's function in a region about records.
func (a Account) Documents(c controller.Config, region string) (documents.Restorer, error) {
	_, application, err := a.Reconciliation(c, region)
	if err != nil {
		return documents.Restorer{}, err
	}
	bucket := func(region, name string) DocumentsBucket {
		return DocumentsBucket{s3.NewFromConfig(slowCall.configFor(a.base, region)), name, region}
	}
	return documents.Restorer{
		Buckets: [2]documents.Bucket{
			bucket(c.PrimaryRegion, c.PrimaryDocumentsBucket), bucket(c.StandbyRegion, c.StandbyDocumentsBucket),
		},
		Records: application.DocumentRecords,
	}, nil
}
