package audit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// furtherChecks are Prowler's checks that its framework for HIPAA lacks and that a planted fault is for.
var furtherChecks = []string{"sqs_queues_server_side_encryption_enabled"}

// Platform returns what Prowler's checks for HIPAA find on a local AWS emulator where the platform is deployed, and in faults that are
// planted there for the time of the run.
func (a Auditor) Platform(ctx context.Context, endpoint string, regions []string) (findings []Finding, err error) {
	checks, err := a.checksForHIPAA()
	if err != nil {
		return nil, err
	}
	on := a
	on.environ = []string{
		"AWS_ENDPOINT_URL=" + endpoint, "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_DEFAULT_REGION=" + regions[0],
	}
	program := filepath.Join(a.Root, "test", "audit", "planted.py")
	defer func() {
		_, removed := on.run(context.WithoutCancel(ctx), nil, nil, prowler, "python", program, "remove")
		err = errors.Join(err, removed)
	}()
	if _, err := on.run(ctx, nil, nil, prowler, "python", program, "plant"); err != nil {
		return nil, err
	}
	arguments := append([]string{"aws", "--check"}, append(checks, furtherChecks...)...)
	arguments = append(append(arguments, "--region"), regions...)
	arguments = append(arguments, "--output-directory", a.Folder, "--output-filename", "prowler", "--output-formats", "json-ocsf",
		"--scan-unused-services", "--no-banner", "--ignore-exit-code-3",
		"--log-level", "ERROR", "--log-file", filepath.Join(a.Folder, "prowler.log"))
	if _, err := on.run(ctx, nil, nil, prowler, "prowler", arguments...); err != nil {
		return nil, err
	}
	report, err := os.ReadFile(filepath.Join(a.Folder, "prowler.ocsf.json"))
	if err != nil {
		return nil, fmt.Errorf("reading Prowler's report: %w", err)
	}
	return readProwler(report)
}

// checksForHIPAA returns the checks of Prowler's framework for HIPAA.
func (a Auditor) checksForHIPAA() ([]string, error) {
	files, err := filepath.Glob(filepath.Join(a.Tools, prowler, "lib", "*", "site-packages", "prowler", "compliance", "aws", "hipaa_aws.json"))
	if err != nil || len(files) != 1 {
		return nil, fmt.Errorf("finding Prowler's framework for HIPAA: %d files: %w", len(files), err)
	}
	var framework struct{ Requirements []struct{ Checks []string } }
	if err := readJSON(files[0], &framework); err != nil {
		return nil, err
	}
	var checks []string
	for _, requirement := range framework.Requirements {
		checks = append(checks, requirement.Checks...)
	}
	slices.Sort(checks)
	if checks = slices.Compact(checks); len(checks) == 0 {
		return nil, fmt.Errorf("reading Prowler's framework for HIPAA, %s: it has no check", files[0])
	}
	return checks, nil
}

// readProwler reads Prowler's report in the form of OCSF. What is for a person to judge is no finding.
func readProwler(report []byte) ([]Finding, error) {
	var results []struct {
		StatusCode string `json:"status_code"`
		Detail     string `json:"status_detail"`
		Severity   string
		Metadata   struct {
			Check string `json:"event_code"`
		}
		Resources []struct{ Name string }
	}
	if err := json.Unmarshal(report, &results); err != nil {
		return nil, fmt.Errorf("reading Prowler's report: %w: %.300s", err, report)
	}
	var findings []Finding
	passed := 0
	for _, result := range results {
		switch {
		case result.StatusCode == "PASS":
			passed++
		case result.StatusCode == "FAIL" && len(result.Resources) > 0:
			findings = append(findings, Finding{
				Tool: prowler, Check: result.Metadata.Check, Resource: nameOf(result.Resources[0].Name, result.Detail),
				Message: result.Severity + ": " + result.Detail,
			})
		}
	}
	if passed == 0 {
		return nil, errors.New("reading Prowler's report: no check passed, so that it saw nothing")
	}
	return findings, nil
}

// groupDetail matches what Prowler says of a security group, which it names by its id alone; the group is its name.
var groupDetail = regexp.MustCompile(`^Security group (\S+) \(sg-[0-9a-f]+\)`)

// nameOf returns a resource's name in which path.Match finds no separator; of a queue, which Prowler names by its URL, the last part.
func nameOf(resource, detail string) string {
	if named := groupDetail.FindStringSubmatch(detail); named != nil {
		return named[1]
	}
	if strings.HasPrefix(resource, "http") {
		return path.Base(resource)
	}
	return strings.ReplaceAll(resource, "/", ":")
}
