package tools

import (
	"net/url"
	"strings"
	"testing"
)

func TestTheURLOfAMirrorIsReadOrRefused(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       string // the URL; empty for a refusal
		reason     string // in the refusal
	}{
		{"a mirror by https", "https://mirror.example.com/pulumi/releases", "https://mirror.example.com/pulumi/releases", ""},
		{"slashes at its end are dropped", "https://mirror.example.com//", "https://mirror.example.com", ""},
		{"a port and a user are kept", "https://ann:phrase@mirror.example.com:8443/r", "https://ann:phrase@mirror.example.com:8443/r", ""},
		{"this machine by http", "http://127.0.0.1:9000", "http://127.0.0.1:9000", ""},
		{"this machine by name", "http://localhost:9000/r", "http://localhost:9000/r", ""},
		{"this machine by IPv6", "http://[::1]:9000", "http://[::1]:9000", ""},
		{"another machine by http", "http://mirror.example.com/r", "", "mirror.example.com is another"},
		{"a name that only begins like this machine's", "http://localhost.example.com", "", "is another"},
		{"no scheme", "mirror.example.com/r", "", "no https URL"},
		{"a file", "file:///srv/releases", "", "no https URL"},
		{"no host", "https:///releases", "", "names no host"},
		{"a query", "https://mirror.example.com/r?token=phrase", "", "a query or a fragment"},
		{"an empty query", "https://mirror.example.com/r?", "", "a query or a fragment"},
		{"a fragment", "https://mirror.example.com/r#x", "", "a query or a fragment"},
		{"what is no URL", "https://mirror.example.com:port/phrase", "", "it is no URL"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv(ReleasesVariable, c.text)
			got, err := ReleasesFromEnvironment()
			if c.want != "" {
				if err != nil || got.URL != c.want {
					t.Errorf("got %q, %v, want %q", got.URL, err, c.want)
				}
				return
			}
			for _, want := range []string{ReleasesVariable, c.reason} {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want an error with %q", err, want)
				}
			}
			if err != nil && strings.Contains(err.Error(), "phrase") {
				t.Errorf("%v shows what may be a password", err)
			}
		})
	}
}

func TestWithoutAMirrorPulumisOwnHostIsMeant(t *testing.T) {
	t.Setenv(ReleasesVariable, "")
	got, err := ReleasesFromEnvironment()
	if full := got.orPublished(); err != nil || full.URL != publishedURL || full.DecideWithin != decideWithin || full.Stall != stall {
		t.Errorf("got %+v, %v", full, err)
	}
	if mirror := (Releases{URL: "https://mirror.example.com"}).orPublished(); mirror.DecideWithin != decideWithin || mirror.Stall != stall {
		t.Errorf("a mirror has the bounds %v and %v, want those of Pulumi's host", mirror.DecideWithin, mirror.Stall)
	}
}

func TestAMirrorsPasswordIsNotPrinted(t *testing.T) {
	h := newHost(t).without("sdk/")
	o := h.options(t, t.Output())
	var log strings.Builder
	o.Log = &log
	o.Releases.URL = strings.Replace(h.URL, "://", "://ann:phrase@", 1)
	_, err := Ensure(t.Context(), o)
	if err == nil || !strings.Contains(err.Error(), "404") || strings.Contains(err.Error()+log.String(), "phrase") {
		t.Errorf("got %v and the log %q, want a 404 and no password", err, log.String())
	}
}

func FuzzAMirrorIsHTTPSOrThisMachine(f *testing.F) {
	for _, seed := range []string{
		"https://a/b", "http://127.0.0.1:1/", "http://[::1]", "http://127.0.0.1@evil.example/", "HTTP://LOCALHOST", "https://a\\b",
		"http://0x7f.1", "",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := ParseReleasesURL(text)
		if err != nil {
			return
		}
		parsed, err := url.Parse(got + "/sdk/archive.tar.gz")
		if err != nil || parsed.RawQuery != "" || parsed.Fragment != "" || !strings.HasSuffix(parsed.Path, "/sdk/archive.tar.gz") {
			t.Errorf("%q is read as %q, to which no path can be appended (%v)", text, got, err)
		}
		if err == nil && parsed.Scheme != "https" && !isLoopback(parsed.Hostname()) {
			t.Errorf("%q is read as %q, which is neither https nor this machine", text, got)
		}
	})
}
