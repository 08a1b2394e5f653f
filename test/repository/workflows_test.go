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

// root is the repository, seen from this package.
const root = "../.."

// workflow is what the tests ask of one.
type workflow struct {
	On          yaml.Node
	Permissions *map[string]string
	Jobs        map[string]struct {
		Timeout int `yaml:"timeout-minutes"`
		Steps   []step
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

// step is one of a job or of a composite action.
type step struct{ If, Uses, Run string }

// compositeActions returns the steps of every action of this repository by its folder, as workflows name it, and its file's text.
func compositeActions(t *testing.T) (map[string][]step, map[string]string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, ".github", "actions", "*", "action.yml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("finding the actions: %d, %v", len(files), err)
	}
	steps, texts := map[string][]step{}, map[string]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var action struct {
			Runs struct {
				Using string
				Steps []step
			}
		}
		if err := yaml.Unmarshal(text, &action); err != nil {
			t.Fatalf("reading %s: %v", file, err)
		}
		if action.Runs.Using != "composite" {
			t.Errorf("%s runs %q, want composite: nothing else is read by these tests", file, action.Runs.Using)
		}
		name := "./.github/actions/" + filepath.Base(filepath.Dir(file))
		steps[name], texts[name] = action.Runs.Steps, string(text)
	}
	return steps, texts
}

// allSteps returns the steps of every workflow and of every action of this repository, and the text of each file, by its name.
func allSteps(t *testing.T) (map[string][]step, map[string]string) {
	t.Helper()
	parsed, texts := workflows(t)
	steps, actionTexts := compositeActions(t)
	maps.Copy(texts, actionTexts)
	for name, w := range parsed {
		for _, job := range w.Jobs {
			steps[name] = append(steps[name], job.Steps...)
		}
	}
	return steps, texts
}

