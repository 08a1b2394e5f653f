package documents

import (
	"cmp"
	"context"
	"slices"
	"time"
)

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
	o, err := r.read(ctx, record)
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
func (r Restorer) read(ctx context.Context, record Record) (object, error) {
	o := object{key: cmp.Or(record.Key, KeyPrefix+record.ID+keySuffix)}
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
