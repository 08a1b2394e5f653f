package main

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
)

// withoutCredentials is a shell in which AWS's SDK finds no credentials.
func withoutCredentials(t *testing.T) {
	t.Helper()
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_ENDPOINT_URL"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(t.TempDir(), "config"))
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(t.TempDir(), "credentials"))
}

func TestCredentials(t *testing.T) {
	t.Run("none are one line, not one a service", func(t *testing.T) {
		withoutCredentials(t)
		var stdout, stderr strings.Builder
		code := run(t.Context(), []string{"--env", "dev"}, &stdout, &stderr)
		want := "sweep: nothing was looked at: there are no credentials of AWS: log in (aws sso login), or set AWS_PROFILE\n"
		if code != incomplete ||
			stdout.Len() > 0 ||
			stderr.String() != want {
			t.Errorf("exit code %d with %q and %q; want %d with %q", code, stdout.String(), stderr.String(), incomplete, want)
		}
	})
	t.Run("those that AWS refuses, too", func(t *testing.T) {
		withoutCredentials(t)
		asked := 0
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			asked++
			w.WriteHeader(http.StatusForbidden)
			_, _ = w.Write(
				[]byte("<ErrorResponse><Error><Type>Sender</Type><Code>ExpiredToken</Code><Message>expired</Message></Error></ErrorResponse>"),
			)
		}))
		defer server.Close()
		t.Setenv("AWS_ENDPOINT_URL", server.URL)
		t.Setenv("AWS_ACCESS_KEY_ID", "key")
		t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
		var stdout, stderr strings.Builder
		code := run(t.Context(), []string{"--env", "dev"}, &stdout, &stderr)
		if code != incomplete || !strings.Contains(stderr.String(), "AWS refuses the credentials (ExpiredToken): log in") ||
			strings.Count(stderr.String(), "\n") != 1 || asked != 1 {
			t.Errorf("exit code %d after %d requests with %q", code, asked, stderr.String())
		}
	})
}