// pinned is an action at one commit, with the version that it had there: a tag can be moved, a commit cannot.
var pinned = regexp.MustCompile(`^[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)

// Every action is pinned by its commit with its version beside it.
func TestActionsArePinned(t *testing.T) {
	steps, texts := allSteps(t)
	for name, text := range texts {
		lines := 0
		for line := range strings.Lines(text) {
			_, action, uses := strings.Cut(line, "uses: ")
			if !uses {
				continue
			}
			lines++
			action = strings.TrimSpace(action)
			if _, own := texts[action]; !own && !pinned.MatchString(action) {
				t.Errorf("%s uses %q, want owner/name@<40 hexadecimal digits> # v<version>, or an action of .github/actions", name, action)
			}
		}
		using := 0
		for _, step := range steps[name] {
			if step.Uses != "" {
				using++
			}
		}
		if lines != using {
			t.Errorf("%s: %d lines with an action were looked at, the file has %d steps with one", name, lines, using)
		}
	}
}

func TestEveryActionOfTheRepositoryIsUsed(t *testing.T) {
	own, _ := compositeActions(t)
	steps, _ := allSteps(t)
	used := map[string]bool{}
	for _, all := range steps {
		for _, step := range all {
			used[step.Uses] = true
		}
	}
	for name := range own {
		if !used[name] {
			t.Errorf("%s is used by no workflow", name)
		}
	}
}

func TestEachActionHasOneCommitEverywhere(t *testing.T) {
	_, texts := allSteps(t)
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

// repeatable is a command that everybody can run in a clone: all checks, a target of make, or a Go program of this repository.
var repeatable = regexp.MustCompile(`^(?:\.ci/run|make ([a-z][a-z0-9-]*)|go run \./([\w/.-]+)(?: [a-z]+)*)$`)

func TestTheChecksOfAChangeAreThoseOfTheRepository(t *testing.T) {
	parsed, _ := workflows(t)
	makefile := read(t, "Makefile")
	for _, name := range []string{"ci.yml", "nightly.yml", "advisories.yml"} {
		var runs []string
		for _, job := range parsed[name].Jobs {
			for _, step := range job.Steps {
				if step.Run == "" {
					continue
				}
				runs = append(runs, step.Run)
				found := repeatable.FindStringSubmatch(step.Run)
				switch {
				case found == nil:
					t.Errorf("%s runs %q: what it does beside make and the programs of this repository nobody can repeat", name, step.Run)
				case found[1] != "" && !regexp.MustCompile(`(?m)^`+found[1]+`:`).MatchString(makefile):
					t.Errorf("%s runs %q, which is no target of the Makefile", name, step.Run)
				case found[2] != "":
					if _, err := os.Stat(filepath.Join(root, found[2], "main.go")); err != nil {
						t.Errorf("%s runs %q: %v", name, step.Run, err)
					}
				}
			}
		}
		if len(runs) == 0 {
			t.Errorf("%s runs nothing", name)
		}
		if name == "ci.yml" && !slices.Contains(runs, ".ci/run") {
			t.Errorf("ci.yml runs %q, want .ci/run among them: it is all that a change must pass", runs)
		}
	}
}

func TestWhatAFailedTestLeavesIsKept(t *testing.T) {
	parsed, _ := workflows(t)
	const keep = "./.github/actions/evidence"
	for _, name := range []string{"ci.yml", "nightly.yml"} {
		for id, job := range parsed[name].Jobs {
			tests, kept := -1, -1
			for i, step := range job.Steps {
				switch {
				case step.Run != "" && step.Run != "make lint": // The linters start no platform.
					tests = i
				case step.Uses == keep && step.If == "failure()":
					kept = i
				}
			}
			if tests >= 0 && kept < tests {
				t.Errorf("%s: job %s does not use %s if failure() after its tests: logs and reports would be lost", name, id, keep)
			}
		}
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

func TestNoActionWritesAnExpressionIntoAScript(t *testing.T) {
	steps, _ := compositeActions(t)
	for name, all := range steps {
		for _, step := range all {
			if strings.Contains(step.Run, "${{") {
				t.Errorf("%s writes an expression into a script: hand it over in env\n%s", name, step.Run)
			}
		}
	}
}

func TestADeploymentToAWSUsesNoCache(t *testing.T) {
	_, texts := workflows(t)
	const setup = "      - uses: ./.github/actions/setup\n        with:\n          cache: \"false\""
	if strings.Count(texts["aws.yml"], "./.github/actions/setup") != strings.Count(texts["aws.yml"], setup) {
		t.Errorf("aws.yml sets up with caches: another run's cache could hold anything, and credentials are at hand")
	}
	if strings.Contains(texts["aws.yml"], "actions/cache") {
		t.Errorf("aws.yml restores a cache")
	}
}

// What is deployed to AWS is destroyed and swept however it ends.
func TestAWSWorkflowCleansUp(t *testing.T) {
	parsed, _ := workflows(t)
	var order []string
	for _, job := range parsed["aws.yml"].Jobs {
		for _, step := range job.Steps {
			switch step.Run {
			case "":
			case "make destroy", "make sweep":
				if step.If != "always()" {
					t.Errorf("aws.yml: %s runs if %q, want always()", step.Run, step.If)
				}
				fallthrough
			default:
				order = append(order, strings.Fields(step.Run)[1])
			}
		}
	}
	if want := []string{"doctor", "up", "preview", "destroy", "sweep"}; !slices.Equal(order, want) {
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

// A release is made by what everybody can repeat, in a job that may not publish; what publishes runs nothing of this repository.
func TestReleasesAreBuiltWithoutTheRightToPublish(t *testing.T) {
	parsed, texts := workflows(t)
	const name = "release.yml"
	on := parsed[name].On
	if len(on.Content) != 2 || on.Content[0].Value != "push" || len(on.Content[1].Content) != 2 || on.Content[1].Content[0].Value != "tags" {
		t.Errorf("%s is started by other than a pushed tag", name)
	}
	var jobs struct {
		Jobs map[string]struct {
			Needs       string
			Permissions map[string]string
		}
	}
	if err := yaml.Unmarshal([]byte(texts[name]), &jobs); err != nil {
		t.Fatal(err)
	}
	for id, job := range parsed[name].Jobs {
		permissions := jobs.Jobs[id].Permissions
		for _, step := range job.Steps {
			ours := strings.HasPrefix(step.Uses, "./") || strings.HasPrefix(step.Uses, "actions/checkout@") || strings.Contains(step.Run, "make ")
			if ours && len(permissions) > 0 {
				t.Errorf("%s: job %s has %v and runs %q%q", name, id, permissions, step.Uses, step.Run)
			}
			if len(permissions) == 0 && step.Run != "" && !repeatable.MatchString(step.Run) {
				t.Errorf("%s: job %s runs %q, which nobody can repeat", name, id, step.Run)
			}
		}
	}
	publish, want := jobs.Jobs["publish"], map[string]string{"contents": "write", "id-token": "write", "attestations": "write"}
	if publish.Needs != "build" || !maps.Equal(publish.Permissions, want) {
		t.Errorf("%s: the job publish is %+v, want it after build, with %v", name, publish, want)
	}
	if !strings.Contains(texts[name], "      - uses: ./.github/actions/setup\n        with:\n          cache: \"false\"") {
		t.Errorf("%s sets up with caches: another run's cache could hold anything", name)
	}
}
