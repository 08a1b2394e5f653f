package repository

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// apacheLicence is the SHA-256 of the Apache License 2.0 as https://www.apache.org/licenses/LICENSE-2.0.txt has it.
const apacheLicence = "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"

func TestTheLicenceIsTheStandardText(t *testing.T) {
	if got := fmt.Sprintf("%x", sha256.Sum256([]byte(read(t, ".github/LICENSE")))); got != apacheLicence {
		t.Errorf("the SHA-256 of .github/LICENSE is %s, want %s: the text is not to be changed", got, apacheLicence)
	}
}

// pathOf turns a glob of .golangci.yml into what must exist: the part before its first wildcard, and a pattern for filepath.Glob.
func pathOf(glob string) string {
	glob = strings.TrimPrefix(strings.TrimPrefix(glob, "!"), "${config-path}/")
	before, _, _ := strings.Cut(glob, "*")
	return before
}

func TestLinterRulesNameFoldersThatExist(t *testing.T) {
	var config struct {
		Linters struct {
			Settings struct {
				Depguard struct {
					Rules map[string]struct {
						Files []string
						Deny  []struct{ Pkg, Desc string }
					}
				}
			}
			Exclusions struct {
				Rules []struct{ Path string }
			}
		}
	}
	if err := yaml.Unmarshal([]byte(read(t, ".golangci.yml")), &config); err != nil {
		t.Fatal(err)
	}
	rules := config.Linters.Settings.Depguard.Rules
	for _, name := range []string{"components", "shared", "foundation", "functions", "test-support"} {
		if len(rules[name].Files) == 0 || len(rules[name].Deny) == 0 {
			t.Errorf(".golangci.yml has no rule %s of imports, or one that holds nothing", name)
		}
	}
	exists := func(rule, path string) {
		if _, err := os.Stat(filepath.Join(root, path)); err != nil {
			t.Errorf("rule %s of .golangci.yml names %s: %v", rule, path, err)
		}
	}
	for name, rule := range rules {
		for _, file := range rule.Files {
			if !strings.HasSuffix(file, "$test") {
				exists(name, pathOf(file))
			}
		}
		for _, deny := range rule.Deny {
			if folder, own := strings.CutPrefix(strings.TrimSuffix(deny.Pkg, "$"), "warmstandby/"); own {
				exists(name, folder)
			}
		}
	}
	for _, exclusion := range config.Linters.Exclusions.Rules {
		for _, path := range alternatives(exclusion.Path) {
			exists("exclusions", path)
		}
	}
}

// alternation is a path of an exclusion: ^before(one|two)/after.
var alternation = regexp.MustCompile(`^\^([\w/.-]*)\(([\w/|.-]+)\)/`)

// alternatives returns the folders or the file that an exclusion's pattern names, none for one that looks at file names only.
func alternatives(pattern string) []string {
	if found := alternation.FindStringSubmatch(pattern); found != nil {
		var paths []string
		for _, one := range strings.Split(found[2], "|") {
			paths = append(paths, found[1]+one)
		}
		return paths
	}
	if path, anchored := strings.CutPrefix(pattern, "^"); anchored {
		return []string{strings.ReplaceAll(strings.TrimSuffix(path, "$"), `\.`, ".")}
	}
	return nil
}

func TestAlternatives(t *testing.T) {
	for pattern, want := range map[string][]string{
		"":                                nil,
		`_test\.go$`:                      nil,
		"^test/local/gateway/":            {"test/local/gateway/"},
		`^shared/settings/publickey\.go$`: {"shared/settings/publickey.go"},
		"^shared/(contract|settings)/":    {"shared/contract", "shared/settings"},
		`^(lambda/failover/cloud|test/local/tools/sdk)/.*_test\.go$`: {"lambda/failover/cloud", "test/local/tools/sdk"},
	} {
		if got := alternatives(pattern); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", pattern, got, want)
		}
	}
}

// update is an entry of dependabot.yml.
type update struct {
	Ecosystem   string   `yaml:"package-ecosystem"`
	Directory   string   `yaml:"directory"`
	Directories []string `yaml:"directories"`
	Ignore      []struct {
		Name string `yaml:"dependency-name"`
	} `yaml:"ignore"`
}

