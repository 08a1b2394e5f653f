package aurora

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAnInstallationIsTheReleaseThatIsPinned(t *testing.T) {
	installed, err := install()
	if err != nil {
		t.Fatal(err)
	}
	if !isSupported(t.Context(), installed) {
		t.Errorf("%s holds no PostgreSQL %s", installed.Folder, majorVersion)
	}
	if !strings.HasPrefix(string(version), majorVersion+".") {
		t.Errorf("the pinned release %s is not one of PostgreSQL %s", version, majorVersion)
	}
}

func TestProgramsOnPathCountWhenTheyAreOfTheRelease(t *testing.T) {
	for name, test := range map[string]struct {
		programs map[string]string
		want     bool
	}{
		"both of the release": {map[string]string{"postgres": "16.4", "initdb": "16.4"}, true},
		"an older release":    {map[string]string{"postgres": "15.18", "initdb": "15.18"}, false},
		"a newer release":     {map[string]string{"postgres": "17.2", "initdb": "17.2"}, false},
		"no initdb":           {map[string]string{"postgres": "16.4"}, false},
		"nothing":             {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			real, links := t.TempDir(), t.TempDir()
			for program, release := range test.programs {
				script := "#!/bin/sh\necho '" + program + " (PostgreSQL) " + release + "'\n"
				if err := os.WriteFile(filepath.Join(real, program), []byte(script), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			if _, ok := test.programs["postgres"]; ok {
				if err := os.Symlink(filepath.Join(real, "postgres"), filepath.Join(links, "postgres")); err != nil {
					t.Fatal(err)
				}
			}
			t.Setenv("PATH", links)
			found, ok := findOnPath(context.Background())
			if ok != test.want || ok && found.Folder != real {
				t.Errorf("found %v in %s, want %v in %s, where the link leads", ok, found.Folder, test.want, real)
			}
		})
	}
}

func TestAFolderIsOpenWhenAllAboveItAre(t *testing.T) {
	top := t.TempDir()
	inner := filepath.Join(top, "closed", "inner")
	if err := os.MkdirAll(inner, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(top, "closed"), 0o700); err != nil {
		t.Fatal(err)
	}
	for folder, want := range map[string]bool{"/": true, "/missing-folder/inner": true, inner: false, filepath.Join(inner, "missing"): false} {
		if got := isTraversableByAll(folder); got != want {
			t.Errorf("%s is open: %t, want %t", folder, got, want)
		}
	}
}
