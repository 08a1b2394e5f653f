package forgery

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// leastAttacks is how many there are at least: fewer than that were once tried by hand, and refused.
const leastAttacks = 400

func newIssuer() Issuer {
	return Issuer{
		Name: "urn:issuer", Audience: "urn:audience", TenantClaim: "tenant", Tenant: "local", Key: newKey(), KeyID: "kid-of-the-issuer",
	}
}

func TestAttacks(t *testing.T) {
	issuer, now := newIssuer(), time.Unix(1_800_000_000, 0)
	attacks := Attacks(issuer, now)
	if len(attacks) < leastAttacks {
		t.Errorf("there are %d attacks, want %d", len(attacks), leastAttacks)
	}
	seen := map[string]bool{}
	ofKind := map[string]int{}
	for _, attack := range attacks {
		if seen[attack.String()] {
			t.Errorf("%s is there twice", attack)
		}
		seen[attack.String()] = true
		ofKind[attack.Kind]++
		for _, values := range attack.Header {
			for _, value := range values {
				if strings.ContainsAny(value, "\x00\r\n") || len(value) > headerLimit {
					t.Errorf("%s: no header takes the value %.80q of %d bytes", attack, value, len(value))
				}
			}
		}
	}
	for _, kind := range kinds {
		const least = 8
		if ofKind[kind.name] < least {
			t.Errorf("%s has %d variants, want %d", kind.name, ofKind[kind.name], least)
		}
	}
}

// refusal answers as the API does.
func refusal(w http.ResponseWriter, status int) {
	w.Header().Set("WWW-Authenticate", `Bearer realm="records"`)
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"type":%q,"status":%d}`, problemTypes[status], status)
}

func TestSend(t *testing.T) {
	attacks := []Attack{
		{Kind: "a key", Name: "another", Status: http.StatusUnauthorized,
			Header: http.Header{"Authorization": {"Bearer abcdefghijklmnopqrstuvw"}}},
		{Kind: "a scope", Name: "none", Status: http.StatusForbidden, Header: http.Header{"Authorization": {"Bearer scopeless"}}, Query: "a=b"},
	}
	requests := []Request{{Method: http.MethodPost, Path: "/records", Body: "{}"}, {Method: http.MethodDelete, Path: "/records/1"}}
	status := func(r *http.Request) int {
		if r.Header.Get("Authorization") == "Bearer scopeless" {
			return http.StatusForbidden
		}
		return http.StatusUnauthorized
	}
	for _, test := range []struct {
		name   string
		answer http.HandlerFunc
		want   []string // parts of the error; none: there is none
	}{
		{"refusals are in order", func(w http.ResponseWriter, r *http.Request) { refusal(w, status(r)) }, nil},
		{
			"a server that admits everybody", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "{}") },
			[]string{
				"a key: another: DELETE /records/1: answered with 200, want 401", "a key: another: POST /records: answered with 200, want 401",
				"a scope: none: DELETE /records/1: answered with 200, want 403", "a scope: none: POST /records: answered with 200, want 403",
			},
		},
		{
			"a server that takes any signature", func(w http.ResponseWriter, _ *http.Request) { refusal(w, http.StatusForbidden) },
			[]string{"a key: another: DELETE /records/1: answered with 403, want 401"},
		},
		{
			"a server that falls over", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
			[]string{"answered with 500, want 401", "answered with 500, want 403"},
		},
		{
			"a refusal that is no problem",
			func(w http.ResponseWriter, r *http.Request) { http.Error(w, "no", status(r)) }, []string{"401 without its problem: text/plain"},
		},
		{
			"a refusal without a challenge", func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "application/problem+json")
				w.WriteHeader(status(r))
				fmt.Fprintf(w, `{"type":%q,"status":%d}`, problemTypes[status(r)], status(r))
			},
			[]string{"403 without a challenge"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := httptest.NewServer(test.answer)
			defer server.Close()
			err := Send(t.Context(), server.Client(), server.URL, attacks, requests)
			if (err == nil) != (test.want == nil) {
				t.Fatalf("got %v, want %q", err, test.want)
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q is not in %v", want, err)
				}
			}
		})
	}
	t.Run("an answer that quotes the token", func(t *testing.T) {
		answer := httptest.NewRecorder()
		refusal(answer, http.StatusUnauthorized)
		body := answer.Body.String()
		quoting := strings.TrimSuffix(body, "}") + `,"detail":"abcdefghijklmnopqrstuvw"}`
		if err := judge(attacks[0], answer.Result(), []byte(quoting)); err == nil || !strings.Contains(err.Error(), "quotes the token") {
			t.Errorf("got %v", err)
		}
		if err := judge(attacks[0], answer.Result(), []byte(body)); err != nil {
			t.Error(err)
		}
	})
}

func TestReadKey(t *testing.T) {
	issuer := newIssuer()
	private, err := issuer.Key.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(jwk(issuer.Key, "k").with("d", encode(private)))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "key.json")
	for _, test := range []struct {
		name, content string
		fails         bool
	}{
		{"a private key", string(text), false},
		{"a public key", string(must(json.Marshal(jwk(issuer.Key, "k")))), true},
		{"no JSON", "{", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			if err := os.WriteFile(file, []byte(test.content), 0o600); err != nil {
				t.Fatal(err)
			}
			var read Issuer
			err := read.ReadKey(file)
			if (err != nil) != test.fails {
				t.Fatalf("got %v", err)
			}
			if err == nil && (!read.Key.Equal(issuer.Key) || read.KeyID != "k") {
				t.Errorf("read %q", read.KeyID)
			}
		})
	}
}
