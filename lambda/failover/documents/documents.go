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
	ID        string
	Exists    bool
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

// recordOf returns the record of a key, empty for another object.
func recordOf(key string) string {
	id, isPrefixed := strings.CutPrefix(key, KeyPrefix)
	id, is := strings.CutSuffix(id, keySuffix)
	if !isPrefixed || !is || strings.Contains(id, "/") {
		return ""
	}
	return id
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

// object is what both buckets have of one key.
type object struct {
	key      string
	versions [2][]Version
	// newest is the newest version of both, in the bucket of that number.
	newest Version
	home   int
}

// bringOne brings one record's document back in both buckets.
func (r Restorer) bringOne(ctx context.Context, record Record, report *Report) error {
	o, err := r.read(ctx, record.ID)
	if err != nil || o.newest.ID == "" {
		return err
	}
	report.Compared++
	if o.deletedByUser(record) {
		report.Deleted++
		return nil
	}
	returned := false
	for i := range r.Buckets {
		outcome, err := r.bringTo(ctx, i, o)
		if err != nil {
			return err
		}
		if outcome == "" {
			continue
		}
		returned = returned || outcome != Overtaken
		bucket, region := r.Buckets[i].Names()
		report.Rows = append(report.Rows, Row{RecordID: record.ID, Region: region, Bucket: bucket, Outcome: outcome})
	}
	if returned {
		report.Returned++
	}
	return nil
}

// read lists the versions of a record's document in both buckets.
func (r Restorer) read(ctx context.Context, record string) (object, error) {
	o := object{key: KeyPrefix + record + keySuffix}
	for i, bucket := range r.Buckets {
		var err error
		if o.versions[i], err = bucket.Versions(ctx, o.key); err != nil {
			return o, err
		}
		for _, version := range o.versions[i] {
			if !version.Marker && (o.newest.ID == "" || version.Modified.After(o.newest.Modified)) {
				o.newest, o.home = version, i
			}
		}
	}
	return o, nil
}

// deletedByUser says whether a delete marker hides the newest version that is not of the record's own removal: one that is newer than the
// version and older than the record's first deletion. S3's times have whole seconds.
func (o object) deletedByUser(record Record) bool {
	for _, versions := range o.versions {
		for _, version := range versions {
			if !version.Marker || version.Modified.Before(o.newest.Modified) {
				continue
			}
			if record.DeletedAt.IsZero() || version.Modified.Before(record.DeletedAt.Truncate(time.Second)) {
				return true
			}
		}
	}
	return false
}

// bringTo makes the newest version the current one of a bucket, unless it is. The outcome is empty if there was nothing to do.
func (r Restorer) bringTo(ctx context.Context, i int, o object) (Outcome, error) {
	versions, own := o.versions[i], Version{}
	var markers []Version // above the bucket's own newest version
	for _, version := range versions {
		if !version.Marker {
			own = version
			break
		}
		markers = append(markers, version)
	}
	same, err := r.same(ctx, i, own, o)
	switch {
	case err != nil:
		return "", err
	case same && len(markers) == 0:
		return "", nil
	case same:
		for _, marker := range markers {
			if err := r.Buckets[i].Remove(ctx, o.key, marker.ID); err != nil {
				return "", err
			}
		}
		return Uncovered, nil
	}
	return r.copyTo(ctx, i, o)
}

// same says whether a bucket's version is the newest one, its replica or a copy of it. A replica has its source's id (Amazon S3 User
// Guide, "What does Amazon S3 replicate?"), and an entity tag that is the same is of the same content.
func (r Restorer) same(ctx context.Context, i int, own Version, o object) (bool, error) {
	if own.ID == "" {
		return false, nil
	}
	if i == o.home || own.ID == o.newest.ID || own.ETag != "" && own.ETag == o.newest.ETag && own.Size == o.newest.Size {
		return true, nil
	}
	ofOwn, err := r.Buckets[i].Origin(ctx, o.key, own.ID)
	if err != nil {
		return false, err
	}
	ofNewest, err := r.Buckets[o.home].Origin(ctx, o.key, o.newest.ID)
	if err != nil {
		return false, err
	}
	return ofOwn == o.newest.ID || ofNewest == own.ID || ofOwn != "" && ofOwn == ofNewest, nil
}

// copyTo copies the newest version to a bucket. S3 copies without a condition on the target, so a version that a user has put meanwhile
// is looked for afterwards, and the copy is taken back.
func (r Restorer) copyTo(ctx context.Context, i int, o object) (Outcome, error) {
	bucket := r.Buckets[i]
	copied, err := bucket.Copy(ctx, r.Buckets[o.home], o.key, o.newest.ID)
	if err != nil {
		return "", err
	}
	now, err := bucket.Versions(ctx, o.key)
	if err != nil {
		return "", err
	}
	known := o.versions[i]
	for _, version := range now {
		if version.ID == copied || version.ID == o.newest.ID || slices.ContainsFunc(known, func(v Version) bool { return v.ID == version.ID }) {
			continue
		}
		origin := ""
		if !version.Marker {
			if origin, err = bucket.Origin(ctx, o.key, version.ID); err != nil {
				return "", err
			}
		}
		if origin == "" && version.Modified.After(o.newest.Modified) && (version.ETag == "" || version.ETag != o.newest.ETag) {
			return Overtaken, bucket.Remove(ctx, o.key, copied)
		}
	}
	return Copied, nil
}
