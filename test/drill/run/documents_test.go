package run

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"warmstandby/test/drill/evidence"
)

// lateStorage signs requests to itself, and has a document from a time on.
type lateStorage struct{ from time.Time }

func (s lateStorage) RoundTrip(r *http.Request) (*http.Response, error) {
	status, body := http.StatusOK, `{"url":"http://store.test/d","method":"GET"}`
	if r.URL.Host == "store.test" {
		if body = "drill 7"; time.Now().Before(s.from) {
			status = http.StatusNotFound
		}
	}
	return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(body))}, nil
}

func TestFindDocuments(t *testing.T) {
	for _, test := range []struct {
		name   string
		after  time.Duration // it is there
		status int           // of the upload
		found  string
	}{
		{"a document that is there is found", 0, http.StatusOK, evidence.Yes},
		{"one that S3 is replicating is waited for", documentsTimeout / 2, http.StatusOK, evidence.Yes},
		{"one that never comes is recorded with what was there", time.Hour, http.StatusOK, "S3 answers 404"},
		{"one that was not acknowledged is not looked for", 0, http.StatusServiceUnavailable, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newFakePlatform().drill(shortScenario())
				storage := lateStorage{time.Now().Add(test.after)}
				d.Client.HTTP, d.Client.Storage, d.Client.Name = storage, storage, "drill"
				d.Log.AddDocument(evidence.Document{Number: 7, ID: "id-7", Status: test.status})
				d.findDocuments(t.Context())
				if found := d.Log.Copy().Documents[0].Found; found != test.found {
					t.Errorf("the document is found to be %q, want %q", found, test.found)
				}
			})
		})
	}
}
