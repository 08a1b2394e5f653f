package awsclient

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"warmstandby/lambda/failover/documents"
)

const testKey = "records/a/document"

// fakeVersions answers with one page, and notes what is changed.
type fakeVersions struct {
	page    s3.ListObjectVersionsOutput
	head    s3.HeadObjectOutput
	fail    error
	copied  *s3.CopyObjectInput
	deleted []string
}

func (f *fakeVersions) ListObjectVersions(
	context.Context, *s3.ListObjectVersionsInput, ...func(*s3.Options),
) (*s3.ListObjectVersionsOutput, error) {
	return &f.page, f.fail
}

func (f *fakeVersions) HeadObject(context.Context, *s3.HeadObjectInput, ...func(*s3.Options)) (*s3.HeadObjectOutput, error) {
	return &f.head, f.fail
}

func (f *fakeVersions) CopyObject(_ context.Context, in *s3.CopyObjectInput, _ ...func(*s3.Options)) (*s3.CopyObjectOutput, error) {
	f.copied = in
	return &s3.CopyObjectOutput{VersionId: aws.String("new")}, f.fail
}

func (f *fakeVersions) DeleteObject(_ context.Context, in *s3.DeleteObjectInput, _ ...func(*s3.Options)) (*s3.DeleteObjectOutput, error) {
	f.deleted = append(f.deleted, aws.ToString(in.VersionId))
	return &s3.DeleteObjectOutput{}, f.fail
}

func version(id string, second int, latest bool) types.ObjectVersion {
	return types.ObjectVersion{
		Key: aws.String(testKey), VersionId: aws.String(id), IsLatest: aws.Bool(latest), LastModified: aws.Time(time.Unix(int64(second), 0)),
	}
}

func marker(id string, second int, latest bool) types.DeleteMarkerEntry {
	return types.DeleteMarkerEntry{
		Key: aws.String(testKey), VersionId: aws.String(id), IsLatest: aws.Bool(latest), LastModified: aws.Time(time.Unix(int64(second), 0)),
	}
}

func TestDocumentVersions(t *testing.T) {
	for _, test := range []struct {
		name     string
		versions []types.ObjectVersion
		markers  []types.DeleteMarkerEntry
		want     []string
	}{
		{"versions alone", []types.ObjectVersion{version("b", 2, true), version("a", 1, false)}, nil, []string{"b", "a"}},
		{
			"markers among versions by time", []types.ObjectVersion{version("b", 3, true), version("a", 1, false)},
			[]types.DeleteMarkerEntry{marker("m", 2, false)}, []string{"b", "m", "a"},
		},
		{
			"a marker of the same second is the later one", []types.ObjectVersion{version("a", 1, false)},
			[]types.DeleteMarkerEntry{marker("m", 1, true)}, []string{"m", "a"},
		},
		{
			"unless S3 says that the version is the current one", []types.ObjectVersion{version("b", 1, true)},
			[]types.DeleteMarkerEntry{marker("m", 1, false)}, []string{"b", "m"},
		},
		{
			"another key that begins alike is none", []types.ObjectVersion{{Key: aws.String(testKey + "-2"), VersionId: aws.String("x")}}, nil, nil,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			bucket := DocumentsBucket{
				&fakeVersions{page: s3.ListObjectVersionsOutput{Versions: test.versions, DeleteMarkers: test.markers}},
				"b",
				"r",
			}
			got, err := bucket.Versions(t.Context(), testKey)
			if err != nil {
				t.Fatal(err)
			}
			var ids []string
			for _, one := range got {
				ids = append(ids, one.ID)
			}
			if !slices.Equal(ids, test.want) {
				t.Errorf("got %q, want %q", ids, test.want)
			}
		})
	}
}

func TestDocumentsBucket(t *testing.T) {
	t.Run("what is hidden since a time, and only where it is the current one", func(t *testing.T) {
		fake := &fakeVersions{page: s3.ListObjectVersionsOutput{DeleteMarkers: []types.DeleteMarkerEntry{
			marker("old", 1, true), marker("new", 10, true), marker("covered", 11, false),
		}}}
		var keys []string
		err := DocumentsBucket{fake, "b", "r"}.Hidden(t.Context(), time.Unix(10, 0), func(some []string) error {
			keys = append(keys, some...)
			return nil
		})
		if err != nil || !slices.Equal(keys, []string{testKey}) {
			t.Errorf("got %q, %v", keys, err)
		}
	})
	t.Run("a copy has the type and the metadata of its source, and names it", func(t *testing.T) {
		from := &fakeVersions{head: s3.HeadObjectOutput{ContentType: aws.String("text/plain"), Metadata: map[string]string{"a": "b"}}}
		to := &fakeVersions{}
		id, err := DocumentsBucket{to, "west", "r"}.Copy(t.Context(), DocumentsBucket{from, "east", "r"}, testKey, "v/1")
		got := to.copied
		if err != nil || id != "new" || aws.ToString(got.CopySource) != "east/"+testKey+"?versionId=v%2F1" ||
			aws.ToString(got.ContentType) != "text/plain" || got.Metadata["a"] != "b" || got.Metadata[documents.OriginMetadata] != "v/1" ||
			got.MetadataDirective != types.MetadataDirectiveReplace {
			t.Errorf("copied %+v as %s: %v", got, id, err)
		}
		if from.head.Metadata[documents.OriginMetadata] != "" {
			t.Error("the source's metadata was changed")
		}
	})
	t.Run("a version is removed by its id", func(t *testing.T) {
		fake := &fakeVersions{}
		if err := (DocumentsBucket{fake, "b", "r"}).Remove(t.Context(), testKey, "m"); err != nil || !slices.Equal(fake.deleted, []string{"m"}) {
			t.Errorf("removed %q: %v", fake.deleted, err)
		}
	})
	t.Run("a refusal names the key and the bucket", func(t *testing.T) {
		bucket := DocumentsBucket{&fakeVersions{fail: errors.New("AccessDenied")}, "east", "r"}
		_, listed := bucket.Versions(t.Context(), testKey)
		_, read := bucket.Origin(t.Context(), testKey, "v")
		_, copied := bucket.Copy(t.Context(), bucket, testKey, "v")
		for _, err := range []error{listed, read, copied, bucket.Remove(t.Context(), testKey, "v")} {
			if err == nil || !strings.Contains(err.Error(), testKey) || !strings.Contains(err.Error(), "bucket east") {
				t.Errorf("got %v", err)
			}
		}
	})
}

func TestDocumentRecords(t *testing.T) {
	invoker := &fakeInvoker{out: lambda.InvokeOutput{Payload: []byte(
		`{"records":[{"id":"a","exists":true,"key":"records/clinic-a/a/document","deletedAt":"2026-03-01T12:00:00.000Z"},` +
			`{"id":"b","exists":false,"key":null,"deletedAt":null}]}`,
	)}}
	since := time.Date(2026, 3, 1, 11, 0, 0, 0, time.UTC)
	got, err := Application{invoker, "app"}.DocumentRecords(t.Context(), since, []string{"a", "b"})
	want := []documents.Record{
		{ID: "a", Exists: true, Key: "records/clinic-a/a/document", DeletedAt: since.Add(time.Hour)}, {ID: "b"},
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v: %v", got, want, err)
	}
	if invoker.got != `{"task":"documents","since":"2026-03-01T11:00:00Z","ids":["a","b"]}` {
		t.Errorf("the function is sent %s", invoker.got)
	}
}
