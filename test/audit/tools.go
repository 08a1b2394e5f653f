package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// The tools.
const (
	checkov        = "checkov"
	parliament     = "parliament"
	cloudsplaining = "cloudsplaining"
	cfnLint        = "cfn-lint"
	prowler        = "prowler"
)

// Auditor runs the tools.
type Auditor struct {
	// Root is the repository's folder, Folder one of the run's own, Tools that of the virtual environments, one a requirements file.
	Root, Folder, Tools string

	environ []string // further variables of the tools' environment
}

// tokens is the table with Terraform's names of resource types.
const tokens = "test/local/toolchain/cmd/pulumi-resource-aws/tokens.json"

// States returns what Checkov finds in the resources of production, of which each stack has a file in the folder, and in planted ones.
func (a Auditor) States(ctx context.Context, folder string) ([]Finding, error) {
	table, err := os.ReadFile(filepath.Join(a.Root, filepath.FromSlash(tokens)))
	if err != nil {
		return nil, fmt.Errorf("reading the names of resource types: %w", err)
	}
	types, err := terraformTypes(table)
	if err != nil {
		return nil, err
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("reading the states of production: %d files in %s: %w", len(files), folder, err)
	}
	resources := plantedResources()
	for _, file := range files {
		var made []resource
		if err := readJSON(file, &made); err != nil {
			return nil, err
		}
		resources = append(resources, made...)
	}
	written, err := newPlan(resources, types)
	if err != nil {
		return nil, err
	}
	file, err := a.write("plan.json", written)
	if err != nil {
		return nil, err
	}
	printed, err := a.run(ctx, nil, nil, checkov, "checkov", "--file", file, "--framework", "terraform_plan", "--output", "json",
		"--compact", "--quiet", "--skip-download", "--soft-fail")
	if err != nil {
		return nil, err
	}
	return readCheckov(printed)
}

// readCheckov reads Checkov's report.
func readCheckov(printed []byte) ([]Finding, error) {
	var report struct {
		Results struct {
			FailedChecks []struct {
				ID       string `json:"check_id"`
				Name     string `json:"check_name"`
				Resource string `json:"resource"`
			} `json:"failed_checks"`
			ParsingErrors []string `json:"parsing_errors"`
		} `json:"results"`
		Summary struct{ Passed int }
	}
	if err := json.Unmarshal(printed, &report); err != nil {
		return nil, fmt.Errorf("reading checkov's report: %w: %.300s", err, printed)
	}
	if len(report.Results.ParsingErrors) > 0 || report.Summary.Passed == 0 {
		return nil, fmt.Errorf("checkov read nothing: %d checks passed, errors %q", report.Summary.Passed, report.Results.ParsingErrors)
	}
	var findings []Finding
	for _, failed := range report.Results.FailedChecks {
		_, name, _ := strings.Cut(failed.Resource, ".")
		name = strings.ReplaceAll(name, "/", ":") // path.Match takes a slash for a separator.
		findings = append(findings, Finding{Tool: checkov, Check: failed.ID, Resource: name, Message: failed.Name})
	}
	return findings, nil
}

// Policies returns what parliament, cloudsplaining and cfn-lint find in every policy, and in planted ones.
func (a Auditor) Policies(ctx context.Context) ([]Finding, error) {
	set, err := readPolicies(a.Root)
	if err != nil {
		return nil, err
	}
	set.plant()
	input, err := json.Marshal(set.all())
	if err != nil {
		return nil, fmt.Errorf("encoding the policies: %w", err)
	}
	printed, err := a.run(ctx, input, nil, "policies", "python", filepath.Join(a.Root, "test", "audit", "policies.py"))
	if err != nil {
		return nil, err
	}
	var findings []Finding
	if err := json.Unmarshal(printed, &findings); err != nil {
		return nil, fmt.Errorf("reading what was found in the policies: %w: %.300s", err, printed)
	}
	template, names := set.template()
	file, err := a.write("template.json", template)
	if err != nil {
		return nil, err
	}
	printed, err = a.run(
		ctx,
		nil,
		[]int{2, 4, 6, 8, 10, 12, 14},
		"policies",
		"cfn-lint",
		"--format",
		"json",
		"--regions",
		"us-east-1",
		"--",
		file,
	)
	if err != nil {
		return nil, err
	}
	more, err := readCFNLint(printed, names)
	return append(findings, more...), err
}

// readCFNLint reads cfn-lint's report. Its places are paths in the template, Resources first and a resource's name second.
func readCFNLint(printed []byte, names map[string]string) ([]Finding, error) {
	var report []struct {
		Rule struct {
			ID string `json:"Id"`
		}
		Message  string
		Location struct{ Path []any }
	}
	if err := json.Unmarshal(printed, &report); err != nil {
		return nil, fmt.Errorf("reading cfn-lint's report: %w: %.300s", err, printed)
	}
	var findings []Finding
	for _, match := range report {
		resource := "template"
		if len(match.Location.Path) > 1 {
			logical, _ := match.Location.Path[1].(string)
			resource = names[logical]
		}
		findings = append(findings, Finding{Tool: cfnLint, Check: match.Rule.ID, Resource: resource, Message: match.Message})
	}
	return findings, nil
}

// write writes a file of the run for a tool, as JSON.
func (a Auditor) write(name string, content any) (string, error) {
	text, err := json.Marshal(content)
	file := filepath.Join(a.Folder, name)
	if err == nil {
		err = os.WriteFile(file, text, 0o600)
	}
	if err != nil {
		return "", fmt.Errorf("writing %s: %w", file, err)
	}
	return file, nil
}

// run runs a program of a virtual environment and returns what it prints. It may exit with 0 and with the codes that are named.
func (a Auditor) run(ctx context.Context, input []byte, codes []int, environment, program string, arguments ...string) ([]byte, error) {
	command := exec.CommandContext(ctx, filepath.Join(a.Tools, environment, "bin", program), arguments...)
	command.Dir, command.Stdin = a.Folder, bytes.NewReader(input)
	command.Env = append(os.Environ(), a.environ...)
	var printed, complained bytes.Buffer
	command.Stdout, command.Stderr = &printed, &complained
	err := command.Run()
	var exited *exec.ExitError
	if errors.As(err, &exited) && slices.Contains(codes, exited.ExitCode()) {
		err = nil
	}
	if err != nil {
		return nil, fmt.Errorf("running %s: %w\n%s%.2000s", program, err, complained.String(), printed.String())
	}
	return printed.Bytes(), nil
}
