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

func TestTheFoldersDifferInTheRegionTheyNameOnly(t *testing.T) {
	toWest := strings.NewReplacer("region-app-east", "region-app-west", "naming.Primary", "naming.Secondary", "primary region", "standby region")
	eastern, western := content(t, stacks[0].folder), content(t, stacks[1].folder)
	for name, text := range eastern {
		eastern[name] = toWest.Replace(text)
	}
	if want := []string{"Pulumi.yaml", "main.go"}; !slices.Equal(slices.Sorted(maps.Keys(eastern)), want) {
		t.Errorf("the east has the files %q, want %q", slices.Sorted(maps.Keys(eastern)), want)
	}
	if !maps.Equal(eastern, western) {
		t.Errorf("the east's files, said of the west, are\n%s\nthe west has\n%s", eastern, western)
	}
}

func TestEachFolderNamesItsProjectAndItsRole(t *testing.T) {
	roles := map[string]string{"primary": "naming.Primary", "secondary": "naming.Secondary"}
	for _, s := range stacks {
		files := content(t, s.folder)
		if !strings.HasPrefix(files["Pulumi.yaml"], "name: "+s.project+"\n") {
			t.Errorf("the project of %s is not %s, which other stacks refer to", s.folder, s.project)
		}
		if want := "regionapp.Deploy(ctx, " + roles[string(s.role)] + ", regionapp.Bundle, pulumiYAML)"; !strings.Contains(files["main.go"], want) {
			t.Errorf("main.go of %s has no %s", s.folder, want)
		}
	}
	// What make builds is what is deployed.
	makefile, err := os.ReadFile("../../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	if built := strings.TrimPrefix(Bundle, "../../"); built != "lambda/app/dist" || !strings.Contains(string(makefile), "$(APP)/dist/index.mjs:") {
		t.Errorf("the stacks deploy %s, which make does not build", built)
	}
}
