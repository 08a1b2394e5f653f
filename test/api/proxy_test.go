package api

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// apiWith is the API, with a record that was deleted, one that has just been created, and no valid body.
func apiWith(asked *http.Request) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*asked = *r.Clone(r.Context())
		w.Header().Set("Content-Type", jsonType)
		w.Header().Set("X-Request-Id", "1")
		switch r.Method + " " + r.URL.Path {
		case "POST /records":
			w.Header().Set("Location", "/records/1")
			w.WriteHeader(http.StatusCreated)
			_, _ = io.WriteString(w, `{"id":"1","version":1}`)
		case "GET /records/1", "DELETE /records/1", "DELETE /records/1/document":
			w.WriteHeader(http.StatusNotFound)
		case "PUT /records/1/document":
			w.WriteHeader(http.StatusUnprocessableEntity)
		case "PUT /records/1":
			w.WriteHeader(http.StatusPreconditionRequired)
		case "PATCH /readyz", "OPTIONS /records":
			w.Header().Set("Allow", "GET, HEAD, POST")
			w.WriteHeader(http.StatusMethodNotAllowed)
		case "GET /records/1/versions":
			if r.Header.Get("Authorization") != "Bearer good" {
				w.WriteHeader(http.StatusUnauthorized)
			}
		}
	})
}

func TestProxy(t *testing.T) {
	start := func(t *testing.T, faults []Fault) (url string, asked *http.Request) {
		t.Helper()
		asked = new(http.Request)
		behind := httptest.NewServer(apiWith(asked))
		t.Cleanup(behind.Close)
		proxy := httptest.NewServer((&Proxy{Target: parse(t, behind.URL), Host: "alb.example", Token: "good", Faults: faults}).Handler())
		t.Cleanup(proxy.Close)
		return proxy.URL, asked
	}
	send := func(t *testing.T, method, url string) (status int, header http.Header, body string) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer bad")
		response, err := http.DefaultTransport.RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, response.Header, string(text)
	}

	t.Run("without faults a request and its answer are as they were", func(t *testing.T) {
		url, asked := start(t, nil)
		status, header, body := send(t, http.MethodPost, url+"/records?a=%zz&b=;")
		if asked.Host != "alb.example" || asked.URL.RawQuery != "a=%zz&b=;" || asked.Header.Get("Authorization") != "Bearer bad" {
			t.Errorf("asked is %s %v", asked.Host, asked.URL)
		}
		if status != http.StatusCreated || header.Get("X-Request-Id") != "1" || body != `{"id":"1","version":1}` {
			t.Errorf("answered is %d %v %s", status, header, body)
		}
	})
	t.Run("each fault spoils its operation's answer, and no other", func(t *testing.T) {
		for _, fault := range Planted {
			t.Run(fault.Check, func(t *testing.T) {
				method, path, _ := strings.Cut(fault.Operation, " ")
				path = strings.ReplaceAll(path, "{id}", "1")
				plain, _ := start(t, nil)
				spoiled, _ := start(t, []Fault{fault})
				for _, url := range []string{plain, spoiled} {
					send(t, http.MethodPost, url+"/records") // Which the proxy remembers.
				}
				status, header, body := send(t, method, plain+path)
				status2, header2, body2 := send(t, method, spoiled+path)
				same := status == status2 && body == body2 && header.Get("X-Request-Id") == header2.Get("X-Request-Id") &&
					header.Get("Allow") == header2.Get("Allow")
				if same {
					t.Errorf("%s is answered with %d %s either way", fault.Operation, status, body)
				}
				status, _, body = send(t, http.MethodHead, plain+"/elsewhere")
				if status2, _, body2 = send(t, http.MethodHead, spoiled+"/elsewhere"); status != status2 || body != body2 {
					t.Errorf("another operation is answered with %d %s, was %d %s", status2, body2, status, body)
				}
			})
		}
	})
}

func parse(t *testing.T, text string) *url.URL {
	t.Helper()
	parsed, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}
