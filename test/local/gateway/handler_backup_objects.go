package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// storedObjects is the file with the list of what a recovery point of a bucket holds.
const storedObjects = "objects.json"

// storedObject is one object as it was when it was backed up. Its content is in a file of its own.
type storedObject struct {
	Key       string `json:"key"`
	VersionID string `json:"version"`
	// Header are the headers that a PUT of it needs: its content's type and its metadata.
	Header http.Header `json:"header"`
	File   string      `json:"file"`
}

// objectVersion is a version of an object or a delete marker. AWS: Amazon S3 API Reference, ListObjectVersions.
type objectVersion struct {
	Key       string `xml:"Key"`
	VersionID string `xml:"VersionId"`
	IsLatest  bool   `xml:"IsLatest"`
	XMLName   xml.Name
}

func (v objectVersion) isMarker() bool { return v.XMLName.Local == "DeleteMarker" }

// callS3 sends a request of the gateway's own to S3. An answer of 404 is a refusal: the bucket or object is not there.
func (g *Gateway) callS3(
	ctx context.Context, region, method, path string, query url.Values, header http.Header, body []byte,
) (apiResponse, error) {
	address := g.emulator.String() + (&url.URL{Path: "/" + path}).EscapedPath()
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return apiResponse{}, fmt.Errorf("asking S3 for %s: %w", path, err)
	}
	for name, values := range header {
		request.Header[name] = values
	}
	signAs(request, region, "s3")
	resp, err := g.callEmulator(&Call{Request: request, Region: region, Service: "s3"})
	switch {
	case err != nil:
		return resp, err
	case resp.Status == http.StatusNotFound:
		return resp, refuse("S3 has no %s in %s.", path, region)
	case !resp.ok():
		return resp, fmt.Errorf("%s %s in %s: %d %s", method, path, region, resp.Status, resp.Body)
	}
	return resp, nil
}

// listVersions lists all versions and delete markers of a bucket, of each key the newest first.
func (g *Gateway) listVersions(ctx context.Context, region, bucket string) ([]objectVersion, error) {
	var all []objectVersion
	query := url.Values{"versions": {""}}
	for {
		resp, err := g.callS3(ctx, region, http.MethodGet, bucket, query, nil, nil)
		if err != nil {
			return nil, err
		}
		var page struct {
			Versions            []objectVersion `xml:",any"`
			IsTruncated         bool            `xml:"IsTruncated"`
			NextKeyMarker       string          `xml:"NextKeyMarker"`
			NextVersionIDMarker string          `xml:"NextVersionIdMarker"`
		}
		if err := xml.Unmarshal(resp.Body, &page); err != nil {
			return nil, fmt.Errorf("reading the versions of bucket %s: %w", bucket, err)
		}
		for _, one := range page.Versions {
			if one.XMLName.Local == "Version" || one.isMarker() {
				all = append(all, one)
			}
		}
		if !page.IsTruncated {
			return all, nil
		}
		query.Set("key-marker", page.NextKeyMarker)
		query.Set("version-id-marker", page.NextVersionIDMarker)
	}
}

// bucketTags returns a bucket's tags, which a recovery point inherits. AWS: AWS Backup Developer Guide, "Copy tags onto backups".
func (g *Gateway) bucketTags(ctx context.Context, region, bucket string) (map[string]string, error) {
	if _, err := g.callS3(ctx, region, http.MethodHead, bucket, nil, nil, nil); err != nil {
		return nil, err
	}
	tags := map[string]string{}
	resp, err := g.callS3(ctx, region, http.MethodGet, bucket, url.Values{"tagging": {""}}, nil, nil)
	if resp.Status == http.StatusNotFound { // it has none
		return tags, nil
	}
	if err != nil {
		return nil, err
	}
	var output struct {
		Tags []struct{ Key, Value string } `xml:"TagSet>Tag"`
	}
	if err := xml.Unmarshal(resp.Body, &output); err != nil {
		return nil, fmt.Errorf("reading the tags of bucket %s: %w", bucket, err)
	}
	for _, tag := range output.Tags {
		tags[tag.Key] = tag.Value
	}
	return tags, nil
}

