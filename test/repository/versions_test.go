package repository

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// toolVersions reads .tool-versions: a tool and its version in each line that is not a comment.
func toolVersions(t *testing.T) map[string]string {
	t.Helper()
	versions := map[string]string{}
	for line := range strings.Lines(read(t, ".tool-versions")) {
		line, _, _ = strings.Cut(line, "#")
		switch words := strings.Fields(line); len(words) {
		case 0:
		case 2:
			versions[words[0]] = words[1]
		default:
			t.Fatalf(".tool-versions has the line %q, want a tool and its version", line)
		}
	}
	return versions
}

// goModules returns the folders of all modules of the repository.
func goModules(t *testing.T) []string {
	t.Helper()
	var folders []string
	err := filepath.WalkDir(root, func(file string, entry os.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "node_modules" || entry.Name() == ".git" || entry.Name() == ".state"):
			return filepath.SkipDir
		case entry.Name() == "go.mod":
			folder, err := filepath.Rel(root, filepath.Dir(file))
			folders = append(folders, filepath.ToSlash(folder))
			return err
		}
		return nil
	})
	if err != nil || len(folders) == 0 {
		t.Fatalf("finding the modules: %d, %v", len(folders), err)
	}
	return folders
}

var goDirective = regexp.MustCompile(`(?m)^go (\S+)$`)

func TestEveryModuleIsOfTheGoThatIsInstalled(t *testing.T) {
	want := toolVersions(t)["golang"]
	for _, folder := range goModules(t) {
		found := goDirective.FindStringSubmatch(read(t, filepath.Join(folder, "go.mod")))
		if found == nil || found[1] != want {
			t.Errorf("go.mod of %s says %q, .tool-versions golang %s", folder, found, want)
		}
	}
}

func TestWorkflowsInstallTheVersionsOfToolVersions(t *testing.T) {
	versions := toolVersions(t)
	if got := slices.Sorted(maps.Keys(versions)); !slices.Equal(got, []string{"golang", "nodejs", "python"}) {
		t.Errorf(".tool-versions has %q, want golang, nodejs and python", got)
	}
	exact := regexp.MustCompile(`^\d+\.\d+\.\d+$`)
	for tool, version := range versions {
		if !exact.MatchString(version) {
			t.Errorf(".tool-versions has %s %s, want an exact version", tool, version)
		}
	}
	var setup struct {
		Runs struct {
			Steps []struct {
				Uses string
				With map[string]string
			}
		}
	}
	if err := yaml.Unmarshal([]byte(read(t, ".github/actions/setup/action.yml")), &setup); err != nil {
		t.Fatal(err)
	}
	read := map[string]string{}
	for _, step := range setup.Runs.Steps {
		for input, value := range step.With {
			if strings.HasSuffix(input, "-version-file") || strings.HasSuffix(input, "-version") {
				action, _, _ := strings.Cut(step.Uses, "@")
				read[action+" "+input] = value
			}
		}
	}
	want := map[string]string{
		"actions/setup-go go-version-file":         "go.mod", // which says what .tool-versions says, see above
		"actions/setup-node node-version-file":     ".tool-versions",
		"actions/setup-python python-version-file": ".tool-versions",
	}
	if !maps.Equal(read, want) {
		t.Errorf("the action setup reads its versions from %v, want %v", read, want)
	}
	// A version that a workflow installs beside the action's would be another one a year later.
	_, texts := workflows(t)
	for name, text := range texts {
		for _, tool := range []string{"setup-go@", "setup-node@", "setup-python@"} {
			if strings.Contains(text, tool) {
				t.Errorf("%s uses %s itself, want ./.github/actions/setup", name, tool)
			}
		}
	}
}

func TestTheDevcontainerHasTheVersionsOfToolVersions(t *testing.T) {
	text := read(t, ".devcontainer/devcontainer.json")
	for tool, feature := range map[string]string{"golang": "go", "nodejs": "node", "python": "python"} {
		version := toolVersions(t)[tool]
		pinned := regexp.MustCompile(`"ghcr\.io/devcontainers/features/` + feature + `:\d+\.\d+\.\d+": ` +
			`\{ "version": "` + regexp.QuoteMeta(version) + `"`)
		if !pinned.MatchString(text) {
			t.Errorf("the devcontainer has not the feature %s at an exact version with %s %s, as .tool-versions has it", feature, tool, version)
		}
	}
}
