package regionapp

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const projects = "../.."

// content returns the files of a stack's folder by name, without the settings that Pulumi keeps of each deployment.
func content(t *testing.T, folder string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(projects, folder))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), "Pulumi.") && entry.Name() != "Pulumi.yaml" {
			continue
		}
		text, err := os.ReadFile(filepath.Join(projects, folder, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[entry.Name()] = string(text)
	}
	return files
}

func TestFolders(t *testing.T) {
	t.Run("the folders differ in nothing but their region", func(t *testing.T) {
		t.Parallel()
		toWest := strings.NewReplacer(
			"region-app-east", "region-app-west", "naming.Primary", "naming.Secondary", "primary region", "standby region",
		)
		eastern, western := content(t, eastStack.folder), content(t, westStack.folder)
		for name, text := range eastern {
			eastern[name] = toWest.Replace(text)
		}
		if want := []string{"Pulumi.yaml", "main.go"}; !slices.Equal(slices.Sorted(maps.Keys(eastern)), want) {
			t.Errorf("the east has the files %q, want %q", slices.Sorted(maps.Keys(eastern)), want)
		}
		if !maps.Equal(eastern, western) {
			t.Errorf("the east's files, with the west's words, are\n%s\nthe west has\n%s", eastern, western)
		}
	})
}

func TestPrograms(t *testing.T) {
	t.Run("each folder has its project and deploys its role, with the bundle that make builds", func(t *testing.T) {
		t.Parallel()
		roles := map[string]string{"primary": "naming.Primary", "secondary": "naming.Secondary"}
		for _, s := range stacks {
			files := content(t, s.folder)
			if !strings.HasPrefix(files["Pulumi.yaml"], "name: "+s.project+"\n") {
				t.Errorf("the project of %s is not %s, which other stacks refer to", s.folder, s.project)
			}
			if want := "regionapp.Deploy(ctx, " + roles[string(s.role)] + ", regionapp.Bundle)"; !strings.Contains(files["main.go"], want) {
				t.Errorf("main.go of %s has no %s", s.folder, want)
			}
		}
		// The bundle that make builds is the one that is deployed.
		makefile, err := os.ReadFile("../../../Makefile")
		if err != nil {
			t.Fatal(err)
		}
		built := strings.TrimPrefix(Bundle, "../../")
		if built != "lambda/app/dist" || !strings.Contains(string(makefile), "$(APP)/dist/index.mjs:") {
			t.Errorf("the stacks deploy %s, which make does not build", built)
		}
	})
}
