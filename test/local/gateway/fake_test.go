package gateway

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"warmstandby/test/local/fault"
)

const account = "111122223333"

// fake is a gateway in front of an emulator of the test's own.
type fake struct {
	t       *testing.T
	url     string // the gateway's
	gateway *Gateway
	folder  string
	saves   atomic.Int32
	touches atomic.Int32
	failing atomic.Bool // saves fail
	faults  fault.Store
}

// newFake starts a gateway whose emulator is the handler.
func newFake(t *testing.T, folder string, emulator http.HandlerFunc) *fake {
	t.Helper()
	backend := httptest.NewServer(emulator)
	t.Cleanup(backend.Close)
	base, err := url.Parse(backend.URL)
	if err != nil {
		t.Fatal(err)
	}
	f := &fake{t: t, folder: folder}
	gateway, err := New(Options{
		Emulator: base,
		Folder:   folder,
		Regions:  []string{"us-east-1", "us-west-2"},
		Save: func(func()) error {
			if f.failing.Load() {
				return errors.New("no space left")
			}
			f.saves.Add(1)
			return nil
		},
		Touch:  func() { f.touches.Add(1) },
		Faults: &f.faults,
		Log:    log.New(io.Discard, "", 0),
	})
	if err != nil {
		t.Fatal(err)
	}
	f.gateway = gateway
	front := httptest.NewServer(gateway)
	t.Cleanup(front.Close)
	f.url = front.URL
	return f
}

// ec2 sends an EC2 operation, given as Key, value, Key, value, and returns the answer.
func (f *fake) ec2(region, action string, fields ...string) (status int, body string) {
	f.t.Helper()
	return f.query(region, "ec2", action, fields...)
}

// json sends an operation of the JSON protocol, "AWSEvents.PutRule", and returns the answer.
func (f *fake) json(region, service, target, input string) (status int, body string) {
	f.t.Helper()
	request := f.request(http.MethodPost, "/", region, service, "application/x-amz-json-1.1", input)
	request.Header.Set(targetHeader, target)
	return f.send(request)
}

// query sends a query-protocol operation, given as Key, value, Key, value, and returns the answer.
func (f *fake) query(region, service, action string, fields ...string) (status int, body string) {
	f.t.Helper()
	form := url.Values{"Action": {action}}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return f.send(f.request(http.MethodPost, "/", region, service, "application/x-www-form-urlencoded; charset=utf-8", form.Encode()))
}

// request makes a request; one without a region is not signed.
func (f *fake) request(method, path, region, service, contentType, body string) *http.Request {
	f.t.Helper()
	request, err := http.NewRequestWithContext(f.t.Context(), method, f.url+path, strings.NewReader(body))
	if err != nil {
		f.t.Fatal(err)
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	if region != "" {
		request.Header.Set(
			"Authorization",
			fmt.Sprintf("AWS4-HMAC-SHA256 Credential=test/20250101/%s/%s/aws4_request, SignedHeaders=host, Signature=0", region, service),
		)
	}
	return request
}

func (f *fake) send(request *http.Request) (status int, body string) {
	f.t.Helper()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		f.t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		f.t.Fatal(err)
	}
	return response.StatusCode, string(content)
}

// canned answers each EC2 action with its text.
func canned(answers map[string]string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		answer, ok := answers[r.FormValue("Action")]
		if !ok {
			http.Error(w, "unexpected action "+r.FormValue("Action"), http.StatusNotImplemented)
			return
		}
		io.WriteString(w, answer)
	}
}

// wantParts fails for each part that a text lacks.
func wantParts(t *testing.T, body string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(body, part) {
			t.Errorf("lacks %s:\n%s", part, body)
		}
	}
}
