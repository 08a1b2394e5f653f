// Package documents brings records' documents back: those that S3 had not replicated when a region was lost, and those that were removed
// with records which have come back. `make reconcile` and `make restore DOCUMENTS=yes` call it.
//
// A document is an object with versions, of the same key in the buckets of both regions. Nothing is made up: what comes back is a version
// that one of the buckets has. Nothing newer is overwritten, and a document that its user has deleted stays deleted. The package knows no
// AWS SDK.
package documents

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Version is a version of an object, or a delete marker.
type Version struct {
	ID       string
	Marker   bool
	Modified time.Time
	Size     int64
	ETag     string
}

// Bucket is the documents' bucket of one region.
type Bucket interface {
	// Names returns the bucket's name and region.
	Names() (bucket, region string)
	// Versions returns the versions and delete markers of a key, the newest first.
	Versions(ctx context.Context, key string) ([]Version, error)
	// Hidden calls each with the keys that a delete marker hides which is of a time or later, some at once.
	Hidden(ctx context.Context, since time.Time, each func(keys []string) error) error
	// Origin returns of which version a version is a copy that this package has made; empty if it is none.
	Origin(ctx context.Context, key, version string) (string, error)
	// Remove removes a version or a delete marker.
	Remove(ctx context.Context, key, version string) error
	// Copy copies a version of another bucket, with [OriginMetadata], and returns the id of the new version.
	Copy(ctx context.Context, from Bucket, key, version string) (string, error)
}

// OriginMetadata is the metadata of a copy: the id of the version that it was made of.
const OriginMetadata = "warmstandby-origin"

// Record is what the database knows of a record. DeletedAt is when it was deleted first since the time that was asked for, zero if it was
// not.
type Record struct {
	ID     string
	Exists bool
	// Key is that of its document in both buckets, which has the record's tenant. Empty: the application is of a version without tenants.
	Key       string
	DeletedAt time.Time
}

// Outcome is what became of a document in a bucket.
type Outcome string

// The outcomes.
const (
	// Uncovered: the delete marker was removed that the record's removal had left.
	Uncovered Outcome = "marker-removed"
	// Copied: the other region's version was copied.
	Copied Outcome = "copied"
	// Overtaken: a user put another version meanwhile, so that the copy was taken back.
	Overtaken Outcome = "newer-version"
)

// Row is a document that was brought back in a bucket, or could not be.
type Row struct {
	RecordID string  `json:"recordId"`
	Region   string  `json:"region"`
	Bucket   string  `json:"bucket"`
	Outcome  Outcome `json:"outcome"`
}

// Report is the result. Compared counts the records with a document; Deleted those whose user has deleted it.
type Report struct {
	Compared int   `json:"compared"`
	Returned int   `json:"returned"`
	Deleted  int   `json:"deleted"`
	Rows     []Row `json:"rows"`
}

// Restorer brings documents back.
type Restorer struct {
	Buckets [2]Bucket
	// Records asks the database about records, batchSize at most.
	Records  func(ctx context.Context, since time.Time, ids []string) ([]Record, error)
	Progress func(format string, values ...any)
}

// batchSize is how many records the database is asked about at once (MAX_IDS in lambda/app/src/reconcile/requests.js).
const batchSize = 1000

// KeyPrefix and keySuffix are what a key of a document has around the record's id (objectKey in lambda/app/src/aws/documents.js).
const (
	KeyPrefix = "records/"
	keySuffix = "/document"
)

// recordOf returns the record of a key, empty for another object. A tenant's keys have its name before the record.
func recordOf(key string) string {
	id, isPrefixed := strings.CutPrefix(key, KeyPrefix)
	id, is := strings.CutSuffix(id, keySuffix)
	if !isPrefixed || !is || strings.Count(id, "/") > 1 {
		return ""
	}
	return id[strings.LastIndex(id, "/")+1:]
}

// Bring brings the documents of records back. Since is the time from which on a deletion of a record counts. Run again, it finds nothing.
func (r Restorer) Bring(ctx context.Context, since time.Time, ids []string) (Report, error) {
	report := Report{Rows: []Row{}}
	err := r.bring(ctx, since, ids, map[string]bool{}, &report)
	return report, err
}

// BringSince brings back the documents that were removed at a time or later and whose records exist. It goes through the buckets' lists,
// a page at a time.
func (r Restorer) BringSince(ctx context.Context, since time.Time) (Report, error) {
	report, done := Report{Rows: []Row{}}, map[string]bool{}
	for _, bucket := range r.Buckets {
		name, region := bucket.Names()
		r.Progress("looking through bucket %s in %s", name, region)
		err := bucket.Hidden(ctx, since, func(keys []string) error {
			var ids []string
			for _, key := range keys {
				if id := recordOf(key); id != "" {
					ids = append(ids, id)
				}
			}
			return r.bring(ctx, since, ids, done, &report)
		})
		if err != nil {
			return report, err
		}
	}
	return report, nil
}

// bring brings the documents of records back that are not done.
func (r Restorer) bring(ctx context.Context, since time.Time, ids []string, done map[string]bool, report *Report) error {
	var pending []string
	for _, id := range ids {
		if !done[id] {
			done[id] = true
			pending = append(pending, id)
		}
	}
	for batch := range slices.Chunk(pending, batchSize) {
		records, err := r.Records(ctx, since, batch)
		if err != nil {
			return fmt.Errorf("asking which records there are: %w", err)
		}
		for _, record := range records {
			if !record.Exists {
				continue
			}
			if err := r.bringOne(ctx, record, report); err != nil {
				return fmt.Errorf("bringing the document of record %s back: %w", record.ID, err)
			}
		}
	}
	return nil
}
