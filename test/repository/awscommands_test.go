package repository

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	// awsCall is a call of AWS's command line: its service, its operation, and what follows on the line.
	awsCall = regexp.MustCompile(`\baws ([a-z0-9-]+) ([a-z0-9-]+)((?: [^\n` + "`" + `]*)?)`)
	// awsOption is one of its options.
	awsOption = regexp.MustCompile(`--([a-z0-9-]+)`)
	// joined is where a Go string goes on in the next line.
	joined = regexp.MustCompile(`"\s*\+\s*"`)
	// programCall is a call of a program of this repository: its folder, and its flags.
	programCall = regexp.MustCompile(`\bgo run (\./[\w/.-]+)((?: -[\w-]+ [^ \n]+)*)`)
)

// awsModules are the SDK's modules of services that have another name on the command line, and notOperations what the command line does by
// itself, or asks of more than one.
var (
	awsModules    = map[string]string{"s3api": "s3", "service-quotas": "servicequotas"}
	notOperations = []string{"sso login"}
	// globalOptions are those of every command.
	globalOptions = []string{"region", "profile", "query", "output", "proxy"}
)

// The commands of AWS's command line in the guide, and in what the doctor says, are operations of AWS's API with parameters that it has:
// the SDK is made from the same models. Nothing here has an account in which they could be tried.
func TestAWSCommandsExist(t *testing.T) {
	texts := map[string]string{}
	for _, page := range pages {
		texts[page] = read(t, page)
	}
	sources, err := filepath.Glob(filepath.Join(root, "shared/cmd/doctor/*.go"))
	if err != nil || len(sources) == 0 {
		t.Fatalf("the doctor has %d sources: %v", len(sources), err)
	}
	for _, source := range sources {
		if name, err := filepath.Rel(root, source); err == nil && !strings.HasSuffix(name, "_test.go") {
			texts[name] = joined.ReplaceAllString(read(t, name), "")
		}
	}
	checked := 0
	for file, text := range texts {
		for _, call := range awsCall.FindAllStringSubmatch(text, -1) {
			if slices.Contains(notOperations, call[1]+" "+call[2]) || !strings.Contains(call[2], "-") {
				continue
			}
			checked++
			if err := awsOperation(t, call[1], call[2], call[3]); err != nil {
				t.Errorf("%s says %s: %v", file, strings.TrimSpace(call[0]), err)
			}
		}
	}
	const least = 15
	if checked < least {
		t.Errorf("only %d commands were found, want %d at least: the pages were not understood", checked, least)
	}
}

func TestAWSCommandsThatDoNot(t *testing.T) {
	for call, want := range map[[3]string]string{
		{"kms", "create-keys", ""}:                        "kms has no operation CreateKeys",
		{"kms", "create-key", " --explanation x"}:         "CreateKey has no parameter --explanation",
		{"kms", "create-key", " --region x --policy y"}:   "",
		{"nothing", "list-things", ""}:                    "no module of AWS's SDK is of the service nothing",
		{"s3api", "create-bucket", " --bucket=x"}:         "",
		{"service-quotas", "get-service-quota", " --all"}: "GetServiceQuota has no parameter --all",
	} {
		err := awsOperation(t, call[0], call[1], call[2])
		if (err == nil) != (want == "") || err != nil && err.Error() != want {
			t.Errorf("%q: got %v, want %q", call, err, want)
		}
	}
}

// awsOperation says what is wrong with a command of AWS's command line.
func awsOperation(t *testing.T, service, operation, rest string) error {
	t.Helper()
	module := service
	if other, is := awsModules[service]; is {
		module = other
	}
	list := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/aws/aws-sdk-go-v2/service/"+module)
	list.Dir = root
	folder, err := list.Output()
	if err != nil || len(folder) == 0 {
		return fmt.Errorf("no module of AWS's SDK is of the service %s", service)
	}
	name := pascal(operation)
	source, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(folder)), "api_op_"+name+".go"))
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s has no operation %s", service, name)
	}
	if err != nil {
		return err
	}
	_, input, _ := strings.Cut(string(source), "type "+name+"Input struct {")
	input, _, _ = strings.Cut(input, "\n}\n")
	fields := strings.ToLower(input)
	for _, option := range awsOption.FindAllStringSubmatch(rest, -1) {
		if slices.Contains(globalOptions, option[1]) {
			continue
		}
		if !strings.Contains(fields, "\n\t"+strings.ReplaceAll(option[1], "-", "")+" ") {
			return fmt.Errorf("%s has no parameter --%s", name, option[1])
		}
	}
	return nil
}

// pascal is a name of the command line as the SDK has it: create-db-cluster is CreateDBCluster.
func pascal(operation string) string {
	var name strings.Builder
	for word := range strings.SplitSeq(operation, "-") {
		switch word {
		case "db", "aws":
			name.WriteString(strings.ToUpper(word))
		default:
			name.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
	}
	return name.String()
}

// A program of this repository that a page runs is there, and has the flags that the page gives it.
func TestProgramsOfThePagesExist(t *testing.T) {
	found := 0
	for _, page := range pages {
		for _, call := range programCall.FindAllStringSubmatch(strings.ReplaceAll(read(t, page), "\\\n", ""), -1) {
			found++
			sources, err := filepath.Glob(filepath.Join(root, call[1], "*.go"))
			if err != nil || len(sources) == 0 {
				t.Errorf("%s says go run %s, which is no program", page, call[1])
				continue
			}
			var code strings.Builder
			for _, source := range sources {
				content, err := os.ReadFile(source)
				if err != nil {
					t.Fatal(err)
				}
				code.Write(content)
			}
			words := strings.Fields(call[2])
			for i := 0; i < len(words); i += 2 {
				if flag := strings.TrimLeft(words[i], "-"); !strings.Contains(code.String(), `"`+flag+`"`) {
					t.Errorf("%s says go run %s -%s, a flag that it has not", page, call[1], flag)
				}
			}
		}
	}
	if found == 0 {
		t.Error("no page runs a program: the pages were not understood")
	}
}