func TestDependabotLooksAtEveryManifest(t *testing.T) {
	var config struct {
		Version int
		Updates []update
	}
	if err := yaml.Unmarshal([]byte(read(t, ".github/dependabot.yml")), &config); err != nil {
		t.Fatal(err)
	}
	manifests := map[string]string{"gomod": "go.mod", "npm": "package.json", "pip": "requirements.txt", "github-actions": ""}
	folders := map[string][]string{}
	for _, update := range config.Updates {
		manifest, known := manifests[update.Ecosystem]
		if !known {
			t.Errorf("dependabot.yml has the ecosystem %q, want one of gomod, npm, pip and github-actions", update.Ecosystem)
		}
		directories := update.Directories
		if update.Directory != "" {
			directories = append(slices.Clone(directories), update.Directory)
		}
		for _, folder := range directories {
			folders[update.Ecosystem] = append(folders[update.Ecosystem], folder)
			if _, err := os.Stat(filepath.Join(root, folder, manifest)); err != nil {
				t.Errorf("dependabot.yml, %s: %v", update.Ecosystem, err)
			}
		}
	}
	for _, folder := range goModules(t) {
		// The shim is a folder of the provider's module, and its pins are those of test/local/toolchain.
		if folder == "test/local/toolchain/shim" {
			continue
		}
		if want := strings.TrimSuffix("/"+folder, "/."); !slices.Contains(folders["gomod"], max(want, "/")) {
			t.Errorf("dependabot.yml does not look at the module %s", want)
		}
	}
	actions, _ := compositeActions(t)
	for name := range actions {
		if folder := strings.TrimPrefix(name, "."); !slices.Contains(folders["github-actions"], folder) {
			t.Errorf("dependabot.yml does not look at the action %s", folder)
		}
	}
	for _, folder := range []string{
		"/test/local/emulator", "/test/tools", "/test/audit/checkov", "/test/audit/policies", "/test/audit/prowler",
	} {
		if !slices.Contains(folders["pip"], folder) {
			t.Errorf("dependabot.yml does not look at requirements.txt of %s", folder)
		}
	}
	if !slices.Contains(folders["npm"], "/lambda/app") || !slices.Contains(folders["github-actions"], "/") {
		t.Errorf("dependabot.yml looks at %v, want npm of /lambda/app and the workflows", folders)
	}
}

// ownership is a row of CODEOWNERS, filled in or still a comment; its group is the path.
var ownership = regexp.MustCompile(`(?m)^(?:# )?(/[\w./*-]*) +(?:@\S+|<[a-z-]+>)`)

func TestPathsThatHaveAnOwnerExist(t *testing.T) {
	rows := ownership.FindAllStringSubmatch(read(t, ".github/CODEOWNERS"), -1)
	if len(rows) == 0 {
		t.Fatal("CODEOWNERS has no row")
	}
	for _, row := range rows {
		if _, err := os.Stat(filepath.Join(root, row[1])); err != nil {
			t.Errorf("CODEOWNERS names %s: %v", row[1], err)
		}
	}
}

func TestIssueFormsAskSomething(t *testing.T) {
	for _, name := range []string{"bug.yml", "feature.yml"} {
		var form struct {
			Name, Description string
			Body              []struct {
				Type, ID    string
				Attributes  struct{ Label, Value string }
				Validations struct{ Required bool }
			}
		}
		if err := yaml.Unmarshal([]byte(read(t, ".github/ISSUE_TEMPLATE/"+name)), &form); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		required := 0
		for _, field := range form.Body {
			if field.Type != "markdown" && (field.ID == "" || field.Attributes.Label == "") {
				t.Errorf("%s has a field without an id or a label", name)
			}
			if field.Validations.Required {
				required++
			}
		}
		if form.Name == "" || form.Description == "" || required == 0 {
			t.Errorf("%s has the name %q, the description %q and %d required fields, want all three", name, form.Name, form.Description, required)
		}
	}
}

func TestTheChangelogHasASectionForWhatIsNotReleased(t *testing.T) {
	released := regexp.MustCompile(`(?m)^## (.+)$`).FindAllStringSubmatch(read(t, ".github/CHANGELOG.md"), -1)
	form := regexp.MustCompile(`^v\d+\.\d+\.\d+, \d{4}-\d{2}-\d{2}$`)
	for i, heading := range released {
		if i == 0 && heading[1] != "Unreleased" || i > 0 && !form.MatchString(heading[1]) {
			t.Errorf("section %d of the changelog is %q, want Unreleased first and then v0.1.0, 2006-01-02", i+1, heading[1])
		}
	}
	if len(released) < 2 {
		t.Errorf("the changelog has %d sections, want Unreleased and one release at least", len(released))
	}
}

// topLevel is all that the repository's folder holds, beside files whose name begins with a dot. A program that `go build` leaves there
// is found here before it is committed.
var topLevel = []string{"Makefile", "README.md", "go.mod", "go.sum", "lambda", "shared", "stacks", "test"}

func TestTheTopLevelHoldsNothingElse(t *testing.T) {
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), ".") {
			got = append(got, entry.Name())
		}
	}
	if !slices.Equal(got, topLevel) {
		t.Errorf("the top level holds %q, want %q: move what is new into one of the folders", got, topLevel)
	}
}