// storeBucket writes the current version of each object into a folder and returns the bytes of all.
func (g *Gateway) storeBucket(ctx context.Context, region, bucket, folder string) (size int64, err error) {
	versions, err := g.listVersions(ctx, region, bucket)
	if err != nil {
		return 0, err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return 0, fmt.Errorf("making the folder of a recovery point: %w", err)
	}
	stored := []storedObject{}
	for _, version := range versions {
		if !version.IsLatest || version.isMarker() {
			continue
		}
		resp, err := g.callS3(ctx, region, http.MethodGet, bucket+"/"+version.Key, url.Values{"versionId": {version.VersionID}}, nil, nil)
		if err != nil {
			return 0, err
		}
		one := storedObject{Key: version.Key, VersionID: version.VersionID, Header: http.Header{}, File: strconv.Itoa(len(stored))}
		for name, values := range resp.Header {
			if name == "Content-Type" || strings.HasPrefix(name, "X-Amz-Meta-") {
				one.Header[name] = values
			}
		}
		if err := os.WriteFile(filepath.Join(folder, one.File), resp.Body, 0o600); err != nil {
			return 0, fmt.Errorf("storing object %s of bucket %s: %w", version.Key, bucket, err)
		}
		stored, size = append(stored, one), size+int64(len(resp.Body))
	}
	list, err := json.Marshal(stored)
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, storedObjects), list, 0o600)
	}
	if err != nil {
		return 0, fmt.Errorf("storing the list of the objects of bucket %s: %w", bucket, err)
	}
	return size, nil
}

// createBucket creates a bucket in a region. AWS: Amazon S3 API Reference, CreateBucket, LocationConstraint, which us-east-1 has not.
func (g *Gateway) createBucket(ctx context.Context, region, bucket string) error {
	var body []byte
	if region != "us-east-1" {
		body = []byte("<CreateBucketConfiguration><LocationConstraint>" + region + "</LocationConstraint></CreateBucketConfiguration>")
	}
	_, err := g.callS3(ctx, region, http.MethodPut, bucket, nil, nil, body)
	return err
}

// restoreBucket gives each object of a recovery point its content back. In the bucket that it was backed up from, a version that is
// still there needs no copy: the delete markers above it are deleted, by version, and it is the current one again (AWS: Amazon S3 User
// Guide, "Working with delete markers", "Removing delete markers"). Objects that the recovery point does not have stay.
func (g *Gateway) restoreBucket(ctx context.Context, region, bucket string, inPlace bool, folder string) error {
	list, err := os.ReadFile(filepath.Join(folder, storedObjects))
	if err != nil {
		return fmt.Errorf("reading a recovery point: %w", err)
	}
	var stored []storedObject
	if err := json.Unmarshal(list, &stored); err != nil {
		return fmt.Errorf("reading a recovery point: %w", err)
	}
	versions, err := g.listVersions(ctx, region, bucket)
	if err != nil {
		return err
	}
	byKey := map[string][]objectVersion{}
	for _, version := range versions {
		byKey[version.Key] = append(byKey[version.Key], version)
	}
	for _, one := range stored {
		if markers, onlyMarkers := markersAbove(byKey[one.Key], one.VersionID); inPlace && onlyMarkers {
			for _, marker := range markers {
				_, err := g.callS3(ctx, region, http.MethodDelete, bucket+"/"+one.Key, url.Values{"versionId": {marker.VersionID}}, nil, nil)
				if err != nil {
					return err
				}
			}
			continue
		}
		content, err := os.ReadFile(filepath.Join(folder, one.File))
		if err != nil {
			return fmt.Errorf("reading object %s of a recovery point: %w", one.Key, err)
		}
		if _, err := g.callS3(ctx, region, http.MethodPut, bucket+"/"+one.Key, nil, one.Header, content); err != nil {
			return err
		}
	}
	return nil
}

// markersAbove returns the delete markers that are newer than a version of a key; ok says that the version is there and nothing else
// is newer.
func markersAbove(versions []objectVersion, versionID string) (markers []objectVersion, ok bool) {
	index := slices.IndexFunc(versions, func(version objectVersion) bool { return version.VersionID == versionID && !version.isMarker() })
	if index < 0 {
		return nil, false
	}
	for _, version := range versions[:index] {
		if !version.isMarker() {
			return nil, false
		}
		markers = append(markers, version)
	}
	return markers, true
}
