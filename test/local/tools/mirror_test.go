package tools

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// folderWith is a folder of executables that answer as the CLI does.
func folderWith(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		write(t, filepath.Join(dir, name), fakePulumi)
	}
	return dir
}

func TestWhatAMirrorHasIsInstalledAsReleased(t *testing.T) {
	dir := t.TempDir()
	if err := WriteMirror(dir, folderWith(t, "pulumi", "pulumi-language-go", "pulumi-resource-aws", "pulumi-resource-awsx")); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.FileServer(http.Dir(dir)))
	t.Cleanup(server.Close)
	got, err := Ensure(t.Context(), Options{Root: t.TempDir(), Cache: t.TempDir(), Toolchain: Official, Log: t.Output(),
		Releases: Releases{URL: server.URL}, prerequisites: func(context.Context) error { return nil }})
	if err != nil || complete(folderOf(got), groups()) != nil {
		t.Errorf("got %+v, %v, want every release", got, err)
	}
}

func TestAMirrorHasTheReleasesWhoseBinariesAreThere(t *testing.T) {
	for _, c := range []struct {
		name   string
		files  []string
		kinds  string // the folders of the mirror
		reason string // of a refusal
	}{
		{"the CLI and its language host", []string{"pulumi", "pulumi-language-go"}, "sdk", ""},
		{"a plugin alone", []string{"pulumi-resource-awsx"}, "plugins", ""},
		{"half a release is refused", []string{"pulumi"}, "", "has pulumi and not all of the 2 binaries"},
		{"a folder of something else is refused", []string{"terraform"}, "", "no binary of any release"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			err := WriteMirror(dir, folderWith(t, c.files...))
			if c.reason == "" && err != nil || c.reason != "" && (err == nil || !strings.Contains(err.Error(), c.reason)) {
				t.Errorf("got %v, want an error with %q", err, c.reason)
			}
			if got := strings.Join(namesIn(t, dir), " "); got != c.kinds {
				t.Errorf("the mirror has %q, want %q", got, c.kinds)
			}
		})
	}
	t.Run("a folder that is not there is refused", func(t *testing.T) {
		if err := WriteMirror(t.TempDir(), filepath.Join(t.TempDir(), "none")); err == nil || os.IsExist(err) {
			t.Errorf("got %v", err)
		}
	})
}
