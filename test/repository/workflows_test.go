package repository

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// root is the repository, seen from this package.
const root = "../.."

// workflow is what the tests ask of one.
type workflow struct {
	On          yaml.Node
	Permissions *map[string]string
	Jobs        map[string]struct {
		Timeout int `yaml:"timeout-minutes"`
		Steps   []struct{ If, Uses, Run string }
	}
}

// workflows returns every workflow by its file's name, and its text.
func workflows(t *testing.T) (map[string]workflow, map[string]string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, ".github", "workflows", "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("finding the workflows: %d, %v", len(files), err)
	}
	parsed, texts := map[string]workflow{}, map[string]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var w workflow
		if err := yaml.Unmarshal(text, &w); err != nil {
			t.Fatalf("reading %s: %v", file, err)
		}
		parsed[filepath.Base(file)], texts[filepath.Base(file)] = w, string(text)
	}
	return parsed, texts
}

// pinned is an action at one commit, with the version that it had there: a tag can be moved, a commit cannot.
var pinned = regexp.MustCompile(`^[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)

func TestEveryActionIsPinnedByItsCommitWithItsVersionBesideIt(t *testing.T) {
	parsed, texts := workflows(t)
	for name, text := range texts {
		lines := 0
		for line := range strings.Lines(text) {
			_, action, uses := strings.Cut(line, "uses: ")
			if !uses {
				continue
			}
			lines++
			if action = strings.TrimSpace(action); !pinned.MatchString(action) {
				t.Errorf("%s uses %q, want owner/name@<40 hexadecimal digits> # v<version>", name, action)
			}
		}
		steps := 0
		for _, job := range parsed[name].Jobs {
			for _, step := range job.Steps {
				if step.Uses != "" {
					steps++
				}
			}
		}
		if lines != steps {
			t.Errorf("%s: %d lines with an action were looked at, the file has %d steps with one", name, lines, steps)
		}
	}
}

func TestEachActionHasOneCommitEverywhere(t *testing.T) {
	_, texts := workflows(t)
	commits := map[string]string{}
	for name, text := range texts {
		for line := range strings.Lines(text) {
			_, action, _ := strings.Cut(strings.TrimSpace(line), "uses: ")
			owner, commit, uses := strings.Cut(action, "@")
			if !uses {
				continue
			}
			if other, known := commits[owner]; known && other != commit {
				t.Errorf("%s uses %s at %q, another step at %q", name, owner, commit, other)
			}
			commits[owner] = commit
		}
	}
}

func TestTheChecksOfAChangeAreThoseOfTheRepository(t *testing.T) {
	parsed, _ := workflows(t)
	var runs []string
	for _, job := range parsed["ci.yml"].Jobs {
		for _, step := range job.Steps {
			if step.Run != "" {
				runs = append(runs, step.Run)
			}
		}
	}
	if !slices.Equal(runs, []string{".ci/run"}) {
		t.Errorf("ci.yml runs %q, want .ci/run alone: what it does beside that nobody can repeat", runs)
	}
}

func TestWorkflowsHaveFewPermissionsAndAnEnd(t *testing.T) {
	parsed, texts := workflows(t)
	for name, w := range parsed {
		if w.Permissions == nil {
			t.Errorf("%s does not say its permissions: it has the repository's", name)
		} else {
			for scope, access := range *w.Permissions {
				if access != "read" {
					t.Errorf("%s gives all its jobs %s: %s, want read", name, scope, access)
				}
			}
		}
		for job, is := range w.Jobs {
			if is.Timeout == 0 {
				t.Errorf("%s: job %s has no timeout-minutes", name, job)
			}
			for _, step := range is.Steps {
				// What somebody else writes, such as a branch's name, would be read as a part of the script.
				if strings.Contains(step.Run, "${{") {
					t.Errorf("%s: job %s writes an expression into a script: hand it over in env\n%s", name, job, step.Run)
				}
			}
		}
		// It runs a stranger's change with this repository's secrets.
		if strings.Contains(texts[name], "pull_request_target") {
			t.Errorf("%s runs on pull_request_target", name)
		}
	}
}

func TestWhatIsDeployedToAWSIsDestroyedAndSweptHoweverItEnds(t *testing.T) {
	parsed, _ := workflows(t)
	var order []string
	for _, job := range parsed["aws.yml"].Jobs {
		for _, step := range job.Steps {
			switch {
			case step.Run == "":
			case step.Run == "make destroy" || step.Run == "make sweep":
				if step.If != "always()" {
					t.Errorf("aws.yml: %s runs if %q, want always()", step.Run, step.If)
				}
				fallthrough
			default:
				order = append(order, strings.Fields(step.Run)[1])
			}
		}
	}
	if want := []string{"up", "preview", "destroy", "sweep"}; !slices.Equal(order, want) {
		t.Errorf("aws.yml makes %q, want %q", order, want)
	}
}

func TestOnlyAPersonStartsADeploymentToAWS(t *testing.T) {
	parsed, _ := workflows(t)
	on := parsed["aws.yml"].On
	var triggers []string
	for i := 0; i < len(on.Content); i += 2 {
		triggers = append(triggers, on.Content[i].Value)
	}
	if !slices.Equal(triggers, []string{"workflow_dispatch"}) {
		t.Errorf("aws.yml is started by %q, want workflow_dispatch alone", triggers)
	}
}
