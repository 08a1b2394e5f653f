package failovertest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"warmstandby/lambda/failover/documents"
)

// Bucket is a documents' bucket in memory.
type Bucket struct {
	Name, Region string
	// Objects are the versions of each key, the newest first.
	Objects map[string][]documents.Version
	// Origins are those of copies, by their version.
	Origins map[string]string
	// Clock is the time of the next version.
	Clock time.Time
	// Meanwhile is called before each copy, as a user who is faster.
	Meanwhile func()
	Changes   int

	next int
}

// NewBucket returns an empty bucket.
func NewBucket(name, region string) *Bucket {
	return &Bucket{
		Name: name, Region: region, Objects: map[string][]documents.Version{}, Origins: map[string]string{}, Meanwhile: func() {},
	}
}

// Put puts a version or a marker on top of a key and returns its id.
func (b *Bucket) Put(key string, version documents.Version) string {
	if version.ID == "" {
		b.next++
		version.ID = fmt.Sprintf("%s-%d", b.Name, b.next)
	}
	if version.Modified.IsZero() {
		version.Modified = b.Clock
	}
	b.Objects[key] = append([]documents.Version{version}, b.Objects[key]...)
	return version.ID
}

// Current returns the version that is read at a key; false for none, or a marker.
func (b *Bucket) Current(key string) (documents.Version, bool) {
	if versions := b.Objects[key]; len(versions) > 0 && !versions[0].Marker {
		return versions[0], true
	}
	return documents.Version{}, false
}

// Names implements documents.Bucket.
func (b *Bucket) Names() (bucket, region string) { return b.Name, b.Region }

// Versions implements documents.Bucket.
func (b *Bucket) Versions(_ context.Context, key string) ([]documents.Version, error) {
	return slices.Clone(b.Objects[key]), nil
}

// Hidden implements documents.Bucket, a key at once.
func (b *Bucket) Hidden(_ context.Context, since time.Time, each func(keys []string) error) error {
	for key, versions := range b.Objects {
		if len(versions) > 0 && versions[0].Marker && !versions[0].Modified.Before(since) {
			if err := each([]string{key}); err != nil {
				return err
			}
		}
	}
	return nil
}

// Origin implements documents.Bucket.
func (b *Bucket) Origin(_ context.Context, _, version string) (string, error) {
	return b.Origins[version], nil
}

// Remove implements documents.Bucket.
func (b *Bucket) Remove(_ context.Context, key, version string) error {
	b.Changes++
	b.Objects[key] = slices.DeleteFunc(b.Objects[key], func(v documents.Version) bool { return v.ID == version })
	return nil
}

// Copy implements documents.Bucket.
func (b *Bucket) Copy(ctx context.Context, from documents.Bucket, key, version string) (string, error) {
	b.Meanwhile()
	b.Changes++
	versions, err := from.Versions(ctx, key)
	if err != nil {
		return "", err
	}
	at := slices.IndexFunc(versions, func(v documents.Version) bool { return v.ID == version })
	if at < 0 || versions[at].Marker {
		return "", fmt.Errorf("there is no version %s of %s", version, key)
	}
	id := b.Put(key, documents.Version{Size: versions[at].Size, Modified: b.Clock.Add(time.Hour)})
	b.Origins[id] = version
	return id, nil
}
