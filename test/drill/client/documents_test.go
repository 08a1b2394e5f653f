package client

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"warmstandby/test/drill/evidence"
)

// fakeStorage is an application that signs requests to a store of documents, and that store.
type fakeStorage struct {
	mu     sync.Mutex
	stored map[string]string // content by path
	types  map[string]string
	status int    // of the store; 0 is as it should be
	signs  string // what the application answers; empty is as it should be
}

func (f *fakeStorage) RoundTrip(r *http.Request) (*http.Response, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	answer := func(status int, body string) (*http.Response, error) {
		return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(body))}, nil
	}
	switch {
	case r.URL.Host == "store.test" && f.status != 0:
		return answer(f.status, "")
	case r.URL.Host == "store.test" && r.Header.Get("Authorization") != "":
		return answer(http.StatusBadRequest, "two authorizations")
	case r.URL.Host == "store.test" && r.Method == http.MethodGet:
		content, known := f.stored[r.URL.Path]
		if !known {
			return answer(http.StatusNotFound, "")
		}
		return answer(http.StatusOK, content)
	case r.URL.Host == "store.test":
		content, _ := io.ReadAll(r.Body)
		f.stored[r.URL.Path], f.types[r.URL.Path] = string(content), r.Header.Get("Content-Type")
		return answer(http.StatusOK, "")
	case r.Header.Get("Authorization") != "Bearer t":
		return answer(http.StatusUnauthorized, "")
	case f.signs != "":
		return answer(http.StatusOK, f.signs)
	case strings.HasSuffix(r.URL.Path, "/document"):
		return answer(http.StatusOK, `{"url":"http://store.test`+r.URL.Path+`","method":"`+r.Method+
			`","headers":{"content-type":"text/plain","content-length":"99"}}`)
	case r.Method == http.MethodPost:
		content, _ := io.ReadAll(r.Body)
		number := strings.TrimRight(string(content)[strings.LastIndex(string(content), ":")+1:], "}")
		return answer(http.StatusCreated, `{"id":"id-`+number+`","content":{"number":`+number+`}}`)
	}
	return answer(http.StatusOK, `{"id":"x","content":{}}`)
}

func newFakeStorage() *fakeStorage {
	return &fakeStorage{stored: map[string]string{}, types: map[string]string{}}
}

// client is a client of the application that puts documents to the store.
func (f *fakeStorage) client() *Client {
	return &Client{
		URL: &url.URL{Scheme: "http", Host: "app.test"}, Names: oneRegion{}, HTTP: f, Storage: f, Name: "drill",
		Token: func(context.Context) (string, error) { return "t", nil },
	}
}

func TestPutDocuments(t *testing.T) {
	for _, test := range []struct {
		name    string
		storage bool
		status  int // of the store
		count   int
		good    bool
	}{
		{"each tenth number gets a document", true, 0, 2, true},
		{"an upload that fails is recorded and not repeated", true, http.StatusServiceUnavailable, 2, false},
		{"without a storage no document is put", false, 0, 0, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFakeStorage()
				f.status = test.status
				log := evidence.NewLog(evidence.Evidence{})
				c := f.client()
				if c.Log = log; !test.storage {
					c.Storage = nil
				}
				ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second) // numbers 1 to 20 and perhaps another
				defer cancel()
				c.Run(ctx)
				documents := log.Copy().Documents
				if len(documents) != test.count {
					t.Fatalf("%d documents were put, want %d", len(documents), test.count)
				}
				for _, d := range documents {
					if d.Good() != test.good || d.ID == "" || d.Region != "us-east-1" || d.Number%documentInterval != 0 {
						t.Errorf("a document is recorded as %+v", d)
					}
					path := "/records/" + d.ID + "/document"
					if test.good && (f.stored[path] != documentContent("drill", d.Number) || f.types[path] != documentType) {
						t.Errorf("%s has %q of type %q", path, f.stored[path], f.types[path])
					}
				}
			})
		})
	}
}

func TestCheckDocument(t *testing.T) {
	const path = "/records/id-7/document"
	for _, test := range []struct {
		name   string
		change func(*fakeStorage)
		wrong  string // empty when it is as it should be
	}{
		{"it is there", func(f *fakeStorage) { f.stored[path] = documentContent("drill", 7) }, ""},
		{"it is not there", func(*fakeStorage) {}, "S3 answers 404"},
		{"it is that of another number", func(f *fakeStorage) { f.stored[path] = documentContent("drill", 8) }, "another document"},
		{"the application signs nothing", func(f *fakeStorage) { f.signs = `{}` }, "has no URL"},
		{"the application does not answer with JSON", func(f *fakeStorage) { f.signs = `<` }, "has no URL"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := newFakeStorage()
			test.change(f)
			c := f.client()
			err := c.CheckDocument(t.Context(), c.URL, netip.Addr{}, evidence.Document{ID: "id-7", Number: 7})
			if (err == nil) != (test.wrong == "") || err != nil && !strings.Contains(err.Error(), test.wrong) {
				t.Errorf("the check says %v, want %q", err, test.wrong)
			}
		})
	}
	t.Run("without a token nothing is asked", func(t *testing.T) {
		c := newFakeStorage().client()
		c.Token = func(context.Context) (string, error) { return "", errors.New("no issuer") }
		err := c.CheckDocument(t.Context(), c.URL, netip.Addr{}, evidence.Document{ID: "id-7", Number: 7})
		if err == nil || !strings.Contains(err.Error(), "no issuer") {
			t.Errorf("the check says %v", err)
		}
	})
}
