package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"warmstandby/test/local/tools"
)

// mirrored has the releases come from a mirror of the test's own, with small programs as their binaries.
func mirrored(t *testing.T) {
	t.Helper()
	bin, dir := t.TempDir(), t.TempDir()
	for _, name := range []string{"pulumi", "pulumi-language-go", "pulumi-resource-aws", "pulumi-resource-awsx"} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\necho "+tools.PulumiVersion+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := tools.WriteMirror(dir, bin); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.FileServer(http.Dir(dir)))
	t.Cleanup(server.Close)
	t.Setenv(tools.ReleasesVariable, server.URL)
	t.Setenv("WARMSTANDBY_CACHE", t.TempDir())
}

func TestWhichPluginsAnEnvironmentGets(t *testing.T) {
	for _, c := range []struct {
		environment, toolchain string
		built                  bool // the plugins are to be built, which fails here: the repository has no sources of them
	}{
		{"dev", "", false},
		{"dev", "auto", false},
		{"dev", "official", false},
		{"local", "official", false},
		{"local", "", true},
		{"local", "auto", true},
		{"local-two", "auto", true},
		{"local", "source", true},
	} {
		t.Run(c.environment+" with TOOLCHAIN="+c.toolchain, func(t *testing.T) {
			mirrored(t)
			wanted := toolsFlags{root: t.TempDir(), environment: c.environment, toolchain: c.toolchain}
			got, err := wanted.ensure(t.Context(), t.Output())
			switch {
			case c.built && (err == nil || !strings.Contains(err.Error(), "from source")):
				t.Errorf("got %+v, %v, want an error for lack of the plugins' sources", got, err)
			case !c.built && (err != nil || got.CLI != tools.Official || got.Plugins != tools.Official):
				t.Errorf("got %+v, %v, want official tools alone", got, err)
			}
		})
	}
}

func TestAMirrorThatIsNotToBeTrustedIsRefused(t *testing.T) {
	mirrored(t)
	t.Setenv(tools.ReleasesVariable, "http://mirror.example.com/releases")
	wanted := toolsFlags{root: t.TempDir(), environment: "dev"}
	if got, err := wanted.ensure(t.Context(), t.Output()); err == nil || !strings.Contains(err.Error(), tools.ReleasesVariable) {
		t.Errorf("got %+v, %v, want a refusal that names the variable", got, err)
	}
}

func TestToolsSaysWhereEachGroupComesFrom(t *testing.T) {
	mirrored(t)
	var stdout, stderr bytes.Buffer
	if err := dispatch(t.Context(), []string{"tools", "--root", t.TempDir(), "--env", "dev"}, &stdout, &stderr); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(stdout.String()), "\n")
	if len(lines) != 2 || !strings.HasPrefix(lines[0], "CLI      official  ") || !strings.HasPrefix(lines[1], "plugins  official  ") {
		t.Fatalf("got %q", stdout.String())
	}
	for i, end := range []string{"bin", "home"} {
		dir := lines[i][strings.Index(lines[i], "/"):]
		if _, err := os.Stat(dir); err != nil || filepath.Base(dir) != end {
			t.Errorf("%q names no folder %s (%v)", lines[i], end, err)
		}
	}
}
