// Package deployed records which policies a stack deploys, as documents in the tree that are evaluated with one another.
//
// A stack's program runs with each profile against the mocks, and reads the outputs that the stacks before it recorded. What it
// deploys is compared with the recorded file. `go test` with -update-policies writes the file anew, in the order of the layers:
// foundation-network, data-global, internal/regionapp, global-edge.
package deployed

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"warmstandby/test/support/contracttest"
	"warmstandby/test/support/pulumitest"
)

var update = flag.Bool("update-policies", false, "write the recorded policies of the stacks anew")

// folder has the recorded files, from the repository's root: one a profile and a project.
const folder = "test/local/permissions/testdata/deployed"

// Profiles are the profiles that are recorded.
var Profiles = []string{"local", "dev", "prod"}

// Stack is what a stack deploys that decides who may do what.
type Stack struct {
	Project string `json:"project"`
	// Roles are the roles, by name.
	Roles map[string]*Role `json:"roles,omitempty"`
	// Resources are the policies of resources, by ARN.
	Resources map[string]json.RawMessage `json:"resources,omitempty"`
	// Outputs are the stack's contract.
	Outputs map[string]any `json:"outputs"`
}

// Role is a role's trust policy, the policies in it, and AWS's own policies that are attached to it.
type Role struct {
	Trust    json.RawMessage            `json:"trust"`
	Policies map[string]json.RawMessage `json:"policies,omitempty"`
	Managed  []string                   `json:"managed,omitempty"`
}

// Upstream returns the options that give a run the recorded outputs of the stacks before it, and ARNs in AWS's form. The stack's
// name is that of contracttest's fixtures, whatever the profile.
func Upstream(t testing.TB, profile string, projects ...string) []pulumitest.Option {
	t.Helper()
	opts := []pulumitest.Option{pulumitest.AWSARNs()}
	for _, project := range projects {
		outputs := resource.NewPropertyMapFromMap(Outputs(t, profile, project))
		opts = append(opts, pulumitest.Stack(contracttest.StackName(project), outputs))
	}
	return opts
}

// Outputs returns the recorded outputs of a stack.
func Outputs(t testing.TB, profile, project string) map[string]any {
	t.Helper()
	var stack Stack
	content, err := os.ReadFile(file(t, profile, project))
	if err == nil {
		err = json.Unmarshal(content, &stack)
	}
	if err != nil {
		t.Fatalf("reading what %s deploys: %v: write it with -update-policies", project, err)
	}
	return stack.Outputs
}

// Check compares what a run has deployed with the recorded file of the profile and the run's project.
func Check(t testing.TB, profile string, recording *pulumitest.Recording) {
	t.Helper()
	got, err := json.MarshalIndent(read(t, recording), "", " ")
	if err != nil {
		t.Fatalf("encoding the policies of %s: %v", recording.Project, err)
	}
	got = append(got, '\n')
	path := file(t, profile, recording.Project)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("reading the recorded policies: %v: write them with -update-policies", err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s with the profile %s deploys other policies than %s has: write it anew with -update-policies and read the difference. "+
			"It deploys\n%s", recording.Project, profile, path, got)
	}
}

// file returns the path of a recorded file.
func file(t testing.TB, profile, project string) string {
	t.Helper()
	at, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		content, err := os.ReadFile(filepath.Join(at, "go.mod"))
		if err == nil && strings.HasPrefix(string(content), "module warmstandby\n") {
			return filepath.Join(at, filepath.FromSlash(folder), profile, project+".json")
		}
		if at == filepath.Dir(at) {
			t.Fatal("the test runs outside the repository: no folder above has the module warmstandby")
		}
		at = filepath.Dir(at)
	}
}
